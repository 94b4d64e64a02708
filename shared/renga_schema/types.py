"""The one vocabulary of data types: canonical names, their categories, and what each dialect calls them.

A canonical name says what a type *means*, so that a schema can be compared and written across dialects: MySQL's
`DATETIME` is `timestamp` (no time zone) and its `TIMESTAMP` is `timestamptz` (an instant); PostgreSQL's `bytea` is
`blob`; SQL Server's `nvarchar` is `varchar` and its `varchar(max)` is `text`. The spelling stays in `DataType.written`.
A name that is not in the vocabulary is a user-defined type and keeps its own name.
"""

import re
from functools import lru_cache
from typing import Final, Literal

from renga_schema.model import DataType, Dialect

Category = Literal[
    "integer",
    "decimal",
    "float",
    "boolean",
    "text",
    "binary",
    "bit",
    "temporal",
    "json",
    "xml",
    "uuid",
    "enum",
    "network",
    "geometric",
    "spatial",
    "search",
    "range",
    "system",
    "user",
]
"""What kind of value a type holds. `enum` is an inline ENUM or SET; `user` is any type outside the vocabulary."""

_BY_CATEGORY: Final[dict[Category, str]] = {
    "integer": "tinyint smallint mediumint integer bigint year",
    "decimal": "numeric money",
    "float": "real double",
    "boolean": "boolean",
    "text": "char bpchar varchar text tinytext mediumtext longtext citext name",
    "binary": "binary varbinary blob tinyblob mediumblob longblob rowversion",
    "bit": "bit varbit",
    "temporal": "date time timetz timestamp timestamptz interval",
    "json": "json jsonb jsonpath",
    "xml": "xml",
    "uuid": "uuid",
    "enum": "enum set",
    "network": "inet cidr macaddr macaddr8 inet4 inet6",
    "geometric": "line lseg box path circle",
    "spatial": (
        "geometry geography point linestring polygon multipoint multilinestring multipolygon geometrycollection raster"
    ),
    "search": "tsvector tsquery",
    "range": (
        "int4range int8range numrange tsrange tstzrange daterange "
        "int4multirange int8multirange nummultirange tsmultirange tstzmultirange datemultirange"
    ),
    "system": (
        "any void record trigger oid regclass regtype regproc regprocedure regoper regrole regnamespace regconfig "
        "xid xid8 cid tid pg_lsn txid_snapshot pg_snapshot sql_variant hierarchyid aclitem"
    ),
}

CATEGORIES: Final[dict[str, Category]] = {
    name: category for category, names in _BY_CATEGORY.items() for name in names.split()
}
"""Canonical name -> category. Every canonical name is here."""

_EVERYWHERE: Final = {
    "int": "integer",
    "dec": "numeric",
    "decimal": "numeric",
    "bool": "boolean",
    "double precision": "double",
    "character": "char",
    "character varying": "varchar",
    "char varying": "varchar",
    "national character": "char",
    "national char": "char",
    "nchar": "char",
    "national character varying": "varchar",
    "national char varying": "varchar",
    "national varchar": "varchar",
    "nchar varying": "varchar",
    "nvarchar": "varchar",
    "character large object": "text",
    "clob": "text",
    "binary varying": "varbinary",
    "binary large object": "blob",
    "bit varying": "varbit",
    "timestamp without time zone": "timestamp",
    "timestamp with time zone": "timestamptz",
    "time without time zone": "time",
    "time with time zone": "timetz",
}

_POSTGRES: Final = {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "serial2": "smallint",
    "serial4": "integer",
    "serial8": "bigint",
    "smallserial": "smallint",
    "serial": "integer",
    "bigserial": "bigint",
    "float4": "real",
    "float8": "double",
    "float": "double",
    "bytea": "blob",
}

