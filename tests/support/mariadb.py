"""A real MariaDB server of a test's own, where this machine has one."""

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from hosts import free_port
from mysql_catalogue import databases

if TYPE_CHECKING:
    from pymysql import Connection

MISSING = "no MariaDB server on this machine: install the package mariadb-server"
PASSWORD = "s3cret"
_START_S = 120
"""To start and to stop, on however busy a machine."""
_MEMORY = "/dev/shm"  # noqa: S108 - a private folder is made in it
_SBIN = "/usr/sbin:/usr/local/sbin"
_REFUSAL = re.compile(r"^ERROR (?P<number>\d+) \(\w+\) at line (?P<line>\d+)[^:]*: (?P<reason>.*)$", re.MULTILINE)
HOME = "home"
"""The database of what names none, in `load`."""


class Refused(NamedTuple):
    """A statement that the server did not run."""

    line: int
    reason: str
    """The error's number and message."""


class Programs(NamedTuple):
    """What makes a data folder, and what serves it."""

    install: str
    server: str


def binaries() -> Programs | None:
    """The programs; None where there are none."""
    install = shutil.which("mariadb-install-db")
    server = shutil.which("mariadbd") or shutil.which("mariadbd", path=_SBIN)
    return Programs(install, server) if install and server else None


def port_of(url: str) -> int:
    """The port in what `server` gave."""
    port = urlsplit(url).port
    assert port is not None
    return port


def connected(port: int, flags: int = 0) -> "Connection[Any]":
    """A connection to the server of that port; flags are those of pymysql.constants.CLIENT."""
    import pymysql

    return pymysql.connect(
        host="127.0.0.1", port=port, user="renga", password=PASSWORD, client_flag=flags, autocommit=True
    )


def emptied(port: int, database: str) -> None:
    """Drop every database of the server and make this one, with nothing in it."""
    with connected(port) as connection, connection.cursor() as cursor:
        cursor.execute("SET foreign_key_checks = 0")
        for name in databases(connection):
            cursor.execute("DROP DATABASE `{}`".format(name.replace("`", "``")))
        cursor.execute(f"CREATE DATABASE `{database}`")


def load(port: int, script: bytes) -> list[Refused]:
    """Run a script with the server's own client in `HOME`, where no other database is.

    Returns:
        What the server refused; an error ends one statement, not the script.
    """
    emptied(port, HOME)
    command = ["mariadb", "--no-defaults", "--force", "--default-character-set=utf8mb4"]
    done = subprocess.run(
        [*command, "-h127.0.0.1", f"-P{port}", "-urenga", HOME],
        check=False,
        capture_output=True,
        input=script,
        env=os.environ | {"MYSQL_PWD": PASSWORD},
    )
    messages = done.stderr.decode(errors="replace")
    return [
        Refused(int(match["line"]), f"{match['number']} {match['reason']}") for match in _REFUSAL.finditer(messages)
    ]


@contextmanager
def server(programs: Programs) -> Iterator[str]:
    """The URL of the empty database `trial` of a new server, for the user `renga`.

    Raises:
        RuntimeError: it does not start.
    """
    user = "mysql" if os.geteuid() == 0 else None
    # In memory, where there is such a folder: the server waits for its disk at every statement that makes a table.
    memory = _MEMORY if Path(_MEMORY).is_dir() else None
    with tempfile.TemporaryDirectory(prefix="renga-mariadb-", dir=memory) as made:
        if user:
            shutil.chown(made, user)
        yield from _running(programs, Path(made), user)


def _running(programs: Programs, folder: Path, user: str | None) -> Iterator[str]:
    port, common = free_port(), ["--no-defaults", f"--datadir={folder}/data", f"--tmpdir={folder}"]
    subprocess.run(
        [programs.install, *common, "--skip-test-db"], user=user, cwd=folder, check=True, capture_output=True
    )
    setup = folder / "setup.sql"
    setup.write_text(
        "CREATE DATABASE trial;\n"
        f"CREATE USER renga@'127.0.0.1' IDENTIFIED BY '{PASSWORD}';\n"
        "GRANT ALL ON *.* TO renga@'127.0.0.1';\n"
    )
    run = [programs.server, *common, f"--port={port}", "--bind-address=127.0.0.1", f"--socket={folder}/socket"]
    # It need not survive a power cut.
    run += ["--innodb-flush-log-at-trx-commit=0", "--skip-name-resolve"]
    with (folder / "log").open("wb") as log:
        command = [*run, f"--init-file={setup}"]
        process = subprocess.Popen(command, user=user, cwd=folder, stdout=log, stderr=log)
    try:
        _wait(process, folder, port)
        yield f"mysql://renga:{PASSWORD}@127.0.0.1:{port}/trial"
    finally:
        process.terminate()
        process.wait(_START_S)


def _wait(process: "subprocess.Popen[bytes]", folder: Path, port: int) -> None:
    import pymysql

    deadline = time.monotonic() + _START_S
    while True:
        try:
            pymysql.connect(host="127.0.0.1", port=port, user="renga", password=PASSWORD, database="trial").close()
        except pymysql.err.OperationalError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"MariaDB did not start: {error}: {(folder / 'log').read_text()[-2000:]}") from None
            time.sleep(0.1)
        else:
            return
