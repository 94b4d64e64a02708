"""What a model read from SQLite's SQL says, as plain facts; `sqlite_catalogue` is the other side."""

import re
from collections.abc import Iterator

from agreement import Fact, Facts, listed
from renga_schema.model import ForeignKey, Index, IndexPart, Object, Ref, Schema, Table

HOME = "main"
"""The namespace of what names none."""
_SPACES = re.compile(r"\s+")


def read(schema: Schema) -> Facts:
    """Everything that is compared about a model; temporary tables, which no file keeps, are not."""
    return dict(_facts(schema))


def plain(text: str) -> str:
    """An expression without what SQLite's own catalogue leaves out: outer parentheses, and spaces that say nothing."""
    plain_text = _SPACES.sub(" ", text).strip()
    while plain_text.startswith("(") and plain_text.endswith(")") and _encloses(plain_text):
        plain_text = plain_text[1:-1].strip()
    return plain_text


def _encloses(text: str) -> bool:
    depth = 0
    for at, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return at == len(text) - 1
    return False


def folded(names: tuple[str, ...]) -> str:
    """Names of columns, which SQLite takes for the same in any case."""
    return listed(name.lower() for name in names)


def _name(item: Object | Ref) -> str:
    return f"{item.namespace or HOME}.{item.name}".lower()


def _facts(schema: Schema) -> Iterator[tuple[Fact, str]]:
    for table in schema.tables:
        if table.persistence != "temporary":
            yield from _table(table)
    for view in schema.views:
        yield Fact(_name(view), "is"), "view"
    for trigger in schema.triggers:
        yield Fact(f"{_name(trigger.table)}/trigger {trigger.name}", "is"), "trigger"


def _table(table: Table) -> Iterator[tuple[Fact, str]]:
    name = _name(table)
    yield Fact(name, "is"), "virtual" if table.module else "table"
    if table.module:
        return
    yield Fact(name, "columns"), listed(column.name for column in table.columns)
    yield Fact(name, "strict"), str(table.strict)
    yield Fact(name, "without rowid"), str(table.without_rowid)
    key = table.primary_key.columns if table.primary_key else ()
    yield Fact(name, "primary key"), folded(key)
    for column in table.columns:
        place = f"{name}/column {column.name}"
        yield Fact(place, "is"), column.type.written.upper()
        yield Fact(place, "null"), "yes" if column.nullable else "no"
        if column.generated:
            yield Fact(place, "generated"), column.generated.storage
        if column.default:
            yield Fact(place, "default"), plain(column.default.text)
    for unique in table.uniques:
        yield Fact(f"{name}/unique {folded(unique.columns)}", "is"), "unique"
    for foreign in table.foreign_keys:
        yield Fact(f"{name}/foreign key {folded(foreign.columns)} {foreign.target.name.lower()}", "is"), _rules(foreign)
    for index in table.indexes:
        yield Fact(f"{name}/index {index.name}", "is"), _index(table, index)


def _rules(key: ForeignKey) -> str:
    return f"{folded(key.referred_columns)} on delete {key.on_delete} on update {key.on_update}"


def _index(table: Table, index: Index) -> str:
    kind = f"{'unique ' if index.unique else ''}{'partial ' if index.predicate else ''}"
    return kind + listed(_part(table, part) for part in index.parts)


def _part(table: Table, part: IndexPart) -> str:
    order = " desc" if part.order == "desc" else ""
    if part.column is None:
        return f"expression{order}"
    column = table.column(part.column)
    collation = part.collation or (column.collation if column else None) or "BINARY"
    return f"{part.column.lower()} {collation.upper()}{order}"
