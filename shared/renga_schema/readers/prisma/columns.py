"""The types and defaults that Prisma gives to the columns of each database."""

import re
from base64 import b64decode
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from renga_schema.model import DataType, Dialect, Expression, Identity, Ref, SequenceOptions
from renga_schema.readers.findings import Findings
from renga_schema.readers.prisma.syntax import Attribute, Call, Declaration, Field, Listed, Number, Text, Value, Word
from renga_schema.readers.prisma.syntax import database_name as mapped
from renga_schema.readers.sql.expressions import default, expression
from renga_schema.readers.sql.names import implied_name
from renga_schema.types import parse

SCALARS: Final = ("String", "Boolean", "Int", "BigInt", "Float", "Decimal", "DateTime", "Json", "Bytes")

# What Prisma Migrate writes for a scalar that has no native type, in the order of SCALARS.
_POSTGRES: Final = "text|boolean|integer|bigint|double precision|decimal(65,30)|timestamp(3)|jsonb|bytea"
_SPELLINGS: Final[dict[Dialect | None, str]] = {
    "postgres": _POSTGRES,
    "mysql": "varchar(191)|tinyint(1)|int|bigint|double|decimal(65,30)|datetime(3)|json|longblob",
    "sqlite": "TEXT|BOOLEAN|INTEGER|BIGINT|REAL|DECIMAL|DATETIME|JSONB|BLOB",
    "mssql": "nvarchar(1000)|bit|int|bigint|float(53)|decimal(32,16)|datetime2|nvarchar(max)|varbinary(max)",
    None: _POSTGRES,
}
_WRITTEN: Final = {
    dialect: dict(zip(SCALARS, written.split("|"), strict=True)) for dialect, written in _SPELLINGS.items()
}
_POSTGRES_NATIVE: Final = (
    "Bit Boolean ByteA Char Citext Date Decimal DoublePrecision Inet Integer BigInt SmallInt Json JsonB Money Oid Real "
    "Text Time Timestamp Timestamptz Timetz Uuid VarBit VarChar Xml"
)
_NATIVE: Final[dict[str | None, frozenset[str]]] = {
    provider: frozenset(names.split())
    for provider, names in {
        "postgresql": _POSTGRES_NATIVE,
        "postgres": _POSTGRES_NATIVE,
        "mysql": (
            "BigInt Binary Bit Blob Char Date DateTime Decimal Double Float Int Json LongBlob LongText MediumBlob "
            "MediumInt MediumText SmallInt Text Time Timestamp TinyBlob TinyInt TinyText UnsignedBigInt UnsignedInt "
            "UnsignedMediumInt UnsignedSmallInt UnsignedTinyInt VarBinary VarChar Year"
        ),
        "sqlserver": (
            "BigInt Binary Bit Char Date DateTime DateTime2 DateTimeOffset Decimal Float Image Int Money NChar NText "
            "NVarChar Real SmallDateTime SmallInt SmallMoney Text Time TinyInt UniqueIdentifier VarBinary VarChar Xml"
        ),
        "cockroachdb": (
            "Bit Bool Bytes CatalogSingleChar Char Date Decimal Float4 Float8 Inet Int2 Int4 Int8 JsonB Oid String "
            "Time Timestamp Timestamptz Timetz Uuid VarBit"
        ),
    }.items()
}
"""The native types of each provider; SQLite has none."""

