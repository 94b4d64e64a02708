"""What MySQL's character sets do to the columns of a table."""

from typing import Final

from renga_schema.model import Column, DataType
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.types import category

BINARY: Final = "binary"
"""The character set of bytes: a text type with it is the binary type of the same size."""

_BYTES: Final = {"utf8": 3, "utf8mb3": 3, "utf8mb4": 4, "utf16": 4, "utf16le": 4, "utf32": 4, "gb18030": 4} | {
    "ujis": 3, "eucjpms": 3, "ucs2": 2, "big5": 2, "cp932": 2, "euckr": 2, "gb2312": 2, "gbk": 2, "sjis": 2,
}  # fmt: skip
"""How long one character can be, where it is longer than one byte."""

_MODERN: Final = "utf8mb4"
"""What a table has that says nothing, in a database that says nothing, since MySQL 8."""

_COPY: Final = 200
"""The steps that it takes to change a column."""

_SIZES: Final = {"text", "blob"}
_PREFIXES: Final = {"tiny": 2**8, "": 2**16, "medium": 2**24}
_LARGER: Final = {"tinytext": "text", "text": "mediumtext", "mediumtext": "longtext"}
_BINARY_TYPES: Final = {
    "char": "binary",
    "varchar": "varbinary",
    "tinytext": "tinyblob",
    "text": "blob",
    "mediumtext": "mediumblob",
    "longtext": "longblob",
}


def charset_of(charset: str | None, collation: str | None) -> str | None:
    """The character set that a table or column names, be it by its collation."""
    return charset or (collation.split("_")[0] if collation else None)


def same_charset(one: str | None, other: str | None) -> bool:
    """Whether two character sets are one; what is not known contradicts nothing."""
    if one is None or other is None:
        return True
    plain = [name.lower().replace("utf8mb3", "utf8") for name in (one, other)]
    return plain[0] == plain[1]


def settle_types(table: TableDraft) -> None:
    """Give columns the types that their character set makes of them: bytes are binary, `text(n)` has room for n."""
    inherited = charset_of(table.charset, table.collation)
    for column in list(table.columns.values()):
        type_ = column.type
        if type_.name not in _SIZES and type_.name not in _BINARY_TYPES and not column.options:
            continue  # at once: this is asked of every column after every ALTER TABLE
        charset = charset_of(column.charset, column.collation) or inherited or _MODERN
        changed: dict[str, object] = {}
        if type_.name in _SIZES and type_.arguments:
            type_ = changed["type"] = _sized(type_, charset)
        if column.collation is None and (known := column.charset or inherited) and column.options.get("binary"):
            changed["collation"] = f"{known}_bin"
        if charset.lower() == BINARY and type_.name in _BINARY_TYPES:
            name = _BINARY_TYPES[type_.name]
            changed |= {"type": type_.model_copy(update={"name": name}), "charset": None, "collation": None}
        if changed:
            table.put(column.model_copy(update=changed))


def _sized(type_: DataType, charset: str) -> DataType:
    """The smallest of the types of a family that holds so many characters, or bytes."""
    length = int(type_.arguments[0]) * (_width(charset) if type_.name == "text" else 1)
    prefix = next((prefix for prefix, size in _PREFIXES.items() if length < size), "long")
    return type_.model_copy(update={"name": prefix + type_.name, "arguments": ()})


def keep_old(table: TableDraft, charset: str | None, collation: str | None) -> None:
    """After a table got another default: the columns that had the old one keep it, and now say so."""
    if charset is None and collation is None:
        return
    for column in _inheriting(table):
        table.put(column.model_copy(update={"charset": charset, "collation": collation}))


def convert(table: TableDraft, charset: str, collation: str | None) -> None:
    """CONVERT TO CHARACTER SET: of every text column, whose type grows if it could hold less than before."""
    default = charset_of(table.charset, table.collation)
    for column in list(table.columns.values()):
        if not _is_text(column):
            continue
        table.effort.spend(_COPY)
        old = charset_of(column.charset, column.collation) or default
        changed: dict[str, object] = {"charset": None, "collation": None}
        if old is not None and _width(charset) > _width(old) and column.type.name in _LARGER:
            changed["type"] = column.type.model_copy(update={"name": _LARGER[column.type.name]})
        table.put(column.model_copy(update=changed))
    table.charset, table.collation = charset, collation
    settle_types(table)


def _inheriting(table: TableDraft) -> list[Column]:
    own = (column for column in table.columns.values() if column.charset is None and column.collation is None)
    return [column for column in own if _is_text(column)]


def _is_text(column: Column) -> bool:
    return category(column.type) in {"text", "enum"}


def _width(charset: str) -> int:
    return _BYTES.get(charset.lower(), 1)
