"""What may stand in the format, and the source of its JSON Schema.

Every class is closed, so an unknown key is found; every short form is turned into the long one before it is checked.

Longer than 400 lines: it is one vocabulary, the counterpart of the model, and it is read whole.
"""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from renga_schema.model import Action, Dialect
from renga_schema.native import shorthand

Names: TypeAlias = Annotated[
    tuple[str, ...], BeforeValidator(shorthand.one_or_many, json_schema_input_type=str | list[str])
]
"""One name, or a list of names."""
Texts: TypeAlias = dict[str, str]


class Definition(BaseModel):
    """A closed part of the format."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, defer_build=True)


class Commented(Definition):
    """What can be described in words."""

    comment: str | None = None


class TypeDef(Definition):
    """A data type part by part, for one that its short form does not tell; in short, as SQL writes it."""

    name: str
    namespace: str | None = None
    arguments: tuple[Annotated[int | str, Field(union_mode="left_to_right")], ...] = ()
    values: tuple[str, ...] = ()
    dimensions: int = 0
    unsigned: bool = False
    zerofill: bool = False
    written: str = ""
    """As it was spelled where it was read, if anywhere."""


Type: TypeAlias = str | TypeDef


class NumbersDef(Definition):
    """The numbers of a sequence or of an identity column."""

    start: int | None = None
    increment: int | None = None
    minimum: int | None = None
    maximum: int | None = None
    cache: int | None = None
    cycle: bool = False


class IdentityDef(NumbersDef):
    """A column whose values the engine counts up."""

    style: Literal["always", "by default", "serial", "auto_increment", "autoincrement", "rowid"] = "by default"
    sequence: str | None = None


class GeneratedDef(Definition):
    """A column computed from others; in short, the expression alone, which is then stored."""

    expression: str
    storage: Literal["stored", "virtual"] = "stored"


class ConstraintDef(Commented):
    """What every constraint has."""

    name: str | None = None
    deferrable: Literal["initially immediate", "initially deferred"] | None = None
    validated: bool = True
    enforced: bool = True
    options: Texts = {}


class KeyDef(ConstraintDef):
    """A primary key or unique constraint; in short, its columns."""

    columns: Names
    include: Names = ()
    prefix_lengths: dict[str, int] = {}
    nulls_not_distinct: bool = False
    without_overlaps: bool = False


class ReferenceDef(ConstraintDef):
    """A foreign key; in short, `table(column) on delete cascade`. Without `to` it is the target's primary key."""

    columns: Names = ()
    """Left out where the reference stands in a column."""
    table: str
    to: Names = ()
    on_delete: Action = "no action"
    on_update: Action = "no action"
    on_delete_columns: Names = ()
    match: Literal["simple", "full", "partial"] = "simple"
    ignored: bool = False


class CheckDef(ConstraintDef):
    """A condition that every row meets; in short, the condition."""

    expression: str
    no_inherit: bool = False


class PartDef(Definition):
    """A key of an index; in short, `column desc nulls last` or `(expression)`."""

    column: str | None = None
    expression: str | None = None
    length: int | None = None
    order: Literal["asc", "desc"] = "asc"
    nulls: Literal["first", "last"] | None = None
    operator_class: str | None = None
    collation: str | None = None


Part: TypeAlias = Annotated[PartDef, BeforeValidator(shorthand.part, json_schema_input_type=str | PartDef)]
Parts: TypeAlias = Annotated[
    tuple[Part, ...], BeforeValidator(shorthand.one_or_many, json_schema_input_type=str | list[Part])
]


class IndexDef(Commented):
    """An index; in short, its keys."""

    parts: Parts
    unique: bool = False
    method: str | None = None
    include: Names = ()
    where: str | None = None
    nulls_not_distinct: bool = False
    only: bool = False
    visible: bool = True
    options: Texts = {}


class ExclusionDef(ConstraintDef):
    """PostgreSQL's EXCLUDE: no two rows whose every part compares true under its operator."""

    method: str = "gist"
    parts: Parts
    operators: Names
    where: str | None = None


class PartitionDef(Commented):
    """One partition that is described inside its table (MySQL)."""

    name: str
    bound: str | None = None
    subpartitions: tuple["PartitionDef", ...] = ()
    options: Texts = {}


