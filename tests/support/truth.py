"""How many tables a script makes: by the catalogue of the engine that runs it, or by a plain rule where there is none.

Where the engine refused a CREATE TABLE (a row too long for its storage, say) the table counts all the same: it is in
the script. SQL Server has no engine here; the rule is the number of different names after `CREATE TABLE` at the
beginning of a line, less those after a later `DROP TABLE`. The same rule is used where an engine is not installed.
"""

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import mysql_counts
import postgres_counts
import sqlite_counts
from mariadb import connected, port_of
from mariadb import load as load_mariadb
from postgres import create_roles
from postgres import load as load_postgres

_CREATE = re.compile(r"^\s*CREATE\s+TABLE\b", re.IGNORECASE)
_NAME = (
    r"\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?(?P<name>(?:[\[\"`]?[\w ]+[\]\"`]?\.)?[\[\"`]?[\w# ]+?[\]\"`]?)\s*(?=[(;\n]|$)"
)
_MADE = re.compile(rf"^[ \t]*(?P<what>CREATE|DROP)\s+TABLE{_NAME}", re.IGNORECASE | re.MULTILINE)


@dataclass
class Truths:
    """The engines, and what was decided on the way."""

    postgres_url: str | None
    mariadb_port: int | None
    explained: list[str] = field(default_factory=list)

    def tables(self, script: Path, dialect: str) -> int:
        """The number of tables that a script makes."""
        if dialect == "postgres" and self.postgres_url:
            return self._postgres(script, self.postgres_url)
        if dialect == "mysql" and self.mariadb_port:
            return self._mariadb(script, self.mariadb_port)
        if dialect == "sqlite":
            with closing(sqlite3.connect(":memory:")) as connection:
                connection.executescript(script.read_text("utf-8-sig"))
                return sqlite_counts.counted(connection)["tables"]
        return self._by_rule(script)

    def _postgres(self, script: Path, url: str) -> int:
        import psycopg

        database, refused = load_postgres(url, script)
        with psycopg.connect(database, autocommit=True) as connection:
            number = postgres_counts.counted(connection)["tables"]
        return number + self._refused(script, [line for line, _ in refused])

    def _mariadb(self, script: Path, port: int) -> int:
        refused = load_mariadb(port, script.read_bytes())
        with connected(port) as connection:
            number = mysql_counts.counted(connection)["tables"]
        return number + self._refused(script, [line for line, _ in refused])

    def _refused(self, script: Path, numbers: list[int]) -> int:
        lines = script.read_text("utf-8-sig").splitlines()
        found = sum(bool(_CREATE.match(lines[number - 1])) for number in numbers)
        if found:
            self.explained.append(f"{script.name}: {found} tables that the engine refused count all the same")
        return found

    def _by_rule(self, script: Path) -> int:
        names: set[str] = set()
        for match in _MADE.finditer(script.read_text("utf-8-sig")):
            name = re.sub(r"[\[\]\"`\s]", "", match["name"]).lower()
            names = names | {name} if match["what"].upper() == "CREATE" else names - {name}
        rule = "SQL Server and what has no engine here: counted by the rule that tests/support/truth.py tells"
        if rule not in self.explained:
            self.explained.append(rule)
        return len({name for name in names if not name.startswith("#")})


def truths(postgres_url: str | None, mariadb_url: str | None) -> Truths:
    """With the servers that are there."""
    if postgres_url:
        create_roles(postgres_url)
    return Truths(postgres_url, port_of(mariadb_url) if mariadb_url else None)
