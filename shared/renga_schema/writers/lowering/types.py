"""Which type of the target holds a type's values: one table per target, and what arguments become.

A type of the same kind that holds every value is no loss (`mediumtext` becomes `text`); anything else is noted.
"""

from typing import Final, NamedTuple

from renga_schema.identifiers import literal
from renga_schema.model import DataType, Dialect
from renga_schema.types import category, parse


class Lowered(NamedTuple):
    """A type of the target, and whether it holds less or means something else."""

    type: DataType
    lossy: bool


_POSTGRES: Final = {
    "tinyint": "smallint",
    "mediumint": "integer",
    "year": "smallint",
    "double": "double precision",
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
    "binary": "bytea",
    "varbinary": "bytea",
    "blob": "bytea",
    "tinyblob": "bytea",
    "mediumblob": "bytea",
    "longblob": "bytea",
    "enum": "text",
    "inet4": "inet",
    "inet6": "inet",
    "money": "numeric(19,4)",
}
_POSTGRES_LOSSY: Final = {
    "set": "text",
    "rowversion": "bytea",
    "hierarchyid": "text",
    "sql_variant": "text",
    "geometry": "text",
    "geography": "text",
    "linestring": "text",
    "multipoint": "text",
    "multilinestring": "text",
    "multipolygon": "text",
    "geometrycollection": "text",
    "raster": "bytea",
    "any": "text",
}

_MYSQL: Final = {
    "real": "float",
    "bpchar": "longtext",
    # PostgreSQL's text has no limit that MySQL's text (64 KiB) would keep.
    "text": "longtext",
    "name": "varchar(64)",
    "blob": "longblob",
    "jsonb": "json",
    "timestamptz": "timestamp",
    "timestamp": "datetime",
    "rowversion": "binary(8)",
}
_MYSQL_LOSSY: Final = {
    "money": "decimal(19,2)",
    "citext": "longtext",
    "timetz": "time",
    "interval": "varchar(64)",
    "uuid": "char(36)",
    "xml": "longtext",
    "inet": "varchar(43)",
    "cidr": "varchar(43)",
    "inet4": "varchar(15)",
    "inet6": "varchar(39)",
    "macaddr": "char(17)",
    "macaddr8": "char(23)",
    "varbit": "longtext",
    "oid": "bigint",
    "xid8": "bigint unsigned",
    "any": "longtext",
}

_SQLITE: Final = {
    "tinytext": "text",
    "mediumtext": "text",
    "longtext": "text",
    "bpchar": "text",
    "name": "text",
    "citext": "text",
    "tinyblob": "blob",
    "mediumblob": "blob",
    "longblob": "blob",
    "binary": "blob",
    "varbinary": "blob",
    "rowversion": "blob",
    "year": "integer",
    "double": "double",
}
# Declared types that SQLite's rules of affinity treat well; `interval` would become an INTEGER by its first letters.
_SQLITE_KEPT: Final = frozenset(
    {"smallint", "integer", "bigint", "tinyint", "mediumint", "numeric", "real", "boolean", "char", "varchar", "text"}
    | {"blob", "date", "time", "timestamp", "timestamptz", "json", "jsonb", "uuid"}
)

_TIMES: Final = {"time", "timetz", "timestamp", "timestamptz"}
_FRACTION: Final[dict[Dialect | None, int]] = {"postgres": 6, "mysql": 0, "mssql": 6}
"""Fractional-second digits where none are given; None and SQLite keep what they are told."""

_WITH_ARGUMENTS: Final = frozenset(
    {"char", "varchar", "bpchar", "binary", "varbinary", "bit", "varbit", "numeric", "decimal", "real", "double"}
    | {"time", "timetz", "timestamp", "timestamptz"}
)
_WIDER: Final = {"tinyint": "smallint", "smallint": "integer", "mediumint": "integer", "integer": "bigint"}
_MYSQL_VARCHAR_LIMIT: Final = 16_383
_MYSQL_BITS: Final = 64
_MYSQL_KEY_LENGTH: Final = 255
"""Characters of four bytes, so that three of them fit InnoDB's 3072 bytes."""


def lower_type(type_: DataType, source: Dialect | None, target: Dialect, *, keyed: bool = False) -> Lowered:
    """The target's type for a built-in type; `keyed` columns are part of a key, where MySQL wants a length."""
    if target == "postgres":
        return _postgres(type_, source)
    if target == "mysql":
        return _mysql(type_, source, keyed=keyed)
    return _sqlite(type_)


def enum_check(column: str, values: tuple[str, ...], target: Dialect) -> str:
    """The condition that stands in for an enumerated type."""
    return f"{column} IN ({', '.join(literal(value, target) for value in values)})"


def _of(spelled: str, target: Dialect, *, lossy: bool = False) -> Lowered:
    return Lowered(parse(spelled, target), lossy)


