"""A page that documents a schema: a summary, a diagram, and a section for each table, enum and view."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from renga_schema.catalog import Catalog
from renga_schema.model import Column, Expression, ForeignKey, Index, IndexPart, Schema, Table, View
from renga_schema.report import Document, Loss
from renga_schema.writers.mermaid import diagram

_LABELS: Final = {"postgres": "PostgreSQL", "mysql": "MySQL", "sqlite": "SQLite", "mssql": "SQL Server"}
_KINDS: Final = {
    "tables": "table",
    "views": "view",
    "enums": "enum",
    "domains": "domain",
    "composite_types": "composite type",
    "sequences": "sequence",
    "routines": "routine",
    "triggers": "trigger",
    "policies": "policy",
    "extensions": "extension",
}
_SPECIAL: Final = re.compile(r"([\\`*_{}\[\]<>#|~])")


def write(schema: Schema, name: str, losses: Sequence[Loss]) -> Document:
    """The schema as one page of GitHub-flavoured Markdown, with what the reader could not represent at its end."""
    blocks = [block for block in (*_blocks(schema, name), *_ledger(losses)) if block]
    return Document(path="schema.md", media_type="text/markdown", text="\n\n".join(blocks) + "\n")


def _blocks(schema: Schema, name: str) -> Iterator[str]:
    yield f"# {_text(name)}"
    yield _summary(schema)
    if schema.tables:
        yield f"```mermaid\n{diagram(schema)}\n```"
        yield "## Tables"
        incoming = _incoming(schema)
        for table in schema.tables:
            yield from _table(table, incoming[id(table)])
    if schema.enums:
        yield "## Enums"
        yield _rows(
            ("Enum", "Labels", "Comment"),
            [(_code(str(enum.ref)), ", ".join(map(_code, enum.values)), _text(enum.comment)) for enum in schema.enums],
        )
    if schema.domains:
        yield "## Domains"
        yield _rows(
            ("Domain", "Type", "Null", "Checks", "Comment"),
            [
                (
                    _code(str(domain.ref)),
                    _code(str(domain.type)),
                    _yes(domain.nullable),
                    ", ".join(_expression(check.expression) for check in domain.checks),
                    _text(domain.comment),
                )
                for domain in schema.domains
            ],
        )
    if schema.views:
        yield "## Views"
        for view in schema.views:
            yield from _view(view)
    programs = [
        *((routine.kind, str(routine.ref), f"({routine.signature})", routine.comment) for routine in schema.routines),
        *(
            (
                "trigger",
                trigger.name,
                f" {trigger.timing} {' or '.join(trigger.events)} on {trigger.table}",
                trigger.comment,
            )
            for trigger in schema.triggers
        ),
        *(("policy", policy.name, f" on {policy.table}", policy.comment) for policy in schema.policies),
    ]
    if programs:
        yield "## Routines, triggers and policies"
        yield _rows(
            ("Kind", "Name", "Comment"),
            [(kind, _code(name + rest), _text(comment)) for kind, name, rest, comment in programs],
        )
    if schema.others:
        yield "## Other objects"
        yield _rows(("Kind", "Name"), [(other.kind, _code(str(other.ref))) for other in schema.others])


def _ledger(losses: Sequence[Loss]) -> Iterator[str]:
    if losses:
        yield "## Not in this page"
        yield "The source says this too; the model has no place for it."
        rows = [(_code(loss.object), _text(loss.feature), _text(loss.instead)) for loss in losses]
        yield _rows(("Object", "Feature", "Instead"), rows)


def _summary(schema: Schema) -> str:
    counts = []
    for field, kind in _KINDS.items():
        if count := len(getattr(schema, field)):
            plural = f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"
            counts.append(f"{count} {kind if count == 1 else plural}")
    columns = sum(len(table.columns) for table in schema.tables)
    counts.insert(1, f"{columns} column{'s' * (columns != 1)}")
    origin = f", described for {_LABELS[schema.dialect]}" if schema.dialect else ""
    return f"{', '.join(counts)}{origin}."


def _table(table: Table, incoming: list[str]) -> Iterator[str]:
    yield f"### {_code(str(table.ref))}"
    yield _text(table.comment, lines=True)
    if table.partition_of:
        yield f"Partition of {_code(str(table.partition_of.parent))}, {_code(table.partition_of.bound)}."
    if table.partitioning:
        keys = ", ".join(
            part.column or (part.expression.text if part.expression else "") for part in table.partitioning.keys
        )
        yield f"Partitioned by {_code(f'{table.partitioning.strategy} ({keys})')}."
    if table.columns:
        yield _rows(
            ("Column", "Type", "Null", "Default", "Key", "Comment"),
            [
                (
                    _code(column.name),
                    _code(str(column.type)),
                    _yes(column.nullable),
                    _default(column),
                    _marks(table, column),
                    _text(column.comment),
                )
                for column in table.columns
            ],
        )
    yield "\n".join(f"- {line}" for line in _details(table, incoming))


def _incoming(schema: Schema) -> dict[int, list[str]]:
    """By table: who refers to it."""
    catalog = Catalog(schema)
    found: dict[int, list[str]] = defaultdict(list)
    for table in schema.tables:
        for key in table.foreign_keys:
            target = catalog.table(key.target)
            if target is not None and target is not table:
                found[id(target)].append(f"Referred to by {_code(str(table.ref))} {_names(key.columns)}")
    return found


def _details(table: Table, incoming: list[str]) -> Iterator[str]:
    if table.primary_key:
        yield f"Primary key{_named(table.primary_key.name)}: {_names(table.primary_key.columns)}"
    for unique in table.uniques:
        yield f"Unique{_named(unique.name)}: {_names(unique.columns)}"
    for key in table.foreign_keys:
        yield f"Foreign key{_named(key.name)}: {_reference(key)}"
    yield from incoming
    for check in table.checks:
        yield f"Check{_named(check.name)}: {_expression(check.expression)}"
    for exclusion in table.exclusions:
        parts = ", ".join(
            f"{_index_part(part)} {operator}"
            for part, operator in zip(exclusion.parts, exclusion.operators, strict=True)
        )
        yield f"Excludes{_named(exclusion.name)}: {_code(f'{exclusion.method} ({parts})')}"
    for index in table.indexes:
        yield _index(index)


def _index(index: Index) -> str:
    parts = ", ".join(_index_part(part) for part in index.parts)
    text = f"{'Unique index' if index.unique else 'Index'}{_named(index.name)}: {_code(parts)}"
    text += f" using {index.method}" if index.method else ""
    text += f" including {_names(index.include)}" if index.include else ""
    text += f" where {_expression(index.predicate)}" if index.predicate else ""
    return text + (f". {_text(index.comment)}" if index.comment else "")


def _index_part(part: IndexPart) -> str:
    return (part.column or (part.expression.text if part.expression else "")) + " desc" * (part.order == "desc")


def _view(view: View) -> Iterator[str]:
    yield f"### {_code(str(view.ref))}"
    yield _text(view.comment, lines=True)
    fence = "`" * max(3, max((len(run) for run in re.findall("`+", view.query)), default=0) + 1)
    kind = "Materialized view." if view.materialized else ""
    yield f"{kind}\n\n{fence}sql\n{view.query.strip()}\n{fence}".strip()


def _reference(key: ForeignKey) -> str:
    target = _code(str(key.target)) + (f" {_names(key.referred_columns)}" if key.referred_columns else "")
    text = f"{_names(key.columns)} → {target}"
    text += f", on delete {key.on_delete}" if key.on_delete != "no action" else ""
    text += f", on update {key.on_update}" if key.on_update != "no action" else ""
    return text + (", ignored by the engine" if key.ignored else "")


def _default(column: Column) -> str:
    if column.identity:
        return "counts up"
    if column.generated:
        return f"= {_expression(column.generated.expression)}"
    return _expression(column.default) if column.default else ""


def _marks(table: Table, column: Column) -> str:
    marks = ["PK"] if table.primary_key and column.name in table.primary_key.columns else []
    marks += ["FK"] if any(column.name in key.columns for key in table.foreign_keys) else []
    marks += ["UQ"] if any(column.name in unique.columns for unique in table.uniques) else []
    return ", ".join(marks)


def _rows(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    """A table, without the columns in which no row says anything."""
    kept = [index for index in range(len(head)) if any(row[index] for row in rows)]
    lines = [[head[index] for index in kept], ["---"] * len(kept)]
    lines += [[row[index] for index in kept] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _named(name: str | None) -> str:
    return f" {_code(name)}" if name else ""


def _names(names: tuple[str, ...]) -> str:
    return f"({', '.join(_code(name) for name in names)})"


def _yes(nullable: bool) -> str:
    return "yes" if nullable else ""


def _expression(expression: Expression) -> str:
    return _code(expression.text)


def _code(text: str) -> str:
    """Inline code that may hold backticks, in a table cell that may hold pipes."""
    flat = " ".join(text.split()).replace("|", "\\|")
    if not flat:
        return ""
    fence = "`" * (max((len(run) for run in re.findall("`+", flat)), default=0) + 1)
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def _text(text: str | None, *, lines: bool = False) -> str:
    """Plain text: nothing in it is markup, and in a cell a line break is one."""
    if not text:
        return ""
    escaped = _SPECIAL.sub(r"\\\1", text.strip())
    return escaped if lines else "<br>".join(escaped.splitlines())