_SPELLED: Final = {"doubleprecision": "double precision", "catalogsinglechar": '"char"', "bytes": "bytea"}
_COUNTERS: Final = {"autoincrement", "sequence"}
_SEQUENCE_OPTIONS: Final = {
    "start": "start", "increment": "increment", "minValue": "minimum", "maxValue": "maximum", "cache": "cache",
}  # fmt: skip
_LONGEST_NUMBER: Final = 40
_BY_CLIENT: Final = {"uuid", "cuid", "nanoid", "ulid", "auto"}
_IDENTITIES: Final[dict[Dialect | None, str]] = {
    "postgres": "serial", "mysql": "auto_increment", "sqlite": "autoincrement", "mssql": "always", None: "by default",
}  # fmt: skip
_MOMENT = re.compile(r"(?P<date>\d{4}-\d\d-\d\d)T(?P<time>\d\d:\d\d:\d\d)(?P<fraction>\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)")
_CAMEL = re.compile(r"[A-Z]+[a-z0-9]*|[a-z0-9]+")


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the schema around a field says."""

    dialect: Dialect | None
    provider: str | None
    """As the datasource names its database; `cockroachdb` has the dialect of PostgreSQL and a few types of its own."""
    source_names: frozenset[str]
    """Names of the datasources, which native types begin with: `db` in `@db.Text`."""
    enums: dict[str, Declaration]
    composites: dict[str, Declaration]
    findings: Findings
    unread: frozenset[str] = frozenset()
    """Names of the blocks that could not be read."""
    damaged: frozenset[str] = frozenset()
    """Names of the blocks that were read without lines that could not be: what seems to be missing may be there."""
    models: dict[str, Declaration] = field(default_factory=dict)
    """Models and views."""
    inline_enums: dict[str, DataType] = field(default_factory=dict)
    """MySQL's types of the enums that columns have; one object each, however many columns."""

    @property
    def expressions(self) -> Dialect:
        """Whose expressions are written; those of no dialect are read as PostgreSQL's."""
        return self.dialect or "postgres"

    def is_relation(self, given: Field) -> bool:
        """Whether a field stands for rows of a model, and so for no column."""
        return not given.unsupported and (given.type in self.models or given.type in self.unread)

    def namespace(self, declaration: Declaration) -> str | None:
        """What `@@schema` says."""
        schema = declaration.attribute("schema")
        return schema.text("map", 0) if schema else None


def column_type(given: Field, path: str, around: Surroundings) -> DataType:
    """The type that the database gives to the field's column."""
    type_ = _element_type(given, path, around)
    if not given.many:
        return type_
    if around.dialect not in {"postgres", None}:
        around.findings.lose(path, "list", "a column of the list's element type", given.type_offset)
        return type_
    return type_.model_copy(update={"dimensions": 1, "written": f"{type_.written}[]"})


def _element_type(given: Field, path: str, around: Surroundings) -> DataType:
    if given.unsupported:
        return parse(given.type, around.dialect)
    native = native_type(given, around)
    if native is not None:
        return _native(native, path, around)
    if given.type in SCALARS:
        return parse(_WRITTEN[around.dialect][given.type], around.dialect)
    if enum := around.enums.get(given.type):
        return _enum(enum, given, path, around)
    named = around.composites.get(given.type)
    if named is None:
        known = chain(SCALARS, around.enums, around.models, around.composites)
        message = f"{path} has the type {given.type}, which is not described here."
        around.findings.say(
            "PRISMA-TYPE",
            message,
            given.type_offset,
            object_=path,
            help_=around.findings.did_you_mean(given.type, known),
        )
    name = named.database_name if named else given.type
    return DataType(name=name, namespace=around.namespace(named) if named else None, written=given.type)


def native_type(given: Field, around: Surroundings) -> Attribute | None:
    """The attribute that names the database's own type: `@db.VarChar(200)`."""
    return next((each for each in given.attributes if each.name.partition(".")[0] in around.source_names), None)


def _native(native: Attribute, path: str, around: Surroundings) -> DataType:
    spelled = native.name.partition(".")[2]
    lowered = spelled.lower()
    unsigned = " unsigned" if lowered.startswith("unsigned") else ""
    lowered = lowered.removeprefix("unsigned")
    lowered = _SPELLED.get(lowered, lowered)
    if lowered == "string":  # CockroachDB's text, with or without a length
        lowered = "varchar" if native.arguments else "text"
    arguments = [each.value.value for each in native.arguments if isinstance(each.value, Number | Word)]
    written = f"{lowered}({','.join(arguments)})" if arguments else lowered
    names = _NATIVE.get(around.provider, frozenset())
    if around.dialect is not None and spelled not in names:
        message = f"{path} has the native type {spelled}, which {around.provider} does not have."
        advice = around.findings.did_you_mean(spelled, sorted(names))
        around.findings.say("PRISMA-TYPE", message, native.offset, object_=path, help_=advice, severity="warning")
    return parse(written + unsigned, around.dialect)