def _with_arguments(name: str, type_: DataType) -> str:
    if name not in _WITH_ARGUMENTS or not type_.arguments:
        return name
    return f"{name}({','.join(str(argument) for argument in type_.arguments)})"


def _fraction(type_: DataType, source: Dialect | None, target: Dialect) -> str:
    """The fractional-second digits to write: PostgreSQL means 6 where it gives none, MySQL 0."""
    given = str(type_.arguments[0] if type_.arguments else _FRACTION.get(source, _FRACTION[target]))
    digits = min(int(given), 6) if given.isdecimal() else _FRACTION[target]
    return "" if digits == _FRACTION[target] else f"({digits})"


def _postgres(type_: DataType, source: Dialect | None) -> Lowered:
    brackets = "[]" * type_.dimensions
    name = type_.name
    if name in _POSTGRES_LOSSY:
        return _of(_POSTGRES_LOSSY[name] + brackets, "postgres", lossy=True)
    if name in _TIMES:
        return _of(name + _fraction(type_, source, "postgres") + brackets, "postgres")
    if type_.unsigned and name == "bigint":
        return _of("bigint", "postgres", lossy=True)
    if type_.unsigned and name in _WIDER:
        return _of(_WIDER[name], "postgres", lossy=True)
    if name in {"real", "double"} and type_.arguments:
        return _of(_POSTGRES.get(name, name), "postgres", lossy=True)
    if name in _POSTGRES:
        return _of(_POSTGRES[name] + brackets, "postgres")
    if category(type_) == "user":
        return _of("text" + brackets, "postgres", lossy=True)
    if name in {"integer", "smallint", "bigint", "boolean"}:
        return _of(name + brackets, "postgres")
    return _of(_with_arguments(name, type_) + brackets, "postgres", lossy=type_.unsigned)


def _mysql(type_: DataType, source: Dialect | None, *, keyed: bool) -> Lowered:
    name, kind = type_.name, category(type_)
    if type_.dimensions:
        return _of("json", "mysql", lossy=True)
    if name in _TIMES - {"timetz"}:
        return _of(_MYSQL.get(name, name) + _fraction(type_, source, "mysql"), "mysql")
    if kind in {"text", "binary"}:
        return _mysql_text(type_, keyed=keyed)
    if name == "numeric":
        return (
            _of(_with_arguments("decimal", type_), "mysql")
            if type_.arguments
            else _of("decimal(65,30)", "mysql", lossy=True)
        )
    if name in _MYSQL_LOSSY or (name == "bit" and _is_beyond(type_, _MYSQL_BITS)):
        return _of(_MYSQL_LOSSY.get(name, "longtext"), "mysql", lossy=True)
    if name in _MYSQL:
        return _of(_MYSQL[name], "mysql")
    if kind in {"geometric", "search", "range", "system", "user"}:
        return _of("longtext", "mysql", lossy=True)
    return _of(_with_arguments(name, type_) + " unsigned" * type_.unsigned, "mysql")


def _is_beyond(type_: DataType, limit: int) -> bool:
    return any(isinstance(argument, int) and argument > limit for argument in type_.arguments)


def _mysql_text(type_: DataType, *, keyed: bool) -> Lowered:
    """A text or binary type; part of a key it needs a length, and elsewhere a long one is better off without."""
    name = type_.name
    length = type_.arguments[0] if type_.arguments and isinstance(type_.arguments[0], int) else None
    fits = length is not None and length <= _MYSQL_KEY_LENGTH
    if name in _MYSQL_LOSSY or (name in _MYSQL and not keyed):
        table, lossy = (_MYSQL_LOSSY, True) if name in _MYSQL_LOSSY else (_MYSQL, False)
        return _of("varchar(255)" if keyed and name == "citext" else table[name], "mysql", lossy=lossy)
    if keyed and name not in {"char", "binary"}:
        spelled = "varchar" if category(type_) == "text" else "varbinary"
        return _of(f"{spelled}({length if fits else _MYSQL_KEY_LENGTH})", "mysql", lossy=not fits)
    if name == "char" and length is not None and not fits:
        return _of(f"varchar({length})", "mysql")
    if name == "varchar" and (length is None or length > _MYSQL_VARCHAR_LIMIT):
        return _of("longtext", "mysql")
    return _of(_with_arguments(name, type_), "mysql")


def _sqlite(type_: DataType) -> Lowered:
    name = type_.name
    if type_.dimensions:
        return _of("json", "sqlite", lossy=True)
    if name in _SQLITE:
        return _of(_SQLITE[name], "sqlite", lossy=name == "citext")
    if name in _SQLITE_KEPT:
        return _of(_with_arguments(name, type_), "sqlite", lossy=type_.unsigned)
    return _of("text", "sqlite", lossy=True)
