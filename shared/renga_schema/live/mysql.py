"""MySQL and MariaDB show the statements that would make each object again."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from renga_schema.live.script import Script

if TYPE_CHECKING:
    from sqlalchemy import Connection

_TABLES: Final = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() AND table_type "
_ROUTINES: Final = "SELECT routine_name FROM information_schema.routines WHERE routine_schema = DATABASE() AND "
_TRIGGERS: Final = "SELECT trigger_name FROM information_schema.triggers WHERE trigger_schema = DATABASE() "
_FIRING: Final = "ORDER BY event_object_table, action_timing, event_manipulation, action_order"

# Kind -> the query for its names, and the column of SHOW CREATE that holds the statement.
_KINDS: Final[dict[str, tuple[str, str]]] = {
    "SEQUENCE": (f"{_TABLES} = 'SEQUENCE' ORDER BY 1", "Create Table"),
    "TABLE": (f"{_TABLES} IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1", "Create Table"),
    "VIEW": (f"{_TABLES} = 'VIEW' ORDER BY 1", "Create View"),
}
_BODIES: Final[dict[str, tuple[str, str]]] = {
    "FUNCTION": (f"{_ROUTINES} routine_type = 'FUNCTION' ORDER BY 1", "Create Function"),
    "PROCEDURE": (f"{_ROUTINES} routine_type = 'PROCEDURE' ORDER BY 1", "Create Procedure"),
    "TRIGGER": (_TRIGGERS + _FIRING, "SQL Original Statement"),
    "EVENT": (
        "SELECT event_name FROM information_schema.events WHERE event_schema = DATABASE() ORDER BY 1",
        "Create Event",
    ),
}


def script(connection: "Connection", shown: str) -> Script:
    """The statements of the current database; each kind by name, triggers as they fire."""
    found = Script(shown)
    # What SHOW CREATE writes depends on the mode: without ANSI_QUOTES and the like it is what mysqldump writes.
    connection.exec_driver_sql("SET SESSION sql_mode = ''")
    for kind, (names, column) in _KINDS.items():
        found.add(_shown(connection, kind, names, column, found))
    for kind, (names, column) in _BODIES.items():
        found.add_bodies(_shown(connection, kind, names, column, found))
    return found


def _shown(connection: "Connection", kind: str, names: str, column: str, found: Script) -> Iterator[str]:
    for (name,) in connection.exec_driver_sql(names).fetchall():
        quoted = "`" + name.replace("`", "``").replace("%", "%%") + "`"
        row = connection.exec_driver_sql(f"SHOW CREATE {kind} {quoted}").mappings().one()
        if row[column] is None:  # the body of a routine is for its definer and for who may see them all
            found.lose(name, f"the {kind.lower()}'s definition", "It is left out: this user may not see it.")
        else:
            yield row[column]
