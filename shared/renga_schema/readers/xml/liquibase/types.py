"""What Liquibase makes of a data type for each database: one name in a changelog, four in the databases."""

import re
from typing import Final

from renga_schema.model import DataType, Dialect
from renga_schema.types import SERIALS, parse

_JAVA: Final = re.compile(r"java\.(?:sql\.Types|lang|math|util)\.", re.IGNORECASE)
_WRITTEN: Final = re.compile(
    r"(?P<name>[^(]*[^\s(])\s*(?P<arguments>\([^()]*\))?(?P<rest>(?:(?!\[)[^()])*)(?P<array>(?:\[\d*\])*)", re.DOTALL
)
_UNIT: Final = re.compile(r"\s+(?:byte|char)\s*\)", re.IGNORECASE)
_WITH_ZONE: Final = re.compile(r"with(?:_local)?[\s_]+(?:local\s+)?time[\s_]*zone", re.IGNORECASE)
_WITHOUT_ZONE: Final = re.compile(r"without\s+time\s+zone", re.IGNORECASE)

# Liquibase's kind of type -> the names that a changelog may give it.
_NAMES: Final = {
    "integer": "int integer int4 serial serial4",
    "bigint": "bigint int8 integer8 bigserial serial8 long biginteger",
    "smallint": "smallint int2 smallserial serial2 short",
    "tinyint": "tinyint",
    "mediumint": "mediumint",
    "numeric": "number numeric",
    "decimal": "decimal bigdecimal",
    "double": "double",
    "real": "real",
    "boolean": "boolean bool",
    "bit": "bit",
    "varchar": "varchar varchar2 character-varying string",
    "nvarchar": "nvarchar nvarchar2",
    "char": "char character",
    "text": "text",
    "tinytext": "tinytext",
    "mediumtext": "mediumtext",
    "longtext": "longtext clob nclob ntext longvarchar longnvarchar long-varchar",
    "object": "blob",
    "blob": "varbinary binary",
    "tinyblob": "tinyblob",
    "mediumblob": "mediumblob",
    "longblob": "longblob",
    "image": "longvarbinary long-varbinary image",
    "time": "time",
    "datetime": "datetime datetime2 smalldatetime date-time",
    "timestamp": "timestamp timestamptz timestamp_with_timezone",
    "uuid": "uuid uniqueidentifier guid",
    "money": "currency money smallmoney",
    "xml": "xml xmltype sqlxml",
}
_KINDS: Final = {name.replace("-", " "): kind for kind, names in _NAMES.items() for name in names.split()}

