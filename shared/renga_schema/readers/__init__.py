"""Readers: every description of a schema becomes the one model."""

import re
from dataclasses import replace
from pathlib import PurePath
from typing import Final, get_args

from renga_schema.model import Dialect
from renga_schema.readers.changelogs import is_changelog, is_formatted
from renga_schema.readers.detect import ENDINGS, Detection, Format, detect, detect_format
from renga_schema.readers.migrations import without_undoing
from renga_schema.readers.source import Source, check_characters, decode
from renga_schema.report import Reading

__all__ = ["Detection", "detect", "read"]

_HEAD: Final = 32_000
"""Characters in which a text says what it is."""
_STATEMENT: Final = re.compile(r"^\s*+(?:CREATE|ALTER|DROP|INSERT|COMMENT\s+ON)\s", re.IGNORECASE | re.MULTILINE)
_NATIVE: Final = re.compile(
    r"^(?:dialect|namespaces|extensions|enums|domains|composite_types|sequences|tables|views):", re.MULTILINE
)
"""What a description in Renga's own format begins with, which may hold statements further down."""


def read(
    text: str | bytes,
    *,
    dialect: Dialect | None = None,
    format: str | None = None,  # noqa: A002 - the word that the command line and the events use too
    file: str | None = None,
) -> Reading:
    """Read a description of a schema.

    Args:
        text: The description; bytes are UTF-8, or UTF-16 or UTF-32 with a byte order mark. What is neither is read as
            Windows-1252, with a warning. At most 32 MiB.
        dialect: The SQL dialect; detected where not given. Of a changelog, the database that is meant; of Renga's own
            format, that of its types and expressions where it names none.
        format: `sql`, `yaml` (which takes in JSON), `xml`, `prisma`, `dbml` or `jsonschema`; detected by the file's
            ending, else by the text.
        file: The file's name, for detection and for the origins of what was read.

    A script with both ways of a migration (`-- migrate:down`, `-- +goose Down`) is read for its way forward.

    Returns:
        What was understood, with a diagnostic for each statement that was not. It may be empty.

    Raises:
        Unreadable: the input is empty, too large, or not text.
        ValueError: there is no such dialect or format.
    """
    check_names(dialect, format)
    source = decode(text, file)
    if isinstance(text, str):
        check_characters(source)
    reading = _read(source, dialect, format)
    if source.note is None:
        return reading
    return replace(reading, diagnostics=(source.note, *reading.diagnostics))


def _read(source: Source, dialect: Dialect | None, format_: str | None) -> Reading:
    kind = format_ or (format_beside(source) if dialect else None)
    if kind is None or (kind == "sql" and dialect is None):
        found = detect(source.text, source.file, "sql" if kind else None)
        kind, dialect = found.format, found.dialect
    if is_formatted(source.text) if kind == "sql" else kind in {"xml", "yaml"} and is_changelog(source.text):
        return _read_changelog(source, dialect)
    if kind == "sql" and dialect is not None:
        return _read_sql(Source(without_undoing(source.text), source.file), dialect)
    if kind == "dbml":
        return _read_dbml(source)
    if kind == "prisma":
        return _read_prisma(source)
    if kind == "xml":
        return _read_xml(source, dialect)
    if kind == "jsonschema":
        return _read_json_schema(source)
    return _read_yaml(source, dialect)


def format_beside(source: Source) -> Format:
    """The format of a text of which only the dialect is known: mostly SQL, which needs no guess at the dialect."""
    suffix = PurePath(source.file).suffix.lower() if source.file else ""
    if ENDINGS.get(suffix) == "sql":
        return "sql"
    head = source.text[:_HEAD]
    statement = None if is_changelog(head) else _STATEMENT.search(head)
    if statement and not head.lstrip().startswith(("<", "{")) and not _NATIVE.search(head, 0, statement.start()):
        return "sql"
    return detect_format(head, source.file)


def check_names(dialect: str | None, format_: str | None) -> None:
    """Make sure that there are such a dialect and format, where one is named.

    Raises:
        ValueError: there is none; the message says which there are.
    """
    if dialect is not None and dialect not in get_args(Dialect):
        raise ValueError(f"There is no dialect {dialect!r}; there are {', '.join(get_args(Dialect))}.")
    if format_ is not None and format_ not in get_args(Format):
        raise ValueError(f"There is no format {format_!r}; there are {', '.join(get_args(Format))}.")


# Each reader is imported with the first text that needs it.


def _read_sql(source: Source, dialect: Dialect) -> Reading:
    from renga_schema.readers.sql.reader import read_sql

    return read_sql(source, dialect)


def _read_changelog(source: Source, dialect: Dialect | None) -> Reading:
    from renga_schema.readers.xml.liquibase.changelog import read_changelogs

    return read_changelogs([source], dialect)


def _read_yaml(source: Source, dialect: Dialect | None) -> Reading:
    from renga_schema.readers.yaml import read_yaml

    return read_yaml(source.text, file=source.file, dialect=dialect)


def _read_dbml(source: Source) -> Reading:
    from renga_schema.readers.dbml import read_dbml

    return read_dbml(source.text, file=source.file)


def _read_prisma(source: Source) -> Reading:
    from renga_schema.readers.prisma import read_prisma

    return read_prisma(source.text, file=source.file)


def _read_xml(source: Source, dialect: Dialect | None) -> Reading:
    from renga_schema.readers.xml.reader import read_xml

    return read_xml(source.text, file=source.file, dialect=dialect)


def _read_json_schema(source: Source) -> Reading:
    from renga_schema.readers.json_schema.reader import read_json_schema

    return read_json_schema(source.text, file=source.file)
