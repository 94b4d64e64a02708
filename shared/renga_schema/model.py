"""The one model of a database schema that every reader fills and every writer, rule and plan reads.

Terms are those of the SQL standard and of PostgreSQL's catalogue; what only one dialect has is named as that dialect
names it. Everything is frozen: a change makes a new object. Each object remembers where it came from.

Longer than 400 lines: it is one vocabulary, and it is read whole.
"""

from functools import cached_property
from typing import Literal

from pydantic import BaseModel, ConfigDict

Dialect = Literal["postgres", "mysql", "sqlite", "mssql"]
"""A SQL dialect. MariaDB is read and written as `mysql`; `mssql` is for reading only."""

Severity = Literal["error", "warning", "info"]

Action = Literal["no action", "restrict", "cascade", "set null", "set default"]
"""A referential action."""

Options = dict[str, str]
"""What a dialect adds and no other knows: storage parameters, `ROW_FORMAT`, `ON CONFLICT`. Keys in lower case."""


class Node(BaseModel):
    """The base of every part of the model: immutable, closed, and built only when it is first used."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Origin(Node):
    """Where an object was described. Lines and columns count from 1; a column counts characters, not bytes."""

    line: int
    column: int = 1
    file: str | None = None


class Ref(Node):
    """The name of another object, as resolved by the reader; `namespace` is None where the default applies."""

    name: str
    namespace: str | None = None

    def __str__(self) -> str:
        return f"{self.namespace}.{self.name}" if self.namespace else self.name


class Expression(Node):
    """A SQL expression: as it was written, and in a canonical form in which equal things compare equal."""

    text: str
    canonical: str | None = None
    """None where the text could not be parsed; it is then compared as written."""


class DataType(Node):
    """A data type, normalised to one vocabulary across dialects, beside what was written."""

    name: str
    """`bigint`, `varchar`, `timestamptz`, `enum`... or the name of a user-defined type."""
    namespace: str | None = None
    """The namespace of a user-defined type."""
    arguments: tuple[int | str, ...] = ()
    """Length; precision and scale; fractional-second digits."""
    values: tuple[str, ...] = ()
    """The labels of an inline ENUM or SET."""
    dimensions: int = 0
    """Array dimensions; 0 for a scalar."""
    unsigned: bool = False
    zerofill: bool = False
    written: str = ""
    """The type as the source spelled it."""

    def __str__(self) -> str:
        name = f"{self.namespace}.{self.name}" if self.namespace else self.name
        arguments = [str(argument) for argument in self.arguments] or [f"'{value}'" for value in self.values]
        if arguments:
            name += f"({','.join(arguments)})"
        return name + (" unsigned" if self.unsigned else "") + "[]" * self.dimensions


class Described(Node):
    """What every named object has: a name, perhaps a comment, and a place it came from."""

    name: str
    comment: str | None = None
    origin: Origin | None = None


class Object(Described):
    """An object that lives in a namespace (PostgreSQL's `schema`, MySQL's database)."""

    namespace: str | None = None

    @property
    def ref(self) -> Ref:
        """The qualified name."""
        return Ref(name=self.name, namespace=self.namespace)


class SequenceOptions(Node):
    """The numbers of a sequence or an identity column; None where the engine's default applies."""

    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cache: int | None = None
    cycle: bool = False


class Identity(Node):
    """A column whose values the engine counts up."""

    style: Literal["always", "by default", "serial", "auto_increment", "autoincrement", "rowid"]
    """`always`/`by default`: standard identity. `serial`: a PostgreSQL column that owns its sequence. `auto_increment`:
    MySQL. `autoincrement`: SQLite's keyword. `rowid`: SQLite's INTEGER PRIMARY KEY, which counts without a keyword."""
    options: SequenceOptions = SequenceOptions()
    sequence: Ref | None = None


class Generated(Node):
    """A column computed from others."""

    expression: Expression
    storage: Literal["stored", "virtual"] = "stored"


class Column(Described):
    """A column of a table."""

    type: DataType
    nullable: bool = True
    default: Expression | None = None
    on_update: Expression | None = None
    """MySQL's `ON UPDATE CURRENT_TIMESTAMP`."""
    identity: Identity | None = None
    generated: Generated | None = None
    collation: str | None = None
    charset: str | None = None
    visible: bool = True
    options: Options = {}


