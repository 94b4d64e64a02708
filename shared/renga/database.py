"""Engines of SQLAlchemy as everything here wants them."""

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, create_engine, event, func, make_url, select
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

CONNECT_TIMEOUT_S = 5
_CREATING = 0x72656E676100
"""PostgreSQL's advisory lock: of two that create one table at once, one fails without it."""


def engine(url: str, setting: str) -> Engine:
    """The engine of a database: a file of SQLite, or a server.

    Args:
        url: `sqlite:////folder/file.db`, `postgresql://user@host/database`, or what else SQLAlchemy has a driver for.
            A PostgreSQL that takes more than 20 s over a statement counts as away; more is allowed by
            `?options=-c%20statement_timeout%3D60s`.
        setting: where the URL was given, for errors: a URL may hold a password, so no message repeats it.

    Raises:
        ValueError: it is no URL of a database.
    """
    scheme, _, rest = url.partition(":")
    is_postgres = scheme in {"postgres", "postgresql"}
    try:
        parsed: URL = make_url(f"postgresql+psycopg:{rest}" if is_postgres else url)
    except ArgumentError as error:
        raise ValueError(f"{setting} is no database URL.") from error
    if parsed.get_backend_name() != "sqlite":
        made = create_engine(parsed, pool_pre_ping=True, connect_args={"connect_timeout": CONNECT_TIMEOUT_S})
        if parsed.get_driver_name() == "psycopg":
            event.listen(made, "do_connect", _connect_to_postgres)
        return made
    if not parsed.database or parsed.database == ":memory:":
        raise ValueError(f"{setting} names no file: use sqlite:////folder/file.db.")
    Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    made = create_engine(parsed, connect_args={"timeout": CONNECT_TIMEOUT_S})
    event.listen(made, "connect", _set_up_sqlite)
    return made


def create(connection: Connection, tables: MetaData) -> None:
    """Create what is missing, for as long as this transaction lasts one process at a time where more could try."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_CREATING)))
    for table in tables.sorted_tables:
        connection.execute(CreateTable(table, if_not_exists=True))
        for index in table.indexes:
            connection.execute(CreateIndex(index, if_not_exists=True))


def is_away(error: DBAPIError) -> bool:
    """Whether another try may succeed."""
    return isinstance(error, OperationalError | InterfaceError)


def reason(error: Exception) -> str:
    """The driver's own first line; SQLAlchemy's would repeat the statement and its values."""
    return str(getattr(error, "orig", None) or error).partition("\n")[0]


def _connect_to_postgres(_dialect: Any, _record: Any, arguments: list[Any], given: dict[str, Any]) -> Any:
    from renga._postgres import connect

    return connect(*arguments, **given)


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # Readers do not wait for the writer, and a commit does not wait for the disk: a killed process loses nothing.
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
