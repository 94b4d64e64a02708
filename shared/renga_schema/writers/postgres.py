"""DDL for PostgreSQL 12 and later."""

from collections.abc import Iterator, Sequence
from typing import Final

from renga_schema.identifiers import literal
from renga_schema.model import (
    Column,
    DataType,
    Exclusion,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Options,
    PartitionOf,
    Ref,
    Schema,
    SequenceOptions,
    Table,
)
from renga_schema.report import Document, Loss
from renga_schema.types import parse
from renga_schema.writers import postgres_objects as objects
from renga_schema.writers.ddl import DdlWriter, terminated

_SERIALS: Final = {"smallint": "smallserial", "integer": "serial", "bigint": "bigserial"}
_SPELLED: Final = {"double": "double precision", "blob": "bytea", "varbit": "bit varying", "bpchar": "bpchar"}
_NOT_STORAGE: Final = {
    "access method",
    "tablespace",
    "on commit",
    "server",
    "server options",
    "include",
    "partition of",
}


def write(schema: Schema, name: str, losses: Sequence[Loss]) -> Document:  # noqa: ARG001  a script has no place for them
    """The schema as a script for psql."""
    return PostgresWriter.document(schema, name)


class PostgresWriter(DdlWriter):
    """Renders a schema in PostgreSQL's terms. COMMENT ON follows each object."""

    dialect = "postgres"
    label = "PostgreSQL"

    def __init__(self, schema: Schema) -> None:
        super().__init__(schema)
        self._tables = {table.ref: table for table in schema.tables}
        self._sequences = {sequence.ref: sequence for sequence in schema.sequences}
        self._serials = {
            (table.ref, column.name): column.identity.sequence
            for table in schema.tables
            for column in table.columns
            if column.identity and column.identity.style == "serial" and self._is_plain_serial(table, column)
        }

    def blocks(self) -> Iterator[str]:
        """Types and what tables need first, then the tables, then what needs them."""
        schema = self.schema
        order = objects.order_routines(schema)
        if schema.routines:
            # A body may name what the script makes later.
            yield "SET check_function_bodies = false;"
        yield from objects.namespaces(self)
        yield from objects.extensions(self)
        yield from objects.early_others(self)
        yield from objects.types(self)
        yield from objects.definitions(self, order.before_tables)
        own = set(self._serials.values())
        for sequence in schema.sequences:
            if sequence.ref not in own:
                yield objects.sequence(self, sequence)
        yield from self.tables()
        yield "\n".join(self._partitioned_indexes())
        yield "\n".join(
            f"ALTER SEQUENCE {self.name(sequence.ref)} OWNED BY "
            f"{self.name(sequence.owned_by[0])}.{self.quote(sequence.owned_by[1])};"
            for sequence in schema.sequences
            if sequence.owned_by and sequence.ref not in own
        )
        yield from objects.definitions(self, order.after_tables)
        yield from objects.views(self)
        yield from objects.definitions(self, order.after_views)
        for trigger in schema.triggers:
            yield terminated(trigger.definition) + objects.comment(
                self, f"TRIGGER {self.quote(trigger.name)} ON {self.name(trigger.table)}", trigger.comment
            )
        yield from objects.policies(self)
        yield from objects.late_others(self)

    def table(self, table: Table, foreign_keys: tuple[ForeignKey, ...]) -> str:
        """CREATE TABLE, and what can only be said after it: NOT VALID, row security, indexes, comments."""
        partition = table.partition_of
        kind = {"permanent": "", "unlogged": "UNLOGGED ", "temporary": "TEMPORARY "}[table.persistence]
        kind += "FOREIGN " * ("server" in table.options)
        head = f"CREATE {kind}TABLE {self.name(table.ref)} "
        statements = []
        if partition and self._adds_nothing(table, partition):
            head += f"PARTITION OF {self.name(partition.parent)} {partition.bound}"
            statements.append(head + self._suffix(table) + ";")
        else:
            own = table.model_copy(update={"columns": tuple(self._own_columns(table))})
            exclusions = [self.exclusion(each) for each in table.exclusions]
            statements.append(head + self.body(own, exclusions, foreign_keys) + self._suffix(table) + ";")
            if partition:
                parent = self.name(partition.parent)
                statements.append(f"ALTER TABLE {parent} ATTACH PARTITION {self.name(table.ref)} {partition.bound};")
        name = self.name(table.ref)
        statements += [f"ALTER TABLE {name} ADD {self.check(check)};" for check in table.checks if not check.validated]
        if table.row_security != "off":
            statements.append(f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY;")
        if table.row_security == "forced":
            statements.append(f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY;")
        statements += [self.index(table.ref, index) for index in table.indexes if not index.only]
        statements += objects.table_comments(self, table)
        return "\n".join(statements)

    def _own_columns(self, table: Table) -> Iterator[Column]:
        """The columns that the table does not have from its parents."""
        inherited: dict[str, Column] = {}
        for ref in table.inherits:
            if parent := self._tables.get(ref):
                inherited |= {column.name: column for column in parent.columns}
        for column in table.columns:
            if column.name not in inherited or _inherited(inherited[column.name]) != _placeless(column):
                yield column

    def _adds_nothing(self, table: Table, partition: PartitionOf) -> bool:
        """Whether a partition has only what its parent gives it."""
        parent = self._tables.get(partition.parent)
        constrained = table.primary_key or table.uniques or table.foreign_keys or table.checks or table.exclusions
        same = parent and [_inherited(column) for column in parent.columns] == [
            _placeless(column) for column in table.columns
        ]
        return not constrained and (bool(same) or not table.columns)

    def _suffix(self, table: Table) -> str:
        """What follows the parentheses."""
        text = f" INHERITS ({', '.join(self.name(ref) for ref in table.inherits)})" if table.inherits else ""
        if table.partitioning:
            parts = self.index_parts(table.partitioning.keys)
            text += f" PARTITION BY {table.partitioning.strategy.upper()} ({parts})"
        options = table.options
        if "server" in options:
            text += f" SERVER {self.quote(options['server'])}"
            text += f" OPTIONS ({options['server options']})" if "server options" in options else ""
        if "access method" in options:
            text += f" USING {self.quote(options['access method'])}"
        text += self.storage(options)
        if "on commit" in options:
            text += f" ON COMMIT {options['on commit'].upper()}"
        return text + self.tablespace(options)

    def storage(self, options: Options) -> str:
        """` WITH (parameter = value)`."""
        parameters = [
            key if value == "true" else f"{key} = {value if value.isalnum() else literal(value, 'postgres')}"
            for key, value in options.items()
            if key not in _NOT_STORAGE
        ]
        return f" WITH ({', '.join(parameters)})" if parameters else ""

    def tablespace(self, options: Options) -> str:
        """` TABLESPACE name`."""
        return f" TABLESPACE {self.quote(options['tablespace'])}" if "tablespace" in options else ""

    def timing(self, constraint: "Exclusion | ForeignKey") -> str:  # type: ignore[override]
        """Storage parameters of the constraint's index stand before when it is checked."""
        place = self.tablespace(constraint.options).replace(" TABLESPACE", " USING INDEX TABLESPACE")
        return self.storage(constraint.options) + place + super().timing(constraint)

    def column(self, table: Table, column: Column) -> str:
        """Type, collation, identity or default, NOT NULL."""
        if (table.ref, column.name) in self._serials and column.type.name in _SERIALS:
            return _SERIALS[column.type.name]  # and not of a second column that a description gives the same name
        text = self.type(column.type)
        for option in ("storage", "compression"):
            text += f" {option.upper()} {column.options[option]}" if option in column.options else ""
        if column.collation:
            text += f" COLLATE {self._collation(column.collation)}"
        if not column.nullable and not (column.identity and column.identity.style != "serial"):
            named = column.options.get("not null constraint")
            text += (f" CONSTRAINT {self.quote(named)}" if named else "") + " NOT NULL"
            text += " NO INHERIT" if "not null no inherit" in column.options else ""
        if column.generated:
            # Only PostgreSQL 18 and later know VIRTUAL.
            text += f" GENERATED ALWAYS AS ({column.generated.expression.text}) {column.generated.storage.upper()}"
        elif column.identity and column.identity.style == "serial":
            implied = Ref(name=f"{table.name}_{column.name}_seq", namespace=table.namespace)
            text += f" DEFAULT nextval({self.literal(self.name(column.identity.sequence or implied))}::regclass)"
        elif column.identity:
            text += self._identity(column.identity)
        elif column.default:
            text += f" DEFAULT {column.default.text}"
        return text

    def _collation(self, written: str) -> str:
        return written if '"' in written else self.quote(written)

    def _identity(self, identity: Identity) -> str:
        style = "ALWAYS" if identity.style == "always" else "BY DEFAULT"
        name = f"SEQUENCE NAME {self.name(identity.sequence)}" if identity.sequence else ""
        options = " ".join(filter(None, [name, sequence_options(identity.options)]))
        return f" GENERATED {style} AS IDENTITY" + (f" ({options})" if options else "")

    def _is_plain_serial(self, table: Table, column: Column) -> bool:
        """Whether `serial` says all there is to say about the column's sequence."""
        if column.type.name not in _SERIALS or column.default or column.collation or column.options:
            return False
        sequence = (
            self._sequences.get(column.identity.sequence) if column.identity and column.identity.sequence else None
        )
        if sequence is None:
            return bool(column.identity and column.identity.options == SequenceOptions())
        type_name = sequence.type.name if sequence.type else "bigint"
        return (
            sequence.ref == Ref(name=f"{table.name}_{column.name}_seq", namespace=table.namespace)
            and sequence.options == SequenceOptions()
            and sequence.owned_by == (table.ref, column.name)
            and sequence.comment is None
            and type_name == column.type.name
            and not column.nullable
        )

    def type(self, type_: DataType) -> str:
        """A type: as it was written where that still says it, else spelled from the model."""
        if type_.written and type_.written.lower() not in _SERIALS.values():
            known = parse(type_.written, "postgres")
            if known.model_copy(update={"written": ""}) == type_.model_copy(update={"written": ""}):
                return type_.written
        name = self.name(Ref(name=type_.name, namespace=type_.namespace)) if type_.namespace else type_.name
        name = _SPELLED.get(name, name if parse(name, "postgres").name == type_.name else self.quote(name))
        arguments = f"({','.join(str(argument) for argument in type_.arguments)})" if type_.arguments else ""
        return name + arguments + "[]" * type_.dimensions

    def exclusion(self, exclusion: Exclusion) -> str:
        """An exclusion constraint."""
        parts = ", ".join(
            f"{self.index_part(part)} WITH {operator}"
            for part, operator in zip(exclusion.parts, exclusion.operators, strict=True)
        )
        text = f"{self.constraint_name(exclusion)}EXCLUDE USING {exclusion.method} ({parts})"
        text += f" INCLUDE ({exclusion.options['include']})" if "include" in exclusion.options else ""
        predicate = f" WHERE ({exclusion.predicate.text})" if exclusion.predicate else ""
        timing = f" DEFERRABLE {exclusion.deferrable.upper()}" if exclusion.deferrable else ""
        return text + self.storage(exclusion.options) + self.tablespace(exclusion.options) + predicate + timing

    def _partitioned_indexes(self) -> Iterator[str]:
        """The indexes ON ONLY a partitioned table, and which of its partitions' own indexes belong to them.

        After all tables: a partition that is made later would get an index of its own from each.
        """
        for table in self.schema.tables:
            for index in table.indexes:
                if index.only:
                    yield self.index(table.ref, index) + objects.index_comment(self, table.namespace, index)
        for table in self.schema.tables:
            for index in table.indexes:
                if table.partition_of and "partition of" in index.options:
                    parent = Ref(name=index.options["partition of"], namespace=table.partition_of.parent.namespace)
                    child = Ref(name=index.name, namespace=table.namespace)
                    yield f"ALTER INDEX {self.name(parent)} ATTACH PARTITION {self.name(child)};"

    def index(self, table: Ref, index: Index) -> str:
        """CREATE INDEX."""
        text = self.index_head(table, index)
        text += f" USING {index.method}" if index.method else ""
        text += f" ({self.index_parts(index.parts)})"
        text += f" INCLUDE ({self.quote_all(index.include)})" if index.include else ""
        text += " NULLS NOT DISTINCT" if index.nulls_not_distinct else ""
        text += self.storage(index.options) + self.tablespace(index.options)
        return text + (f" WHERE {index.predicate.text}" if index.predicate else "") + ";"

    def index_part(self, part: IndexPart) -> str:
        """One key; a collation may be qualified as it was written."""
        if not part.collation:
            return super().index_part(part)
        bare = super().index_part(
            part.model_copy(update={"collation": None, "operator_class": None, "order": "asc", "nulls": None})
        )
        rest = f" {part.operator_class}" if part.operator_class else ""
        rest += " DESC" if part.order == "desc" else ""
        rest += f" NULLS {part.nulls.upper()}" if part.nulls else ""
        return f"{bare} COLLATE {'.'.join(self.quote(each) for each in part.collation.split('.'))}{rest}"


def sequence_options(options: SequenceOptions) -> str:
    """The clauses of a sequence, in the order of PostgreSQL's own dumps."""
    clauses = [
        f"START WITH {options.start}" if options.start is not None else "",
        f"INCREMENT BY {options.increment}" if options.increment is not None else "",
        f"MINVALUE {options.minimum}" if options.minimum is not None else "",
        f"MAXVALUE {options.maximum}" if options.maximum is not None else "",
        f"CACHE {options.cache}" if options.cache is not None else "",
        "CYCLE" if options.cycle else "",
    ]
    return " ".join(clause for clause in clauses if clause)


def _inherited(column: Column) -> Column:
    """The column as a child has it: what counts up is the parent's alone."""
    return column.model_copy(update={"origin": None, "identity": None})


def _placeless(column: Column) -> Column:
    return column.model_copy(update={"origin": None})
