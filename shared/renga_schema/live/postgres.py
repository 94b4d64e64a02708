"""PostgreSQL's catalogue, asked for the statements that would make everything again, as pg_dump asks it.

Left out, as by `pg_dump --no-owner --no-privileges`: owners and grants. What a partition has because its parent has it
is not said again.
"""

from contextlib import closing
from typing import TYPE_CHECKING, Final

from renga_schema.live.postgres_queries import STATEMENTS, UNREAD
from renga_schema.live.script import Script

if TYPE_CHECKING:
    from sqlalchemy import Connection

_SETTINGS: Final = (
    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY",
    # Names are then written in full, and times alike wherever the server stands.
    "SET LOCAL search_path = ''",
    "SET LOCAL standard_conforming_strings = on",
    "SET LOCAL quote_all_identifiers = off",
    "SET LOCAL TimeZone = 'UTC'",
    "SET LOCAL DateStyle = 'ISO, MDY'",
    "SET LOCAL IntervalStyle = 'postgres'",
)


def script(connection: "Connection", shown: str) -> Script:
    """The statements of a database, in an order in which each finds what it needs."""
    found = Script(shown)
    for setting in _SETTINGS:
        connection.exec_driver_sql(setting)
    # A cursor of the driver's own: SQLAlchemy would look for parameters behind every percent sign.
    with closing(connection.connection.cursor()) as cursor:
        for query in STATEMENTS:
            cursor.execute(query)
            found.add(statement for (statement,) in cursor.fetchall())
        for kind, query in UNREAD.items():
            cursor.execute(query)
            for (name,) in cursor.fetchall():
                found.lose(name, kind, "It is left out.")
    return found