class Constraint(Node):
    """What every constraint has. `name` is None where the source gave none and the engine will choose."""

    name: str | None = None
    comment: str | None = None
    origin: Origin | None = None
    deferrable: Literal["initially immediate", "initially deferred"] | None = None
    """None: not deferrable."""
    validated: bool = True
    """False after PostgreSQL's NOT VALID."""
    enforced: bool = True
    options: Options = {}


class Key(Constraint):
    """A primary key or a unique constraint."""

    columns: tuple[str, ...]
    include: tuple[str, ...] = ()
    prefix_lengths: dict[str, int] = {}
    """MySQL: how many characters of a column take part."""
    without_overlaps: bool = False


class PrimaryKey(Key):
    """The primary key."""


class Unique(Key):
    """A unique constraint."""

    nulls_not_distinct: bool = False


class ForeignKey(Constraint):
    """A reference to another table. Empty `referred_columns` mean the target's primary key."""

    columns: tuple[str, ...]
    target: Ref
    referred_columns: tuple[str, ...] = ()
    on_delete: Action = "no action"
    on_update: Action = "no action"
    on_delete_columns: tuple[str, ...] = ()
    """PostgreSQL 15: `ON DELETE SET NULL (columns)`."""
    match: Literal["simple", "full", "partial"] = "simple"
    ignored: bool = False
    """True for MySQL's inline REFERENCES, which the engine parses and drops."""


class Check(Constraint):
    """A condition that every row meets."""

    expression: Expression
    no_inherit: bool = False


class IndexPart(Node):
    """One key of an index: a column or an expression."""

    column: str | None = None
    expression: Expression | None = None
    length: int | None = None
    """MySQL prefix length in characters."""
    order: Literal["asc", "desc"] = "asc"
    nulls: Literal["first", "last"] | None = None
    operator_class: str | None = None
    collation: str | None = None


class Exclusion(Constraint):
    """PostgreSQL's EXCLUDE: no two rows whose every part compares true under its operator."""

    method: str = "gist"
    parts: tuple[IndexPart, ...]
    operators: tuple[str, ...]
    """One operator for each part."""
    predicate: Expression | None = None


class Index(Described):
    """An index that no constraint brought along."""

    parts: tuple[IndexPart, ...]
    unique: bool = False
    method: str | None = None
    """`btree`, `gin`, `fulltext`, `spatial`...; None where the engine chooses."""
    include: tuple[str, ...] = ()
    predicate: Expression | None = None
    nulls_not_distinct: bool = False
    only: bool = False
    """PostgreSQL's ON ONLY: partitions do not inherit the index."""
    visible: bool = True
    options: Options = {}


class Partition(Described):
    """One partition that is described inside its table (MySQL)."""

    bound: str | None = None
    """As written: `VALUES LESS THAN (2020)`."""
    subpartitions: tuple["Partition", ...] = ()
    options: Options = {}


class Partitioning(Node):
    """How a table's rows are spread over partitions."""

    strategy: str
    """`range`, `list`, `hash`, `key`, `range columns`..."""
    keys: tuple[IndexPart, ...]
    count: int | None = None
    """MySQL: PARTITIONS n."""
    subpartitioning: "Partitioning | None" = None
    partitions: tuple[Partition, ...] = ()


class PartitionOf(Node):
    """The parent of a table that is itself a partition (PostgreSQL)."""

    parent: Ref
    bound: str
    """As written: `FOR VALUES FROM (1) TO (10)` or `DEFAULT`."""