_MYSQL: Final = {
    "int1": "tinyint",
    "int2": "smallint",
    "int3": "mediumint",
    "int4": "integer",
    "int8": "bigint",
    "middleint": "mediumint",
    "serial": "bigint",
    "fixed": "numeric",
    "float": "real",
    "float4": "real",
    "float8": "double",
    "real": "double",
    "long": "mediumtext",
    "long varchar": "mediumtext",
    "long varbinary": "mediumblob",
    "datetime": "timestamp",
    "timestamp": "timestamptz",
    "geomcollection": "geometrycollection",
}

_SQLITE: Final = {
    "int2": "smallint",
    "int8": "bigint",
    "unsigned big int": "bigint",
    "float": "double",
    "real": "double",
    "native character": "char",
    "varying character": "varchar",
    "datetime": "timestamp",
    "any": "any",
    "": "any",
}

_MSSQL: Final = {
    "ntext": "text",
    "float": "double",
    "smallmoney": "money",
    "bit": "boolean",
    "datetime": "timestamp",
    "datetime2": "timestamp",
    "smalldatetime": "timestamp",
    "datetimeoffset": "timestamptz",
    "timestamp": "rowversion",
    "image": "blob",
    "uniqueidentifier": "uuid",
    "sysname": "varchar",
}

SYNONYMS: Final[dict[Dialect, dict[str, str]]] = {
    "postgres": _EVERYWHERE | _POSTGRES,
    "mysql": _EVERYWHERE | _MYSQL,
    "sqlite": _EVERYWHERE | _SQLITE,
    "mssql": _EVERYWHERE | _MSSQL,
}
"""Dialect -> what it writes (lower case, words separated by one space) -> canonical name."""

NEUTRAL: Final[dict[str, str]] = _EVERYWHERE | {
    "int2": "smallint",
    "int4": "integer",
    "int8": "bigint",
    "float": "double",
    "float4": "real",
    "float8": "double",
    "datetime": "timestamp",
    "bytea": "blob",
    "string": "text",
}
"""Synonyms of a format that belongs to no dialect, such as YAML."""

SERIALS: Final = {"serial", "serial2", "serial4", "serial8", "smallserial", "bigserial"}
"""PostgreSQL's spellings of an integer column that owns a sequence; MySQL has `serial` too, for AUTO_INCREMENT."""

_INTEGERS: Final = {"tinyint", "smallint", "mediumint", "integer", "bigint"}
_ONE_BY_DEFAULT: Final = {"char", "binary", "bit"}
_MAX_SPELLINGS: Final = {"varchar": "text", "varbinary": "blob"}
_SUFFIXES: Final = {"signed", "unsigned", "zerofill"}
_SYSTEM_NAMESPACES: Final = {"pg_catalog", "sys"}

_STRING = r"'(?:[^'\\]++|''|\\.)*+'" + '|"(?:[^"\\\\]++|""|\\\\.)*+"'
_ARGUMENTS = re.compile(rf"\((?P<inside>(?:{_STRING}|[^()'\"])*)\)", re.DOTALL)
_NUMBER = r"-?\d{1,18}(?!\w)"
_ARGUMENT = re.compile(rf"\s*(?:(?P<string>{_STRING})|(?P<number>{_NUMBER})|(?P<word>[^\s,]+))", re.DOTALL)
_ARRAY = re.compile(r"(?:\barray\b\s*)?\[\s*\d*\s*\]|\barray\b", re.IGNORECASE)
_NAME = re.compile(r'"(?:[^"]|"")+"|`(?:[^`]|``)+`|\[[^\]]+\]|[^\s."`\[]+|\.')


def category(type_: DataType) -> Category:
    """What kind of value the type holds; an array counts as its element."""
    return "user" if type_.namespace else CATEGORIES.get(type_.name, "user")


def affinity(written: str) -> Literal["integer", "text", "blob", "real", "numeric"]:
    """SQLite's affinity of a declared type (https://www.sqlite.org/datatype3.html, section 3.1)."""
    upper = written.upper()
    if "INT" in upper:
        return "integer"
    if any(part in upper for part in ("CHAR", "CLOB", "TEXT")):
        return "text"
    if not upper.strip() or "BLOB" in upper:
        return "blob"
    return "real" if any(part in upper for part in ("REAL", "FLOA", "DOUB")) else "numeric"


