"""What the DDL of every dialect has in common: the shape of a script, of a table, of a constraint."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import ClassVar, Final

from renga_schema.identifiers import literal, quote, quote_all
from renga_schema.model import (
    Check,
    Column,
    Constraint,
    Dialect,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    PrimaryKey,
    Ref,
    Schema,
    Table,
    Unique,
)
from renga_schema.report import Document, Loss
from renga_schema.writers.lowering import lower
from renga_schema.writers.order import order_tables

_WIDEST_NAME: Final = 28
"""Columns are aligned up to a name of this many characters."""
_SELF_CONTAINED: Final = re.compile(r"[+-]?\d+(\.\d+)?|'(?:[^'\\]|''|\\.)*'|\w+|CURRENT_\w+\(\d\)", re.IGNORECASE)


class DdlWriter(ABC):
    """Renders one schema that its dialect can hold. Keywords are upper case; a name is quoted only where it must be."""

    dialect: ClassVar[Dialect]
    label: ClassVar[str]

    def __init__(self, schema: Schema) -> None:
        known = tuple(view for view in schema.views if view.query.strip())
        self.unknown_views = tuple(view for view in schema.views if view not in known)
        """Views that a source only mentions: without a query there is nothing to create."""
        self.schema = schema.model_copy(update={"views": known}) if self.unknown_views else schema

    @classmethod
    def document(cls, schema: Schema, name: str) -> Document:
        """Lower the schema to the dialect and write it as a script that runs from top to bottom."""
        lowered = lower(schema, cls.dialect)
        heading = " ".join(f"{name}, for {cls.label}".split())
        writer = cls(lowered.schema)
        blocks = [f"-- {heading}", *writer.blocks()]
        return Document(
            path=f"{cls.dialect}.sql",
            media_type="application/sql",
            text="\n\n".join(block for block in blocks if block) + "\n",
            losses=(*lowered.losses, *writer.losses()),
        )

    def losses(self) -> Iterator[Loss]:
        """What the script leaves out on purpose, though the dialect could say it."""
        for view in self.unknown_views:
            yield Loss(
                object=str(view.ref), feature="view", instead="left out: its query is not known", origin=view.origin
            )
        owners: dict[str, list[str]] = {}
        for table in self.schema.tables:
            if table.owner:
                owners.setdefault(table.owner, []).append(str(table.ref))
        for owner, tables in owners.items():
            # A script that names roles runs only where they exist.
            named = tables[0] if len(tables) == 1 else f"{len(tables)} tables"
            yield Loss(object=named, feature=f"owner {owner}", instead="belongs to the role that runs the script")

    @abstractmethod
    def blocks(self) -> Iterator[str]:
        """The parts of the script, each of one or more statements; an empty one is left out."""

    @abstractmethod
    def column(self, table: Table, column: Column) -> str:
        """What follows a column's name."""

    def tables(self) -> Iterator[str]:
        """Every table with its indexes, targets before what refers to them, then the foreign keys that had to wait."""
        order = order_tables(self.schema)
        for table in order.tables:
            yield self.table(table, order.inline(table))
        yield "\n".join(
            f"ALTER TABLE {self.name(table.ref)} ADD {self.foreign_key(key)};" for table, key in order.waiting
        )

    @abstractmethod
    def table(self, table: Table, foreign_keys: tuple[ForeignKey, ...]) -> str:
        """The statements that make one table."""

    def body(self, table: Table, extra: Iterable[str] = (), foreign_keys: Iterable[ForeignKey] = ()) -> str:
        """What stands between the parentheses of CREATE TABLE."""
        width = min(max((len(self.quote(column.name)) for column in table.columns), default=0), _WIDEST_NAME)
        lines = [f"{self.quote(column.name):{width}} {self.column(table, column)}" for column in table.columns]
        lines += [self.key(key) for key in self.keys(table)]
        lines += [self.foreign_key(key) for key in foreign_keys]
        lines += [self.check(check) for check in table.checks if check.validated]
        lines += extra
        return "(\n    " + ",\n    ".join(lines) + "\n)" if lines else "()"

    def keys(self, table: Table) -> list[Key]:
        """The keys that stand in the table's body."""
        return [*([table.primary_key] if table.primary_key else []), *table.uniques]

    def key(self, key: Key) -> str:
        """A primary key or unique constraint."""
        kind = "PRIMARY KEY" if isinstance(key, PrimaryKey) else "UNIQUE"
        if isinstance(key, Unique) and key.nulls_not_distinct:
            kind += " NULLS NOT DISTINCT"
        include = f" INCLUDE ({self.quote_all(key.include)})" if key.include else ""
        return f"{self.constraint_name(key)}{kind} ({self.key_columns(key)}){include}{self.timing(key)}"

    def key_columns(self, key: Key) -> str:
        """The columns of a key, between its parentheses."""
        return self.quote_all(key.columns) + (" WITHOUT OVERLAPS" if key.without_overlaps else "")

    def foreign_key(self, key: ForeignKey) -> str:
        """A foreign key."""
        text = (
            f"{self.constraint_name(key)}FOREIGN KEY ({self.quote_all(key.columns)}) REFERENCES {self.name(key.target)}"
        )
        if key.referred_columns:
            text += f" ({self.quote_all(key.referred_columns)})"
        if key.match != "simple":
            text += f" MATCH {key.match.upper()}"
        if key.on_delete != "no action":
            text += f" ON DELETE {key.on_delete.upper()}"
            if key.on_delete_columns:
                text += f" ({self.quote_all(key.on_delete_columns)})"
        if key.on_update != "no action":
            text += f" ON UPDATE {key.on_update.upper()}"
        return text + self.timing(key)

    def check(self, check: Check) -> str:
        """A check."""
        inherit = " NO INHERIT" if check.no_inherit else ""
        return f"{self.constraint_name(check)}CHECK ({check.expression.text}){inherit}{self.timing(check)}"

    def constraint_name(self, constraint: Constraint) -> str:
        """`CONSTRAINT name `, or nothing where the engine chooses the name."""
        return f"CONSTRAINT {self.quote(constraint.name)} " if constraint.name else ""

    def timing(self, constraint: Constraint) -> str:
        """When the constraint is checked, and whether it holds for the rows that are there."""
        text = f" DEFERRABLE {constraint.deferrable.upper()}" if constraint.deferrable else ""
        text += "" if constraint.validated else " NOT VALID"
        return text + ("" if constraint.enforced else " NOT ENFORCED")

    def index_parts(self, parts: Iterable[IndexPart]) -> str:
        """The keys of an index, between its parentheses."""
        return ", ".join(self.index_part(part) for part in parts)

    def index_part(self, part: IndexPart) -> str:
        """One key of an index."""
        if part.column is not None:
            text = self.quote(part.column) + (f"({part.length})" if part.length else "")
        else:
            text = enclosed(part.expression.text if part.expression else "")
        if part.collation:
            text += f" COLLATE {self.quote(part.collation)}"
        if part.operator_class:
            text += f" {part.operator_class}"
        if part.order == "desc":
            text += " DESC"
        return text + (f" NULLS {part.nulls.upper()}" if part.nulls else "")

    def index_head(self, table: Ref, index: Index) -> str:
        """`CREATE INDEX name ON table`."""
        unique = "UNIQUE " if index.unique else ""
        name = f"{self.quote(index.name)} " if index.name else ""
        return f"CREATE {unique}INDEX {name}ON {'ONLY ' if index.only else ''}{self.name(table)}"

    def name(self, ref: Ref) -> str:
        """A qualified name."""
        namespace = f"{self.quote(ref.namespace)}." if ref.namespace else ""
        return namespace + self.quote(ref.name)

    def quote(self, name: str) -> str:
        """A name, quoted where the dialect needs it."""
        return quote(name, self.dialect)

    def quote_all(self, names: tuple[str, ...]) -> str:
        """Names, separated by commas."""
        return quote_all(names, self.dialect)

    def literal(self, text: str) -> str:
        """A string literal."""
        return literal(text, self.dialect)


def enclosed(expression: str) -> str:
    """The expression in parentheses, unless it is a literal, a word, or already in parentheses that belong together."""
    if _SELF_CONTAINED.fullmatch(expression) or _has_own_parentheses(expression):
        return expression
    return f"({expression})"


def terminated(statement: str) -> str:
    """A statement kept as written, with the semicolon that it may lack."""
    return statement.rstrip().rstrip(";") + ";"


def _has_own_parentheses(text: str) -> bool:
    if not (text.startswith("(") and text.endswith(")")):
        return False
    depth, quoted = 0, False
    for position, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        if quoted:
            continue
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position == len(text) - 1
    return False