class Table(Object):
    """A table with everything that is part of it."""

    columns: tuple[Column, ...] = ()
    primary_key: PrimaryKey | None = None
    uniques: tuple[Unique, ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    checks: tuple[Check, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    indexes: tuple[Index, ...] = ()
    partitioning: Partitioning | None = None
    partition_of: PartitionOf | None = None
    inherits: tuple[Ref, ...] = ()
    persistence: Literal["permanent", "unlogged", "temporary"] = "permanent"
    row_security: Literal["off", "on", "forced"] = "off"
    module: str | None = None
    """SQLite virtual tables: the module and its arguments as written, `fts5(title, body)`."""
    strict: bool = False
    without_rowid: bool = False
    engine: str | None = None
    charset: str | None = None
    collation: str | None = None
    owner: str | None = None
    options: Options = {}

    @cached_property
    def _columns_by_name(self) -> dict[str, Column]:
        return {column.name: column for column in self.columns}

    def column(self, name: str) -> Column | None:
        """The column of that exact name, or None."""
        return self._columns_by_name.get(name)


class Enum(Object):
    """A named enumerated type; labels in their sort order."""

    values: tuple[str, ...]


class Domain(Object):
    """A type with conditions of its own."""

    type: DataType
    nullable: bool = True
    default: Expression | None = None
    collation: str | None = None
    checks: tuple[Check, ...] = ()


class Attribute(Described):
    """A field of a composite type."""

    type: DataType
    collation: str | None = None


class CompositeType(Object):
    """A row type of its own."""

    attributes: tuple[Attribute, ...]


class Sequence(Object):
    """A counter; `owned_by` names the table and the column that it goes away with."""

    type: DataType | None = None
    options: SequenceOptions = SequenceOptions()
    owned_by: tuple[Ref, str] | None = None


class View(Object):
    """A stored query, kept as written."""

    query: str
    columns: tuple[str, ...] = ()
    """Column names where the source lists them."""
    materialized: bool = False
    with_data: bool = True
    check_option: Literal["local", "cascaded"] | None = None
    indexes: tuple[Index, ...] = ()
    options: Options = {}


class Routine(Object):
    """A function, procedure or aggregate; the body is kept verbatim."""

    kind: Literal["function", "procedure", "aggregate"]
    signature: str = ""
    """The argument list as written, without its parentheses."""
    returns: str | None = None
    language: str | None = None
    definition: str
    """The whole statement as written."""


class Trigger(Described):
    """A trigger on a table or view."""

    table: Ref
    timing: Literal["before", "after", "instead of"]
    events: tuple[str, ...]
    """`insert`, `delete`, `truncate`, `update`, or `update of a, b`."""
    level: Literal["row", "statement"] = "row"
    condition: Expression | None = None
    definition: str
    """The whole statement as written."""


class Policy(Described):
    """A row-level security policy."""

    table: Ref
    command: Literal["all", "select", "insert", "update", "delete"] = "all"
    permissive: bool = True
    roles: tuple[str, ...] = ()
    using: Expression | None = None
    check: Expression | None = None


class Extension(Object):
    """An extension of the engine that the schema asks for; `namespace` is where its objects go."""

    version: str | None = None


class Namespace(Described):
    """A PostgreSQL schema or a MySQL database."""

    options: Options = {}


class Other(Object):
    """An object of a kind that the model has no class for (rule, event, grant, range type...), kept as written."""

    kind: str
    definition: str


class Schema(Node):
    """A whole database design."""

    dialect: Dialect | None = None
    """The dialect it was described in; None for a neutral format."""
    namespaces: tuple[Namespace, ...] = ()
    extensions: tuple[Extension, ...] = ()
    enums: tuple[Enum, ...] = ()
    domains: tuple[Domain, ...] = ()
    composite_types: tuple[CompositeType, ...] = ()
    sequences: tuple[Sequence, ...] = ()
    tables: tuple[Table, ...] = ()
    views: tuple[View, ...] = ()
    routines: tuple[Routine, ...] = ()
    triggers: tuple[Trigger, ...] = ()
    policies: tuple[Policy, ...] = ()
    others: tuple[Other, ...] = ()

    @cached_property
    def _tables_by_ref(self) -> dict[tuple[str | None, str], Table]:
        return {(table.namespace, table.name): table for table in self.tables}

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is described."""
        return not any(getattr(self, name) for name in type(self).model_fields if name != "dialect")

    def table(self, ref: Ref | str) -> Table | None:
        """The table of that exact name, or None; a plain string names a table in the default namespace."""
        key = (None, ref) if isinstance(ref, str) else (ref.namespace, ref.name)
        return self._tables_by_ref.get(key)
