"""Read Moodle's XMLDB: the `install.xml` of a plugin or of Moodle itself.

XMLDB names keys and indexes within a table, where engines want names that are unique; so `user`'s key `mailing` becomes
`user_mailing_uk` (`_fk` for a foreign key, `_ix` and `_uix` for indexes), as Moodle's own generators do, and a primary
key stays without a name. An `int` is as wide as its digits need: `smallint` to 4, `integer` to 9, `bigint` beyond; for
MySQL also `tinyint` to 2 and `mediumint` to 6. A `char` that must be there and has no default has the empty text as its
default, and UNSIGNED means nothing, both as in Moodle since version 2.3. A `foreign-unique` key is a foreign key and a
unique constraint: Moodle itself leaves foreign keys to its code, and makes an index of each. Each TABLE counts as a
statement.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Final

from renga_schema.identifiers import literal
from renga_schema.model import (
    Check,
    Column,
    DataType,
    Dialect,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    PrimaryKey,
    Ref,
    Schema,
    Table,
    Unique,
)
from renga_schema.readers.source import Source
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.expressions import default, expression
from renga_schema.readers.xml.account import Account, flag, names, number, required
from renga_schema.readers.xml.tree import Element
from renga_schema.report import Reading

_SILENT: Final = frozenset({"PREVIOUS", "NEXT", "UNSIGNED"})
"""Attributes that say again in which order things stand, or nothing any more."""
_WIDTHS: Final[dict[Dialect | None, tuple[tuple[int, str], ...]]] = {
    None: ((4, "smallint"), (9, "integer")),
    "mysql": ((2, "tinyint"), (4, "smallint"), (6, "mediumint"), (9, "integer")),
}
"""The most digits of an integer -> its type; what has more is `bigint`."""
_IN_MYSQL: Final = {"text": "longtext", "blob": "longblob"}
_TYPES: Final = {
    "number": "numeric",
    "float": "double",
    "char": "varchar",
    "text": "text",
    "binary": "blob",
    "datetime": "timestamp",
    "timestamp": "timestamp",
}
_KEY_TYPES: Final = ("primary", "unique", "foreign", "foreign-unique")


def read_xmldb(source: Source, root: Element, dialect: Dialect | None = None) -> Reading:
    """Read the tables of a document whose root is XMLDB, as Moodle makes them for the dialect, if one is meant."""
    account = Account(source)
    tables: dict[str, Table] = {}
    for child in root.children:
        if child.name == "TABLES":
            for element in child.children:
                try:
                    table = _Reader(account, element, dialect).table(tables)
                except Unparsed as problem:
                    account.complain(problem)
                    account.count("failed")
                else:
                    tables[table.name] = table
                    account.count("applied")
        elif child.name == "STATEMENTS":  # rows to insert
            account.count("noted")
        else:
            account.complain(_unknown(account, child, ("TABLES", "STATEMENTS")))
            account.count("failed")
    return account.result(Schema(dialect=dialect, tables=tuple(tables.values())))


@dataclass
class _Reader:
    """One table while its parts are read; a part that is wrong is left out with a diagnostic."""

    account: Account
    element: Element
    dialect: Dialect | None
    columns: dict[str, Column] = field(default_factory=dict)
    primary_key: PrimaryKey | None = None
    uniques: list[Unique] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    indexes: dict[str, Index] = field(default_factory=dict)

    def table(self, before: dict[str, Table]) -> Table:
        element = self.element
        if element.name != "TABLE":
            raise _unknown(self.account, element, ("TABLE",))
        name = required(element, "NAME")
        if name in before:
            raise _duplicate("table", name, element)
        parts: dict[str, tuple[str, Callable[[Element, str], None]]] = {
            "FIELDS": ("FIELD", self._field),
            "KEYS": ("KEY", self._key),
            "INDEXES": ("INDEX", self._index),
        }
        for group in element.children:
            if group.name not in parts:
                self.account.complain(_unknown(self.account, group, parts))
                continue
            kind, read = parts[group.name]
            for child in group.children:
                try:
                    if child.name != kind:
                        raise _unknown(self.account, child, (kind,))
                    read(child, name)
                    self.account.ledger(name, child, ignored=_SILENT)
                except Unparsed as problem:
                    self.account.complain(problem)
        comment = _comment(element)
        self.account.ledger(name, element, ignored=_SILENT)
        return Table(
            name=name,
            comment=comment,
            origin=self.account.place(element),
            columns=tuple(self.columns.values()),
            primary_key=self.primary_key,
            uniques=tuple(self.uniques),
            foreign_keys=tuple(self.foreign_keys),
            checks=tuple(self.checks),
            indexes=tuple(self.indexes.values()),
        )

    def _field(self, element: Element, _: str) -> None:
        name = required(element, "NAME")
        if name in self.columns:
            raise _duplicate("field", name, element)
        type_ = self._type(element)
        sequence = flag(element, "SEQUENCE")
        written = element.attributes.get("DEFAULT")
        if written is None and type_.name == "varchar" and flag(element, "NOTNULL"):
            written = ""
        column = Column(
            name=name,
            comment=_comment(element),
            origin=self.account.place(element),
            type=type_,
            nullable=not flag(element, "NOTNULL") and not sequence,
            default=_default(written, type_) if written is not None else None,
            identity=self._counting() if sequence else None,
        )
        if flag(element, "ENUM"):
            condition = f"{name} IN ({required(element, 'ENUMVALUES')})"
            self.checks.append(Check(expression=expression(condition, "postgres"), origin=column.origin))
        self.columns[name] = column

    def _counting(self) -> Identity:
        match self.dialect:
            case "mysql":
                return Identity(style="auto_increment")
            case "sqlite":
                return Identity(style="autoincrement")
        return Identity(style="by default")

    def _type(self, element: Element) -> DataType:
        kind = required(element, "TYPE").lower()
        written = kind if "LENGTH" not in element.attributes else f"{kind}({element.attributes['LENGTH']})"
        if kind == "int":
            digits = number(element, "LENGTH") or 10
            widths = _WIDTHS.get(self.dialect, _WIDTHS[None])
            return DataType(name=next((name for most, name in widths if digits <= most), "bigint"), written=written)
        if kind not in _TYPES:
            advice = self.account.did_you_mean(kind, ["int", *_TYPES])
            message = f"XMLDB has no type {kind!r}."
            raise Unparsed(
                message, element.offset, code="READ-TYPE", help_=advice or f"There are int, {', '.join(_TYPES)}."
            )
        arguments: tuple[int, ...] = ()
        if kind == "char" and (length := number(element, "LENGTH")):
            arguments = (length,)
        elif kind == "number" and (length := number(element, "LENGTH")):
            arguments = (length, number(element, "DECIMALS") or 0)
        name = _TYPES[kind]
        if self.dialect == "mysql":
            name = _IN_MYSQL.get(name, name)
        return DataType(name=name, arguments=arguments, written=written)

    def _key(self, element: Element, table: str) -> None:
        kind = required(element, "TYPE").lower()
        if kind not in _KEY_TYPES:
            message = f"There is no kind of key {kind!r}."
            raise Unparsed(message, element.offset, code="READ-XML", help_=f"There are {', '.join(_KEY_TYPES)}.")
        columns = self._columns(element)
        name = f"{table}_{required(element, 'NAME')}"
        origin, comment = self.account.place(element), _comment(element)
        if kind == "primary":
            if self.primary_key is not None:
                raise _duplicate("primary key", table, element)
            self.primary_key = PrimaryKey(columns=columns, origin=origin, comment=comment)
            for column in columns:
                self.columns[column] = self.columns[column].model_copy(update={"nullable": False})
        if kind in {"foreign", "foreign-unique"}:
            target = Ref(name=required(element, "REFTABLE"))
            referred = names(element, "REFFIELDS") if element.attributes.get("REFFIELDS") else ()
            key = ForeignKey(
                name=f"{name}_fk",
                columns=columns,
                target=target,
                referred_columns=referred,
                origin=origin,
                comment=comment,
            )
            self.foreign_keys.append(key)
        if kind in {"unique", "foreign-unique"}:
            self.uniques.append(Unique(name=f"{name}_uk", columns=columns, origin=origin, comment=comment))

    def _index(self, element: Element, table: str) -> None:
        unique = flag(element, "UNIQUE")
        name = f"{table}_{required(element, 'NAME')}_{'uix' if unique else 'ix'}"
        if name in self.indexes:
            raise _duplicate("index", name, element)
        self.indexes[name] = Index(
            name=name,
            comment=_comment(element),
            origin=self.account.place(element),
            parts=tuple(IndexPart(column=column) for column in self._columns(element)),
            unique=unique,
        )

    def _columns(self, element: Element) -> tuple[str, ...]:
        found = names(element, "FIELDS")
        for name in found:
            if name not in self.columns:
                message = f"There is no field {name!r} in this table."
                advice = self.account.did_you_mean(name, self.columns)
                raise Unparsed(message, element.offset, code="READ-MISSING", help_=advice)
        return found


def _default(written: str, type_: DataType) -> Expression | None:
    """XMLDB writes texts without quotes."""
    is_text = type_.name in {"varchar", "text", "blob", *_IN_MYSQL.values()}
    if not is_text and not written.strip():
        return None
    return default(literal(written, "postgres") if is_text else written, type_, "postgres")


def _comment(element: Element) -> str | None:
    return element.attributes.get("COMMENT") or None


def _unknown(account: Account, element: Element, known: Collection[str]) -> Unparsed:
    message = f"XMLDB has no element {element.name} here."
    advice = account.did_you_mean(element.name, known) or f"Expected: {', '.join(known)}."
    return Unparsed(message, element.offset, code="READ-XML", help_=advice)


def _duplicate(kind: str, name: str, element: Element) -> Unparsed:
    message = f"There is already a {kind} called {name!r}."
    return Unparsed(message, element.offset, code="READ-DUPLICATE", help_="The first one is kept.")