def _enum(enum: Declaration, given: Field, path: str, around: Surroundings) -> DataType:
    if around.dialect == "mysql":
        if enum.name not in around.inline_enums:
            values = tuple(mapped(value) for value in enum.values)
            written = ",".join("'" + value.replace("'", "''") + "'" for value in values)
            around.inline_enums[enum.name] = DataType(name="enum", values=values, written=f"enum({written})")
        return around.inline_enums[enum.name]
    if around.dialect in {"sqlite", "mssql"}:
        around.findings.lose(path, f"enum {enum.name}", "text: only Prisma's client checks it", given.type_offset)
        return parse(_WRITTEN[around.dialect]["String"], around.dialect)
    return DataType(name=enum.database_name, namespace=around.namespace(enum), written=given.type)


def column_identity(given: Field, path: str, table: Ref, around: Surroundings) -> Identity | None:
    """The counter of a column whose default is `autoincrement()` or `sequence()`."""
    value = _default_value(given)
    if not (isinstance(value, Call) and value.name in _COUNTERS) or _is_row_id(value, around):
        return None
    if value.name == "sequence":
        return Identity(style="by default", options=_sequence_options(value, path, around))
    style = _IDENTITIES[around.dialect]
    if style != "serial":
        return Identity.model_validate({"style": style})
    name = implied_name(table.name, (mapped(given),), "seq")
    return Identity(style="serial", sequence=Ref(name=name, namespace=table.namespace))


def _is_row_id(value: Call, around: Surroundings) -> bool:
    """Whether CockroachDB numbers the rows by itself, without a sequence."""
    return value.name == "autoincrement" and around.provider == "cockroachdb"


def _sequence_options(value: Call, path: str, around: Surroundings) -> SequenceOptions:
    numbers: dict[str, int] = {}
    for each in value.arguments:
        number = each.value.value if isinstance(each.value, Number) else ""
        if each.name in _SEQUENCE_OPTIONS and 0 < len(number) <= _LONGEST_NUMBER:
            numbers[_SEQUENCE_OPTIONS[each.name]] = int(number.partition(".")[0])
        else:
            around.findings.lose(path, f"{each.name} of sequence()", "left out", value.offset)
    return SequenceOptions.model_validate(numbers)


def column_default(given: Field, type_: DataType, path: str, around: Surroundings) -> Expression | None:
    """The default that the database knows; what only Prisma's client fills in goes to the ledger."""
    value = _default_value(given)
    if value is None:
        return None
    if isinstance(value, Call):
        return _called(value, type_, path, around)
    text = _literal(value, given, type_, around)
    return default(text, type_, around.expressions) if text is not None else None


def _default_value(given: Field) -> Value | None:
    attribute = given.attribute("default")
    return attribute.argument("value", 0) if attribute else None


def _called(value: Call, type_: DataType, path: str, around: Surroundings) -> Expression | None:
    if value.name == "now":
        digits = type_.arguments[0] if around.dialect == "mysql" and type_.arguments else None
        return default(f"CURRENT_TIMESTAMP({digits})" if digits else "CURRENT_TIMESTAMP", type_, around.expressions)
    if value.name == "dbgenerated":
        written = value.text("value", 0)
        if written:
            return default(written, type_, around.expressions)
        around.findings.lose(path, "dbgenerated()", "no default: the schema does not say which", value.offset)
    elif value.name in _BY_CLIENT:
        around.findings.lose(path, f"{value.name}()", "no default: Prisma's client makes the value", value.offset)
    elif _is_row_id(value, around):
        return default("unique_rowid()", type_, around.expressions)
    elif value.name not in _COUNTERS:
        known = ("now", "dbgenerated", *sorted(_COUNTERS), *sorted(_BY_CLIENT))
        message = f"{path} has the default {value.name}(), which is no function of Prisma's."
        around.findings.say(
            "PRISMA-DEFAULT", message, value.offset, object_=path, help_=around.findings.did_you_mean(value.name, known)
        )
    return None