@lru_cache(maxsize=4096)
def parse(text: str, dialect: Dialect | None = None) -> DataType:
    """Read a data type as `dialect` writes it: `varchar(20)`, `timestamp(3) with time zone`, `int unsigned`, `text[]`.

    Anything with a name is a type: what is outside the vocabulary is taken for user-defined, and an unquoted name folds
    to lower case.
    """
    rest = text
    dimensions = 0
    arguments: list[int | str] = []
    values: list[str] = []
    if inside := _ARGUMENTS.search(rest):
        rest = f"{rest[: inside.start()]} {rest[inside.end() :]}"
        for argument in _ARGUMENT.finditer(inside["inside"]):
            if argument["string"]:
                values.append(_unquote_string(argument["string"]))
            elif argument["number"]:
                arguments.append(int(argument["number"]))
            elif argument["word"]:
                arguments.append(argument["word"])
    if dialect != "mssql":  # there, brackets quote a name
        rest, dimensions = _ARRAY.subn(" ", rest)
    names: list[str] = _NAME.findall(rest)
    flags = {name.lower() for name in names[1:]} & _SUFFIXES
    *path, spelled = " ".join(
        name if name == "." else name[1:-1] if name[0] in '"`[' else name.lower()
        for name in names
        if name.lower() not in flags
    ).split(" . ")
    type_ = DataType(
        name=spelled,
        namespace=path[-1] if path and path[-1] not in _SYSTEM_NAMESPACES else None,
        arguments=tuple(arguments),
        values=tuple(values),
        dimensions=dimensions,
        unsigned=bool(flags & {"unsigned", "zerofill"}),
        zerofill="zerofill" in flags,
        written=text.strip(),
    )
    # A quoted name is the user's own in PostgreSQL; SQL Server's scripts quote every type.
    if type_.namespace or (dialect == "postgres" and '"' in rest):
        return type_
    name, kept = _canonical(type_, dialect)
    return type_.model_copy(update={"name": name, "arguments": kept})


def _canonical(type_: DataType, dialect: Dialect | None) -> tuple[str, tuple[int | str, ...]]:
    """The canonical name, and the arguments without those that mean nothing or with those that are meant."""
    spelled, arguments = type_.name, type_.arguments
    name = (SYNONYMS[dialect] if dialect else NEUTRAL).get(spelled, spelled)
    if spelled.startswith("interval "):
        return "interval", (spelled.removeprefix("interval "), *arguments)
    if name in _MAX_SPELLINGS and [str(argument).lower() for argument in arguments] == ["max"]:
        return _MAX_SPELLINGS[name], ()
    if name in _INTEGERS:
        # What is left is MySQL's display width. It says something once: `tinyint(1)` is a boolean.
        if dialect == "mysql" and name == "tinyint" and arguments == (1,) and not type_.unsigned:
            return "boolean", ()
        return name, arguments if type_.zerofill else ()
    if spelled == "float" and len(arguments) == 1 and dialect != "sqlite":
        return ("real" if arguments[0] in range(25) else "double"), ()
    return name, _meant(name, arguments, dialect)


def _meant(name: str, arguments: tuple[int | str, ...], dialect: Dialect | None) -> tuple[int | str, ...]:
    """The arguments as the engine fills them in."""
    if name == "numeric" and len(arguments) == 1:
        return (*arguments, 0)
    if name == "numeric" and not arguments and dialect == "mysql":
        return (10, 0)
    if name in _ONE_BY_DEFAULT and not arguments and dialect != "sqlite":
        return (1,)
    if name == "year" or (arguments == (0,) and dialect == "mysql"):
        return ()
    return arguments


def _unquote_string(written: str) -> str:
    quote = written[0]
    return re.sub(rf"{quote}{quote}|\\(.)", lambda match: match[1] or quote, written[1:-1], flags=re.DOTALL)
