"""SQL Server's system procedures that change a schema: names, descriptions, and statements in strings."""

from typing import Final

from renga_schema.model import Ref
from renga_schema.readers.source import Source
from renga_schema.readers.sql.alter_columns import rename
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.lexer import END, NAME, STRING, tokens
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.moving import move_table
from renga_schema.readers.sql.names import name_key, unquote_name, unquote_string
from renga_schema.readers.sql.outcome import Outcome

_DESCRIPTION: Final = "ms_description"
_MAKES: Final = ("CREATE ", "ALTER ", "DROP ")


def execute(cursor: Cursor, builder: Builder) -> Outcome:
    """EXEC of a procedure, or of a string that is put together while it runs."""
    if cursor.key == "(":
        return _string(cursor, builder)
    procedure = cursor.dotted()[-1].lower() if cursor.at_name and cursor.key[0] != "@" else ""
    rule = _PROCEDURES.get(procedure)
    if rule is None:
        return "noted"
    offset = cursor.offset
    named, given = _arguments(cursor)
    return rule(builder, named, given, offset)


def statement_in_string(cursor: Cursor) -> Cursor | None:
    """The statement of `EXEC ('...')` or `EXEC sp_executesql N'...'` where it is one string and nothing else.

    Its positions are those of the string; the cursor that is given stays where it is.
    """
    mark = cursor.here
    token = _lone_string(cursor)
    cursor.back_to(mark)
    if token is None:
        return None
    start, end = token
    text = cursor.source.text
    line = cursor.source.origin(start).line
    inner = "\n" * (line - 1) + unquote_string(text[start:end], backslashes=False).rstrip("; \r\n\t")
    found = tokens(inner, 0, len(inner), cursor.lexicon)
    return Cursor(Source(inner, cursor.source.file), found, cursor.lexicon, 0, len(found)) if found else None


def _lone_string(cursor: Cursor) -> tuple[int, int] | None:
    if cursor.key == "(":
        inside = cursor.group()
        if not cursor.at_end:
            return None
    elif cursor.at_name and cursor.dotted()[-1].lower() == "sp_executesql":
        inside = cursor
    else:
        return None
    inside.accept("N")
    if not inside.sees(STRING, END):
        return None
    token = inside.advance()
    return token.start, token.end


def _string(cursor: Cursor, builder: Builder) -> Outcome:
    """What a string that is known only in parts would do is lost."""
    place = cursor.origin
    written = cursor.group().rest()
    if any(word in written.upper() for word in _MAKES):
        builder.lose("EXEC", f"a statement put together while it runs ({written[:60]})", "It is not run.", place)
        return "ledger"
    return "noted"


def _arguments(cursor: Cursor) -> tuple[dict[str, str], list[str]]:
    """A call's arguments: `@name = value`, and those by place."""
    named: dict[str, str] = {}
    given: list[str] = []
    for item in cursor.items():
        name = item.advance().key if item.key.startswith("@") and item.peek(1) == "=" else None
        if name is not None:
            item.expect("=")
        value = item.string() if item.key in {STRING, "N"} else item.value() if not item.at_end else ""
        if name is None:
            given.append(value)
        else:
            named[name[1:].lower()] = value
    return named, given


def _rename(builder: Builder, named: dict[str, str], given: list[str], offset: int) -> Outcome:
    """`sp_rename 'what', 'new' [, 'COLUMN' | 'INDEX' | 'OBJECT']`."""
    values = dict(zip(("objname", "newname", "objtype"), given, strict=False)) | named
    path = _path(values.get("objname", ""), builder)
    new = values.get("newname", "")
    kind = values.get("objtype", "object").lower()
    if not path or not new:
        return "noted"
    if kind in {"column", "index"}:
        table = builder.find(builder.tables, _ref(path[:-1])) if len(path) > 1 else None
        if table is None:
            return "noted"
        if kind == "index":
            return _rename_index(builder, table, path[-1], new)
        column = table.column(path[-1])
        if column is not None:
            rename(builder, table, column, new, offset)
        return "applied" if column is not None else "noted"
    table = builder.find(builder.tables, _ref(path))
    if table is not None:
        move_table(builder, table, Ref(name=new, namespace=table.namespace), offset)
        return "applied"
    return _rename_constraint(builder, path[-1], new)


def _rename_index(builder: Builder, table: TableDraft, old: str, new: str) -> Outcome:
    """An index, be it one of its own or that of a key."""
    return "applied" if builder.rename_index(Ref(name=old), new, table) else _rename_constraint(builder, old, new)


def _rename_constraint(builder: Builder, old: str, new: str) -> Outcome:
    for table in builder.tables:
        table.spend(3)
        for constraint in table.constraints():
            if constraint.name and name_key(constraint.name, "mssql") == name_key(old, "mssql"):
                table.replace(constraint, constraint.model_copy(update={"name": new}))
                return "applied"
    return "noted"


def _path(written: str, builder: Builder) -> list[str]:
    """The names in `[dbo].[t].[c]`, as a string holds them."""
    found = tokens(written, 0, len(written), Lexicon.of(builder.dialect))
    return [
        unquote_name(written[token.start : token.end]) if token.key == NAME else written[token.start : token.end]
        for token in found
        if token.key != "."
    ]


def _ref(path: list[str]) -> Ref:
    return Ref(name=path[-1], namespace=path[-2] if len(path) > 1 else None)


_PLACES: Final = ("name", "value", "level0type", "level0name", "level1type", "level1name", "level2type", "level2name")


def _describe(builder: Builder, named: dict[str, str], given: list[str], _: int) -> Outcome:
    """`sp_addextendedproperty` with the name by which the tools know a description."""
    values = dict(zip(_PLACES, given, strict=False)) | named
    if values.get("name", "").lower() != _DESCRIPTION:
        return "noted"
    ref = Ref(name=values.get("level1name", ""), namespace=values.get("level0name"))
    kind, name = values.get("level2type", "").lower(), values.get("level2name", "")
    text = values.get("value") or None
    table, view = builder.find(builder.tables, ref), builder.find(builder.views, ref)
    if table is not None:
        return "applied" if _comment(builder, table, kind, name, text) else "noted"
    if view is None or kind:
        return "noted"
    builder.views.put(view.model_copy(update={"comment": text}))
    return "applied"


def _comment(builder: Builder, table: TableDraft, kind: str, name: str, text: str | None) -> bool:
    """Describe a table or a part of it; say whether it is there."""
    if not kind:
        table.comment = text
    elif kind == "column" and (column := table.column(name)) is not None:
        table.put(column.model_copy(update={"comment": text}))
    elif kind == "constraint" and (constraint := table.constraint(name)) is not None:
        table.replace(constraint, constraint.model_copy(update={"comment": text}))
    elif kind == "index" and (index := table.index(name)) is not None:
        builder.replace_index(table, index, index.model_copy(update={"comment": text}))
    else:
        return False
    return True


_PROCEDURES: Final = {
    "sp_rename": _rename,
    "sp_addextendedproperty": _describe,
    "sp_updateextendedproperty": _describe,
}