def _literal(value: Value, given: Field, type_: DataType, around: Surroundings) -> str | None:
    """A default in SQL."""
    if isinstance(value, Listed):
        items = [_literal(item, given, type_.model_copy(update={"dimensions": 0}), around) for item in value.items]
        name = type_.model_copy(update={"dimensions": 0})
        quoted = ".".join(f'"{part}"' for part in (name.namespace, name.name) if part)
        quoted = quoted if given.type in around.enums else str(name)
        return f"ARRAY[{', '.join(item for item in items if item is not None)}]::{quoted}[]"
    if isinstance(value, Number):
        return value.value
    if isinstance(value, Text):
        return _text(value.value, given.type, around)
    if isinstance(value, Word):
        if value.value in {"true", "false"}:
            return str(int(value.value == "true")) if around.dialect == "mssql" else value.value
        enum = around.enums.get(given.type)
        named = enum.value(value.value) if enum else None
        if enum is not None and named is None:
            message = f"{enum.name} has no value {value.value}."
            advice = around.findings.did_you_mean(value.value, (each.name for each in enum.values))
            around.findings.say("PRISMA-DEFAULT", message, value.offset, help_=advice)
        return _quoted(mapped(named) if named else value.value, around)
    return None


def _text(text: str, type_: str, around: Surroundings) -> str:
    """A text in quotes, or the bytes or the time that it stands for, as Prisma Migrate writes them."""
    if type_ == "Bytes":
        return _bytes(text, around)
    if type_ == "DateTime" and (moment := _MOMENT.fullmatch(text)):
        fraction = moment["fraction"] or ""
        fraction += "0" * (-(len(fraction) - 1) % 3) if fraction else ""  # whole thousandths, millionths...
        text = f"{moment['date']} {moment['time']}{fraction} {moment['zone'].replace('Z', '+00:00')}"
    return _quoted(text, around)


def _bytes(text: str, around: Surroundings) -> str:
    try:
        digits = b64decode(text, validate=True).hex()
    except ValueError:
        return _quoted(text, around)
    if around.dialect in {"mysql", "mssql"}:
        return f"0x{digits}"
    return f"'{digits}'" if around.dialect == "sqlite" else f"'\\x{digits}'"


def _quoted(text: str, around: Surroundings) -> str:
    if around.dialect == "mysql":
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


_JOINED: Final = {"min_max": "minmax", "timestamp_tz": "timestamptz", "time_tz": "timetz", "var_bit": "varbit"}


def operator_class(value: Value | None) -> str | None:
    """PostgreSQL's name of an operator class: `JsonbPathOps` is jsonb_path_ops, `raw("x")` is x."""
    if isinstance(value, Call):
        return value.text("value", 0)
    if not isinstance(value, Word):
        return None
    name = "_".join(_CAMEL.findall(value.value)).lower()
    for apart, joined in _JOINED.items():
        name = name.replace(apart, joined)
    return name


def condition(value: Value | None, around: Surroundings, model: Declaration) -> Expression | None:
    """The condition of a partial index: a text, `raw("...")`, or an object of fields and values."""
    if isinstance(value, Text | Call):
        written = value.value if isinstance(value, Text) else value.text("value", 0)
        return expression(written, around.expressions) if written else None
    entries = getattr(value, "entries", ())
    parts = [text for each in entries if (text := _comparison(each.name, each.value, around, model))]
    return expression(" AND ".join(parts), around.expressions) if parts else None


def _comparison(name: str | None, value: Value, around: Surroundings, model: Declaration) -> str:
    field_ = model.field(name or "")
    column = f'"{mapped(field_) if field_ else name}"'
    negated = next((each.value for each in getattr(value, "entries", ()) if each.name == "not"), None)
    operand = negated or value
    if isinstance(operand, Word) and operand.value == "null":
        return f"{column} IS {'NOT ' if negated else ''}NULL"
    if isinstance(operand, Text):
        written = _quoted(operand.value, around)
    elif isinstance(operand, Number | Word):
        written = operand.value
    else:
        return ""
    return f"{column} {'<>' if negated else '='} {written}"
