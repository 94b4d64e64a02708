"""What is written runs, from top to bottom, on the engine that it is written for."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from renga_schema import Schema, read
from renga_schema.model import Dialect
from renga_schema.writers import write

Case = Callable[[Dialect], Schema]
Run = Callable[[str], list[str]]
SOURCES: list[Dialect] = ["postgres", "mysql", "sqlite"]
START_S = 30


def run_sqlite(script: str) -> list[str]:
    """The error of the script, if any."""
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.executescript(script)
        except sqlite3.Error as error:
            return [str(error)]
    return []


def as_user(name: str, command: list[str]) -> list[str]:
    """The command as that user where we are root: neither server starts as root."""
    return ["runuser", "-u", name, "--", *command] if os.geteuid() == 0 else command


@pytest.fixture(scope="session")
def run_postgres() -> Iterator[Run]:
    """A PostgreSQL of our own on a socket; each script gets an empty database."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb") or next((str(folder / "initdb") for folder in programs), None)
    if found is None or shutil.which("psql") is None:
        pytest.skip("no PostgreSQL server on this machine; Debian has it as postgresql")
    binaries = Path(found).parent
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        data = f"{folder}/data"
        subprocess.run(
            as_user(
                "postgres", [str(binaries / "initdb"), "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8", "-N"]
            ),
            check=True,
            capture_output=True,
        )
        control = as_user("postgres", [str(binaries / "pg_ctl"), "-D", data, "-w", "-l", f"{folder}/log"])
        subprocess.run([*control, "-o", f"-k {folder} -h '' -F", "start"], check=True, stdout=subprocess.DEVNULL)
        client = ["psql", "-h", folder, "-U", "postgres", "-qX"]

        def run(script: str) -> list[str]:
            for statement in ("DROP DATABASE IF EXISTS trial", "CREATE DATABASE trial"):
                subprocess.run([*client, "-c", statement], check=True, capture_output=True)
            return errors([*client, "-d", "trial"], script)

        try:
            yield run
        finally:
            subprocess.run([*control, "-m", "immediate", "stop"], check=True, stdout=subprocess.DEVNULL)


@pytest.fixture(scope="session")
def run_mysql() -> Iterator[Run]:
    """A MariaDB of our own on a socket; each script gets an empty database."""
    binary = shutil.which("mariadbd") or shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin")
    if binary is None or shutil.which("mariadb-install-db") is None:
        pytest.skip("no MariaDB server on this machine; Debian has it as mariadb-server")
    with tempfile.TemporaryDirectory(prefix="my") as folder:
        if os.geteuid() == 0:
            shutil.chown(folder, "mysql")
        common = ["--no-defaults", f"--datadir={folder}/data"]
        subprocess.run(
            as_user("mysql", ["mariadb-install-db", *common, "--auth-root-authentication-method=normal"]),
            check=True,
            capture_output=True,
        )
        socket = f"{folder}/socket"
        server = subprocess.Popen(
            as_user("mysql", [binary, *common, f"--socket={socket}", "--skip-networking", f"--pid-file={folder}/pid"]),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        client = ["mariadb", "--no-defaults", "-S", socket, "-u", "root"]

        def run(script: str) -> list[str]:
            prepare = "DROP DATABASE IF EXISTS trial; DROP DATABASE IF EXISTS archive; CREATE DATABASE trial"
            subprocess.run([*client, "-e", prepare], check=True, capture_output=True)
            return errors([*client, "-f", "trial"], script)

        try:
            wait_for([*client, "-e", "SELECT 1"])
            yield run
        finally:
            subprocess.run([*client, "-e", "SHUTDOWN"], check=False, capture_output=True)
            server.wait(START_S)


def errors(command: list[str], script: str) -> list[str]:
    """What the client says went wrong."""
    result = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
    return [line for line in result.stderr.splitlines() if "ERROR" in line]


def wait_for(command: list[str]) -> None:
    """Return once the command succeeds."""
    deadline = time.monotonic() + START_S
    while subprocess.run(command, check=False, capture_output=True).returncode:
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.1)


@pytest.mark.parametrize("source", SOURCES)
def test_sqlite_runs_it(source: Dialect, case: Case) -> None:
    """SQLite runs the script of a schema of every dialect."""
    assert run_sqlite(write(case(source), "sqlite").text) == []


@pytest.mark.connected
@pytest.mark.parametrize("source", SOURCES)
def test_postgres_runs_it(source: Dialect, case: Case, run_postgres: Run) -> None:
    """PostgreSQL runs the script of a schema of every dialect."""
    assert run_postgres(write(case(source), "postgres").text) == []


@pytest.mark.connected
@pytest.mark.parametrize("source", SOURCES)
def test_mysql_runs_it(source: Dialect, case: Case, run_mysql: Run) -> None:
    """MariaDB runs the script of a schema of every dialect."""
    assert run_mysql(write(case(source), "mysql").text) == []


SHORT = {"postgres": ["helpdesk", "northwind", "exo"], "mysql": ["lychee", "northwind", "mantis", "dotclear"]}


@pytest.mark.connected
@pytest.mark.parametrize("target", ["postgres", "mysql", "sqlite"])
def test_real_schemas_run_everywhere(target: Dialect, shared_material: Path, run_postgres: Run, run_mysql: Run) -> None:
    """A handful of real dumps run on every engine, whatever dialect they come from."""
    run = {"postgres": run_postgres, "mysql": run_mysql, "sqlite": run_sqlite}[target]
    for source, names in SHORT.items():
        for name in names:
            path = shared_material / "corpus" / "apps" / source / f"{name}.sql"
            schema = read(path.read_bytes(), dialect=source).schema  # type: ignore[arg-type]  # a key of SHORT
            script = write(schema, target).text
            if target == "mysql":
                script = f"DROP DATABASE IF EXISTS {name};\n{script}"
            assert run(script) == [], f"{source}/{name} for {target}"
