"""SQLite keeps the statements that made a schema, as they were written."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final
from urllib.parse import quote

from renga_schema.live import unreadable
from renga_schema.live.script import Script
from renga_schema.report import Reading

_STATEMENTS: Final = """
    SELECT s.sql FROM sqlite_master AS s
    WHERE s.sql IS NOT NULL AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
      AND NOT (s.type = 'table' AND s.name IN (SELECT name FROM pragma_table_list WHERE type = 'shadow'))
    ORDER BY CASE s.type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, s.rowid
"""
"""Tables first: an index may be older than the table that took another's place. Shadow tables are their module's."""


def read(path: str) -> Reading:
    """Read a database file, which must exist.

    Raises:
        Unreadable: there is no such file, or it is no database.
    """
    shown = f"sqlite:///{path}"
    if not Path(path).is_file():
        raise unreadable(shown, f"there is no file {path}.", "Give the path after three slashes: sqlite:///shop.db.")
    script = Script(shown)
    try:
        with closing(sqlite3.connect(f"file:{quote(path)}?mode=ro", uri=True)) as connection:
            script.add(statement for (statement,) in connection.execute(_STATEMENTS))
    except sqlite3.Error as error:
        raise unreadable(shown, f"{error}.", "Is it a SQLite database, and not open elsewhere?") from None
    return script.reading("sqlite")