# Kind -> what it is called there; a `*` keeps the name, a `()` the arguments. What is not listed is left as it is.
_ANYWHERE: Final = {"integer": "integer", "bigint": "bigint", "smallint": "smallint", "decimal": "numeric()"}
_TEXTS: Final = ("text", "tinytext", "mediumtext", "longtext")
_BYTES: Final = ("blob", "tinyblob", "mediumblob", "longblob", "image")
_TARGETS: Final[dict[Dialect | None, dict[str, str]]] = {
    "postgres": {
        "tinyint": "smallint",
        "numeric": "numeric()",
        "double": "double precision",
        "boolean": "boolean",
        "varchar": "varchar()",
        "nvarchar": "varchar()",
        "char": "char()",
        **dict.fromkeys(_TEXTS, "text"),
        "object": "oid",
        **dict.fromkeys(_BYTES, "bytea"),
        "datetime": "timestamp()",
        "uuid": "uuid",
        "money": "numeric",
        "xml": "xml",
    },
    "mysql": {
        "mediumint": "mediumint",
        "numeric": "numeric()",
        "text": "text",
        "tinytext": "tinytext",
        "mediumtext": "mediumtext",
        "boolean": "tinyint(1)",
        "varchar": "varchar()",
        "nvarchar": "nvarchar()",
        "char": "char()",
        "longtext": "longtext",
        "object": "blob",
        "tinyblob": "tinyblob",
        "mediumblob": "mediumblob",
        "longblob": "longblob",
        "image": "longblob",
        "time": "time",
        "datetime": "datetime()",
        "timestamp": "timestamp()",
        "uuid": "char(36)",
        "money": "numeric",
        "xml": "longtext",
    },
    "sqlite": {
        "numeric": "numeric()",
        "real": "float",
        "boolean": "boolean",
        "bit": "boolean",
        "varchar": "varchar()",
        "nvarchar": "nvarchar()",
        "char": "char()",
        **dict.fromkeys(_TEXTS, "text"),
        "object": "blob",
        **dict.fromkeys(_BYTES, "blob"),
        "time": "time",
        "datetime": "text",
        "timestamp": "text",
        "uuid": "text",
        "money": "real",
        "xml": "text",
    },
    "mssql": {
        "mediumint": "int",
        "numeric": "numeric()",
        "boolean": "bit",
        "varchar": "varchar()",
        "nvarchar": "nvarchar()",
        "char": "char()",
        **dict.fromkeys(_TEXTS, "varchar(max)"),
        "object": "varbinary(max)",
        "tinyblob": "varbinary(max)",
        "mediumblob": "varbinary(max)",
        "longblob": "varbinary(max)",
        "timestamp": "datetime2()",
        "uuid": "uniqueidentifier",
        "money": "money",
    },
    None: {
        "tinyint": "smallint",
        "numeric": "numeric()",
        "double": "double precision",
        "boolean": "boolean",
        "bit": "boolean",
        "varchar": "varchar()",
        "nvarchar": "varchar()",
        "char": "char()",
        **dict.fromkeys(_TEXTS, "text"),
        "object": "blob",
        **dict.fromkeys(_BYTES, "blob"),
        "datetime": "timestamp()",
        "uuid": "uuid",
        "money": "money",
        "xml": "xml",
    },
}


def counts_up(written: str) -> bool:
    """Whether the type itself says that a column counts: `serial` and its kind."""
    return written.strip().lower() in SERIALS


def translated(written: str, dialect: Dialect | None) -> DataType:
    """The type that a column has in a database of the dialect; without one, what the name means."""
    return _parsed(written, dialect).model_copy(update={"written": written})


def _parsed(written: str, dialect: Dialect | None) -> DataType:
    plain = _UNIT.sub(")", _JAVA.sub("", written.strip()))
    match = _WRITTEN.fullmatch(plain)
    if match is None or match["array"]:
        return parse(plain, dialect)
    is_java = plain != _UNIT.sub(")", written.strip())
    name, arguments, rest = " ".join(match["name"].lower().split()), match["arguments"] or "", match["rest"].strip()
    zone = _WITH_ZONE.search(plain) is not None or name == "timestamptz"
    for pattern in (_WITH_ZONE, _WITHOUT_ZONE):
        name, rest = pattern.sub("", name).strip(" _"), pattern.sub("", rest).strip(" _")
    if name.endswith(" unsigned"):
        name, rest = name.removesuffix(" unsigned"), f"unsigned {rest}".strip()
    kind = _KINDS.get(name)
    if kind is None or (name in {"long", "string", "short", "date time"} and not is_java):
        return parse(plain, dialect)
    if kind in {"time", "timestamp"} and dialect in {"postgres", None}:
        return parse(f"{kind}{arguments} with{'' if zone else 'out'} time zone", dialect)
    if kind in {"tinyint", "bit"} and dialect is None and arguments == "(1)":
        return parse("boolean", dialect)
    if kind in {"object", "blob"} and is_java and dialect == "mysql" and not arguments:
        kind = "object" if kind == "object" else "image"
    target = _TARGETS[dialect].get(kind, _ANYWHERE.get(kind))
    if target is None:
        return parse(plain, dialect)
    found = parse(target.replace("()", arguments if arguments != "(*)" else ""), dialect)
    unsigned = dialect == "mysql" and "unsigned" in rest.lower().split()
    return found.model_copy(update={"unsigned": True}) if unsigned else found