class PartitioningDef(Definition):
    """How a table's rows are spread over partitions."""

    strategy: str
    parts: Parts = ()
    count: int | None = None
    subpartitioning: "PartitioningDef | None" = None
    partitions: tuple[PartitionDef, ...] = ()


class PartitionOfDef(Definition):
    """The parent of a table that is itself a partition (PostgreSQL)."""

    parent: str
    bound: str


def _identity(value: Any) -> Any:
    """`true` for the standard identity, or a style alone."""
    if value is True or value in ("true", "True"):
        return {}
    if value is False or value in ("false", "False"):
        return None
    return {"style": value} if isinstance(value, str) else value


def _short(definition: type[Any], key: str, *bare: Any) -> BeforeValidator:
    """What accepts a bare value for a mapping with one key."""
    kind: Any = definition
    for each in bare:
        kind |= each
    return BeforeValidator(shorthand.wrapped(key), json_schema_input_type=kind)


Reference: TypeAlias = Annotated[
    ReferenceDef, BeforeValidator(shorthand.reference, json_schema_input_type=str | ReferenceDef)
]
Key: TypeAlias = Annotated[KeyDef, _short(KeyDef, "columns", str, list[str])]
Check: TypeAlias = Annotated[CheckDef, _short(CheckDef, "expression", str)]
Index: TypeAlias = Annotated[IndexDef, _short(IndexDef, "parts", str, list[Part])]
Identity: TypeAlias = Annotated[
    IdentityDef | None, BeforeValidator(_identity, json_schema_input_type=bool | str | IdentityDef)
]


class ColumnDef(Commented):
    """A column. In short: `varchar(200)! unique -> table(column) = default`."""

    type: Type
    nullable: bool | None = None
    """False: NOT NULL. Left out, a column may be null, unless it is in the primary key or an identity."""
    key: bool = False
    """The primary key, alone; a key of several columns stands in the table."""
    unique: bool = False
    identity: Identity = None
    default: str | None = None
    """A SQL expression: a text stands in its own quotes, `"'draft'"`."""
    generated: Annotated[GeneratedDef, _short(GeneratedDef, "expression", str)] | None = None
    references: Reference | None = None
    check: Check | None = None
    on_update: str | None = None
    collation: str | None = None
    charset: str | None = None
    visible: bool = True
    options: Texts = {}


Column: TypeAlias = Annotated[ColumnDef, BeforeValidator(shorthand.column, json_schema_input_type=str | ColumnDef)]


def _checks(value: Any) -> Any:
    """A mapping of name to condition for a list of named checks."""
    if not isinstance(value, dict):
        return value
    return [
        {"name": name, "expression": check} if not isinstance(check, dict) else {"name": name, **check}
        for name, check in value.items()
    ]


def _indexes(value: Any) -> Any:
    """A mapping of name to index, or a list of indexes without names, for pairs."""
    return list(value.items()) if isinstance(value, dict) else [(None, each) for each in value or []]


Checks: TypeAlias = Annotated[
    tuple[Check, ...], BeforeValidator(_checks, json_schema_input_type=list[Check] | dict[str, Check])
]
Indexes: TypeAlias = Annotated[
    tuple[tuple[str | None, Index], ...],
    BeforeValidator(_indexes, json_schema_input_type=dict[str, Index] | list[Index]),
]


class TableDef(Commented):
    """A table."""

    columns: dict[str, Column] = {}
    key: Key | None = None
    unique: tuple[Key, ...] = ()
    references: tuple[ReferenceDef, ...] = ()
    checks: Checks = ()
    indexes: Indexes = ()
    exclusions: tuple[ExclusionDef, ...] = ()
    partitioning: PartitioningDef | None = None
    partition_of: PartitionOfDef | None = None
    inherits: Names = ()
    persistence: Literal["permanent", "unlogged", "temporary"] = "permanent"
    row_security: Literal["off", "on", "forced"] = "off"
    module: str | None = None
    strict: bool = False
    without_rowid: bool = False
    engine: str | None = None
    charset: str | None = None
    collation: str | None = None
    owner: str | None = None
    options: Texts = {}


