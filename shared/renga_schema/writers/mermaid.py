"""A Mermaid `erDiagram`: https://mermaid.js.org/syntax/entityRelationshipDiagram.html."""

import re
from collections.abc import Iterator
from typing import Final

from renga_schema.catalog import Catalog
from renga_schema.model import Column, ForeignKey, Schema, Table

MOST_EDGES: Final = 500
"""Mermaid draws no more relations than this unless the page that shows it is configured otherwise."""
MOST_COLUMNS: Final = 3_000
"""Beyond this many columns in all a diagram shows the keys alone: Mermaid refuses texts above 50,000 characters."""
_MOST_CHARACTERS: Final = 48_000

_UNSAFE: Final = re.compile(r"[^A-Za-z0-9_]+")


def diagram(schema: Schema) -> str:
    """The tables and their references as a diagram, made smaller until Mermaid accepts it."""
    for detail in ("columns", "keys", "names"):
        text = "\n".join(_lines(schema, detail))
        if len(text) <= _MOST_CHARACTERS:
            return text
    return text[: text.rfind("\n", 0, _MOST_CHARACTERS)]


def _lines(schema: Schema, detail: str) -> Iterator[str]:
    catalog = Catalog(schema)
    names = _names(schema)
    yield "erDiagram"
    for table in schema.tables:
        keys = _marks(table)
        shown = [
            column for column in table.columns if detail == "columns" or (detail == "keys" and (column.name in keys))
        ]
        entity = _entity(names, catalog, table)
        if not shown:
            yield f"    {entity}"
            continue
        yield f"    {entity} {{"
        yield from (f"        {_attribute(column, keys.get(column.name, ''))}" for column in shown)
        yield "    }"
    edges = 0
    for table in schema.tables:
        for key in table.foreign_keys:
            target = catalog.table(key.target)
            if target is None or edges >= MOST_EDGES:
                continue
            edges += 1
            label = ", ".join(key.columns).replace('"', "'")
            one = names[catalog.key(target.ref)]
            yield f'    {one} {_cardinality(catalog, table, key)} {names[catalog.key(table.ref)]} : "{label}"'


def _names(schema: Schema) -> dict[tuple[str | None, str], str]:
    """A safe and unique name for each table."""
    catalog = Catalog(schema)
    names: dict[tuple[str | None, str], str] = {}
    taken: set[str] = set()
    for table in schema.tables:
        safe = base = "t_" * (not str(table.ref)[0].isalpha()) + (_UNSAFE.sub("_", str(table.ref)) or "table")
        number = 2
        while safe.lower() in taken:
            safe, number = f"{base}_{number}", number + 1
        taken.add(safe.lower())
        names[catalog.key(table.ref)] = safe
    return names


def _entity(names: dict[tuple[str | None, str], str], catalog: Catalog, table: Table) -> str:
    """The name, with the real one beside it where they differ."""
    safe = names[catalog.key(table.ref)]
    label = str(table.ref).replace('"', "'")
    return safe if safe == label else f'{safe}["{label}"]'


def _marks(table: Table) -> dict[str, str]:
    """What Mermaid shows beside a column: PK, FK, UK."""
    marks: dict[str, list[str]] = {}
    for name in table.primary_key.columns if table.primary_key else ():
        marks.setdefault(name, []).append("PK")
    for key in table.foreign_keys:
        for name in key.columns:
            if "FK" not in marks.setdefault(name, []):
                marks[name].append("FK")
    for unique in table.uniques:
        if len(unique.columns) == 1 and "UK" not in marks.setdefault(unique.columns[0], []):
            marks[unique.columns[0]].append("UK")
    return {name: ", ".join(found) for name, found in marks.items()}


def _attribute(column: Column, marks: str) -> str:
    kind = _UNSAFE.sub("_", column.type.name).strip("_") or "unknown"
    kind = kind if kind[0].isalpha() else f"t_{kind}"
    name = _UNSAFE.sub("_", column.name).strip("_") or "column"
    name = name if name[0].isalpha() else f"c_{name}"
    return " ".join(filter(None, [kind + "_array" * bool(column.type.dimensions), name, marks]))


def _cardinality(catalog: Catalog, table: Table, key: ForeignKey) -> str:
    """From the target's side: exactly one or perhaps one, to many or, where the columns are unique, to one at most."""
    columns = [catalog.column(table, name) for name in key.columns]
    one = "|o" if any(column is not None and column.nullable for column in columns) else "||"
    unique = frozenset(catalog.fold_all(key.columns)) in catalog.unique_keys(table)
    return f"{one}--{'o|' if unique else 'o{'}"
