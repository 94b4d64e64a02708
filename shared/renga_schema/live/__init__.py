"""Read the schema of a live database.

A database is asked for the statements that would make it again, and those are read as any script is: there is one
truth about what SQL means. Reading changes nothing in the database.
"""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from renga_schema.errors import Unreadable
from renga_schema.model import Dialect, Origin
from renga_schema.report import Diagnostic, Reading

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from renga_schema.live.script import Script

__all__ = ["read_database"]

_SCHEMES: Final[dict[str, Dialect]] = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
}
_DRIVERS: Final[dict[Dialect, str]] = {"postgres": "postgresql+psycopg", "mysql": "mysql+pymysql"}
_TIMEOUT_S: Final = 10


def read_database(url: str) -> Reading:
    """Read the schema of a database.

    PostgreSQL (13 and newer) is read in all its namespaces but the system's, without owners and grants; MySQL and
    MariaDB in the database that the URL names; SQLite from its file, which needs no driver. What an extension brought,
    and what a parent handed down to its partitions, is left to the extension and the parent.

    Args:
        url: `postgresql://user:password@host:port/name`, `mysql://...`, `mariadb://...` or `sqlite:///path`. A driver
            after the scheme (`postgresql+asyncpg`) is ignored.

    Returns:
        The schema; its origins lie in the statements that the database gave. What cannot be asked for is in the
        ledger.

    Raises:
        Unreadable: the database cannot be reached or refuses to be read; the message never holds the password.
        ValueError: the URL names no database that can be read.
        ModuleNotFoundError: the drivers are not installed: `pip install renga[sql]`.
    """
    scheme, mark, rest = url.partition("://")
    dialect = _SCHEMES.get(scheme.partition("+")[0].lower())
    if not mark or dialect is None:
        close = get_close_matches(scheme.lower(), _SCHEMES, n=1)
        hint = f"Did you mean {close[0]}://?" if close else f"There are {', '.join(f'{name}://' for name in _SCHEMES)}."
        raise ValueError(f"{scheme}:// is no database that can be read. {hint}")
    if dialect == "sqlite":
        from renga_schema.live import sqlite

        return sqlite.read(rest.removeprefix("/").partition("?")[0])
    return _read_served(dialect, rest)


def _read_served(dialect: Dialect, rest: str) -> Reading:
    try:
        from sqlalchemy import create_engine, make_url
        from sqlalchemy.exc import ArgumentError, DBAPIError
        from sqlalchemy.pool import NullPool
    except ModuleNotFoundError as error:
        message = f"{error.name} is not installed, which reading a live database needs: pip install 'renga[sql]'."
        raise ModuleNotFoundError(message, name=error.name) from None
    try:
        url = make_url(f"{_DRIVERS[dialect]}://{rest}")
    except (ArgumentError, ValueError):
        raise ValueError(
            f"This is no URL of a {dialect} database; one looks like user:password@host:port/name."
        ) from None
    shown = url.set(drivername=url.get_backend_name()).render_as_string(hide_password=True)
    if dialect == "mysql" and not url.database:
        raise ValueError(f"{shown} names no database; add its name at the end.")
    engine = create_engine(url, poolclass=NullPool, connect_args={"connect_timeout": _TIMEOUT_S})
    try:
        with engine.connect() as connection:
            return _script(dialect, connection, shown).reading(dialect)
    except DBAPIError as error:
        reason = _one_line(str(error.orig))
        if url.password:
            reason = reason.replace(url.password, "***")
        raise unreadable(shown, reason, _advice(reason)) from None


def _script(dialect: Dialect, connection: "Connection", shown: str) -> "Script":
    if dialect == "postgres":
        from renga_schema.live import postgres

        return postgres.script(connection, shown)
    from renga_schema.live import mysql

    return mysql.script(connection, shown)


def unreadable(shown: str, reason: str, advice: str) -> Unreadable:
    """What to raise for a database that cannot be read; `shown` is its URL without the password."""
    return Unreadable(
        Diagnostic(
            severity="error",
            code="READ-DATABASE",
            message=f"The database cannot be read: {reason}",
            origin=Origin(line=1, file=shown),
            help=advice,
        )
    )


def _one_line(text: str) -> str:
    return " ".join(text.split())


_ADVICE: Final = {
    "password authentication": "Check the user and the password in the URL.",
    "access denied": "Check the user and the password in the URL.",
    "does not exist": "Check the names in the URL.",
    "unknown database": "Check the name of the database in the URL.",
    "resolve": "Check the host's name in the URL.",
    "name or service": "Check the host's name in the URL.",
    "permission denied": "Read with a user who may see the catalogue.",
}


def _advice(reason: str) -> str:
    found = (advice for sign, advice in _ADVICE.items() if sign in reason.lower())
    return next(found, "Is the server running, and reachable from here?")
