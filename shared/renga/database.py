"""Databases as everything here wants them: SQLite or PostgreSQL by one code path, and what is away is tried again."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, MetaData, Row, create_engine, event, func, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError
from sqlalchemy.schema import CreateIndex, CreateTable

from renga.fates import Retry

CONNECT_TIMEOUT_S = 5
_CREATING = 0x72656E676100
"""An advisory lock, as `lock` below."""


class Database:
    """Tables in a database, made at first use. Methods block, may be called from any thread, and raise Retry.

    Args:
        url: see `engine`, which says what it raises.
        setting: likewise.
        tables: what is created where it is missing.
        lock: a number for PostgreSQL's advisory lock, which one writer holds at a time; None: they do not wait.
    """

    def __init__(self, url: str, setting: str, tables: MetaData, *, lock: int | None = None) -> None:
        self._engine = engine(url, setting)
        self._is_postgres = self._engine.dialect.name == "postgresql"
        self._setting = setting
        self._tables = tables
        self._lock = lock
        self._preparing = threading.Lock()
        self._prepared = False
        self.insert = postgresql.insert if self._is_postgres else sqlite.insert
        """SQLAlchemy's, with what both have beyond the standard."""

    def rows(self, query: Any) -> Sequence[Row[Any]]:
        """What a query finds."""
        with self._reached():
            self._prepare()
            with self._engine.connect() as connection:
                return connection.execute(query).all()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction, committed at its end."""
        with self._reached():
            self._prepare()
            with self._engine.begin() as connection:
                self._hold(connection, self._lock)
                yield connection

    def close(self) -> None:
        """Close every connection."""
        self._engine.dispose()

    def _prepare(self) -> None:
        """Committed by itself, so that a writer that is refused undoes nothing that others rely on."""
        with self._preparing:
            if self._prepared:
                return
            with self._engine.begin() as connection:
                # Before tables are locked, or one who writes and one who creates would wait for each other.
                self._hold(connection, self._lock)
                # Of two that create one table at once, one fails.
                self._hold(connection, _CREATING)
                for table in self._tables.sorted_tables:
                    connection.execute(CreateTable(table, if_not_exists=True))
                    for index in table.indexes:
                        connection.execute(CreateIndex(index, if_not_exists=True))
            self._prepared = True

    def _hold(self, connection: Connection, lock: int | None) -> None:
        """Until the end of the transaction. SQLite has one writer anyway."""
        if self._is_postgres and lock is not None:
            connection.execute(select(func.pg_advisory_xact_lock(lock)))

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as error:
            if not is_away(error):
                raise
            raise Retry(f"{self._setting}: the database is away: {reason(error)}") from error


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
