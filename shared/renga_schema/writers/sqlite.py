"""DDL for SQLite 3.37 and later."""

from collections.abc import Iterator, Sequence

from renga_schema.model import (
    Column,
    Constraint,
    DataType,
    ForeignKey,
    Index,
    Key,
    PrimaryKey,
    Ref,
    Schema,
    Table,
    View,
)
from renga_schema.report import Document, Loss
from renga_schema.writers.ddl import DdlWriter, enclosed, terminated
from renga_schema.writers.order import stable, words


def write(schema: Schema, name: str, losses: Sequence[Loss]) -> Document:  # noqa: ARG001  a script has no place for them
    """The schema as a script for the sqlite3 shell."""
    return SqliteWriter.document(schema, name)


class SqliteWriter(DdlWriter):
    """Renders a schema in SQLite's terms; comments are comments of the script."""

    dialect = "sqlite"
    label = "SQLite"

    def blocks(self) -> Iterator[str]:
        """Tables in the order they came in, since SQLite lets a foreign key refer to a table to come."""
        schema = self.schema
        for table in schema.tables:
            yield self.table(table, table.foreign_keys)
        names = {view.name for view in schema.views}
        for view in stable(schema.views, lambda view: view.name, lambda view: sorted(words(view.query) & names)):
            yield self._view(view)
        for definition in [
            *(item.definition for item in schema.triggers),
            *(item.definition for item in schema.others),
        ]:
            yield terminated(definition)

    def _view(self, view: View) -> str:
        columns = f" ({self.quote_all(view.columns)})" if view.columns else ""
        return f"CREATE VIEW {self.name(view.ref)}{columns} AS\n{view.query.strip().rstrip(';')};"

    def table(self, table: Table, foreign_keys: tuple[ForeignKey, ...]) -> str:
        """CREATE TABLE with what its author says about it above, and its indexes."""
        if table.module:
            return f"CREATE VIRTUAL TABLE {self.name(table.ref)} USING {table.module};"
        temporary = "TEMPORARY " if table.persistence == "temporary" else ""
        options = ["STRICT"] * table.strict + ["WITHOUT ROWID"] * table.without_rowid
        body = self.body(table, foreign_keys=foreign_keys)
        suffix = f" {', '.join(options)}" if options else ""
        statements = [f"CREATE {temporary}TABLE {self.name(table.ref)} {body}{suffix};"]
        statements += [self._index(table, index) for index in table.indexes]
        return "\n".join([*self._remarks(table), *statements])

    def _remarks(self, table: Table) -> Iterator[str]:
        if table.comment:
            yield _remark(table.comment)
        for column in table.columns:
            if column.comment:
                yield _remark(f"{column.name}: {column.comment}")

    def column(self, table: Table, column: Column) -> str:
        """Type, key where it counts up, NOT NULL, default, computed value, collation."""
        text = self.type(column.type)
        if self._counts(table, column):
            key = table.primary_key
            assert key is not None  # noqa: S101  a column that counts is the whole primary key
            conflict = f" ON CONFLICT {key.options['on conflict'].upper()}" if "on conflict" in key.options else ""
            counting = " AUTOINCREMENT" if column.identity and column.identity.style == "autoincrement" else ""
            text += f" {self.constraint_name(key)}PRIMARY KEY{conflict}{counting}"
        elif not column.nullable:
            text += " NOT NULL"
            if "not null on conflict" in column.options:
                text += f" ON CONFLICT {column.options['not null on conflict'].upper()}"
        if column.default:
            text += f" DEFAULT {enclosed(column.default.text)}"
        if column.collation:
            text += f" COLLATE {column.collation}"
        if column.generated:
            text += f" GENERATED ALWAYS AS ({column.generated.expression.text}) {column.generated.storage.upper()}"
        return text.strip()

    def type(self, type_: DataType) -> str:
        """The declared type as it was written, which decides its affinity."""
        return type_.written

    def keys(self, table: Table) -> list[Key]:
        """The keys, without the one that stands beside the column that counts up."""
        beside = any(self._counts(table, column) for column in table.columns)
        return [key for key in super().keys(table) if not (beside and isinstance(key, PrimaryKey))]

    def _counts(self, table: Table, column: Column) -> bool:
        return bool(column.identity and table.primary_key and table.primary_key.columns == (column.name,))

    def timing(self, constraint: Constraint) -> str:
        """What to do on a conflict stands before when it is checked."""
        conflict = constraint.options.get("on conflict")
        return (f" ON CONFLICT {conflict.upper()}" if conflict else "") + super().timing(constraint)

    def _index(self, table: Table, index: Index) -> str:
        text = f"{self.index_head(Ref(name=table.name), index)} ({self.index_parts(index.parts)})"
        if table.namespace:  # the namespace stands before the index, and the table is looked for in it
            name = self.quote(index.name or "")
            text = text.replace(f"INDEX {name} ON", f"INDEX {self.quote(table.namespace)}.{name} ON", 1)
        return text + (f" WHERE {index.predicate.text}" if index.predicate else "") + ";"


def _remark(text: str) -> str:
    return "\n".join(f"-- {line}" for line in text.splitlines())