class EnumDef(Commented):
    """An enumerated type; in short, its labels in their order."""

    values: tuple[str, ...]


class DomainDef(Commented):
    """A type with conditions of its own; in short, a type."""

    type: Type
    nullable: bool = True
    default: str | None = None
    collation: str | None = None
    checks: Checks = ()


class AttributeDef(Commented):
    """A field of a composite type; in short, its type."""

    type: Type
    collation: str | None = None


class CompositeTypeDef(Commented):
    """A row type of its own."""

    attributes: dict[str, Annotated[AttributeDef, _short(AttributeDef, "type", str)]]


class SequenceDef(NumbersDef, Commented):
    """A counter."""

    type: Type | None = None
    owned_by: str | None = None
    """`table.column`"""


class ViewDef(Commented):
    """A stored query; in short, the query."""

    query: str
    columns: Names = ()
    materialized: bool = False
    with_data: bool = True
    check_option: Literal["local", "cascaded"] | None = None
    indexes: Indexes = ()
    options: Texts = {}


class RoutineDef(Commented):
    """A function, procedure or aggregate, as written."""

    name: str
    kind: Literal["function", "procedure", "aggregate"] = "function"
    signature: str = ""
    returns: str | None = None
    language: str | None = None
    definition: str


class TriggerDef(Commented):
    """A trigger, as written."""

    name: str
    table: str
    timing: Literal["before", "after", "instead of"]
    events: Names
    level: Literal["row", "statement"] = "row"
    condition: str | None = None
    definition: str


class PolicyDef(Commented):
    """A row-level security policy."""

    name: str
    table: str
    command: Literal["all", "select", "insert", "update", "delete"] = "all"
    permissive: bool = True
    roles: Names = ()
    using: str | None = None
    check: str | None = None


class ExtensionDef(Commented):
    """An extension of the engine."""

    version: str | None = None
    namespace: str | None = None


class NamespaceDef(Commented):
    """A PostgreSQL schema or a MySQL database."""

    options: Texts = {}


class OtherDef(Commented):
    """An object of another kind, as written."""

    name: str
    kind: str
    definition: str


Extension: TypeAlias = Annotated[
    ExtensionDef, BeforeValidator(shorthand.nothing_is_empty, json_schema_input_type=ExtensionDef | None)
]
Namespace: TypeAlias = Annotated[
    NamespaceDef, BeforeValidator(shorthand.nothing_is_empty, json_schema_input_type=NamespaceDef | None)
]
Sequence: TypeAlias = Annotated[
    SequenceDef, BeforeValidator(shorthand.nothing_is_empty, json_schema_input_type=SequenceDef | None)
]


class SchemaDef(Definition):
    """A database design. Names may be qualified: `sales.order`."""

    dialect: Dialect | None = None
    """Whose expressions and types these are; left out where any engine will do."""
    namespaces: Annotated[
        dict[str, Namespace],
        BeforeValidator(shorthand.named, json_schema_input_type=list[str] | dict[str, Namespace]),
    ] = {}
    extensions: Annotated[
        dict[str, Extension],
        BeforeValidator(shorthand.named, json_schema_input_type=list[str] | dict[str, Extension]),
    ] = {}
    enums: dict[str, Annotated[EnumDef, _short(EnumDef, "values", list[str])]] = {}
    domains: dict[str, Annotated[DomainDef, _short(DomainDef, "type", str)]] = {}
    composite_types: dict[str, CompositeTypeDef] = {}
    sequences: dict[str, Sequence] = {}
    tables: dict[str, TableDef] = {}
    views: dict[str, Annotated[ViewDef, _short(ViewDef, "query", str)]] = {}
    routines: tuple[RoutineDef, ...] = ()
    triggers: tuple[TriggerDef, ...] = ()
    policies: tuple[PolicyDef, ...] = ()
    others: Annotated[tuple[OtherDef, ...], Field(description="Objects of other kinds, as written.")] = ()


def json_schema() -> dict[str, Any]:
    """The JSON Schema of the format (draft 2020-12)."""
    schema = SchemaDef.model_json_schema(mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://renga.dev/schemas/native.schema.json",
        **schema,
    }
