"""Primary keys, unique keys and indexes, named as Prisma Migrate names them.

On PostgreSQL and SQLite, Prisma makes a unique index of `@unique`, not a constraint; so does this.
"""

from dataclasses import dataclass
from typing import Any, Final

from renga_schema.identifiers import LONGEST
from renga_schema.model import DataType, Dialect, Index, IndexPart, PrimaryKey, Ref, Unique
from renga_schema.readers.prisma.columns import Surroundings, condition, operator_class
from renga_schema.readers.prisma.syntax import Attribute, Call, Declaration, Field, Number, Text, Value, Word
from renga_schema.readers.prisma.syntax import database_name as mapped
from renga_schema.readers.sql.expressions import expression

_HAS_UNIQUE_INDEXES: Final[tuple[Dialect | None, ...]] = ("postgres", "sqlite")
_KNOWN: Final = {
    *(None, "fields", "map", "length", "sort", "type", "ops", "clustered"),
    *("where", "expression", "unique"),
}


@dataclass(frozen=True, slots=True)
class _Part:
    """A field that takes part in a key, and what is said about it."""

    field: Field
    said: Call | None

    @property
    def length(self) -> int | None:
        found = self.said.argument("length") if self.said else None
        return int(found.value) if isinstance(found, Number) and found.value.isdigit() else None

    @property
    def descends(self) -> bool:
        return bool(self.said) and (self.said.word("sort") or "").lower() == "desc"  # type: ignore[union-attr]  # it is there


class Keys:
    """The keys and indexes of one model."""

    def __init__(self, model: Declaration, table: Ref, around: Surroundings, types: dict[str, DataType]) -> None:
        self._model = model
        self._table = table
        self._around = around
        self._types = types

    def primary_key(self) -> PrimaryKey | None:
        """What `@id` or `@@id` says."""
        if attribute := self._model.attribute("id"):
            parts = self._parts(attribute)
            return self._primary_key(attribute, parts) if parts else None
        for field in self._model.fields:
            if attribute := field.attribute("id"):
                return self._primary_key(attribute, [_Part(field, attribute)])
        return None

    def uniques(self) -> tuple[list[Unique], list[Index]]:
        """What `@unique` and `@@unique` say: constraints or unique indexes, whichever Prisma makes."""
        found = [
            (attribute, [_Part(field, attribute)])
            for field in self._model.fields
            if (attribute := field.attribute("unique"))
        ]
        found += [(each, self._parts(each)) for each in self._model.attributes if each.name == "unique"]
        uniques: list[Unique] = []
        indexes: list[Index] = []
        for attribute, parts in found:
            if not parts:
                continue
            if self._around.dialect in _HAS_UNIQUE_INDEXES or attribute.argument("where"):
                indexes.append(self._index(attribute, parts, "key", unique=True))
            else:
                uniques.append(self._unique(attribute, parts))
        return uniques, indexes

    def indexes(self) -> list[Index]:
        """What `@@index` and `@@fulltext` say."""
        found = []
        for attribute in self._model.attributes:
            if attribute.name not in {"index", "fulltext"}:
                continue
            parts = self._parts(attribute)
            if parts or attribute.text("expression"):
                is_unique = attribute.word("unique") == "true"
                found.append(self._index(attribute, parts, "idx", unique=is_unique))
        return found

    def _primary_key(self, attribute: Attribute, parts: list[_Part]) -> PrimaryKey:
        implied = constraint_name(self._table.name, (), "pkey", self._around.dialect)
        # MySQL has no other name for it than PRIMARY, and Prisma gives it none in SQLite.
        named = self._around.dialect in {"postgres", "mssql"}
        return PrimaryKey(name=attribute.text("map") or (implied if named else None), **self._key(attribute, parts))

    def _unique(self, attribute: Attribute, parts: list[_Part]) -> Unique:
        return Unique(name=self._name(attribute, parts, "key"), **self._key(attribute, parts))

    def _key(self, attribute: Attribute, parts: list[_Part]) -> dict[str, Any]:
        self._note_arguments(attribute)
        for part in parts:
            if part.descends:
                self._lose(attribute, "descending order in a key", "ascending")
        if attribute.argument("clustered"):
            self._lose(attribute, "clustered", "left out")
        return {
            "columns": tuple(mapped(part.field) for part in parts),
            "prefix_lengths": {mapped(part.field): part.length for part in parts if part.length},
            "origin": self._around.findings.origin(attribute.offset),
        }

    def _index(self, attribute: Attribute, parts: list[_Part], suffix: str, *, unique: bool) -> Index:
        self._note_arguments(attribute)
        written = attribute.text("expression")
        name = self._name(attribute, parts, suffix)
        where = attribute.argument("where")
        predicate = condition(where, self._around, self._model)
        if where is not None and predicate is None:
            self._lose(attribute, "condition", "an index over all rows")
        keys = tuple(self._index_part(part, attribute) for part in parts)
        if written:
            keys = (*keys, IndexPart(expression=expression(written, self._around.expressions)))
        return Index(
            name=name,
            origin=self._around.findings.origin(attribute.offset),
            parts=keys,
            unique=unique,
            method=self._method(attribute),
            predicate=predicate,
        )

    def _index_part(self, part: _Part, attribute: Attribute) -> IndexPart:
        # `ops` may stand beside the field, or beside the one field of the index.
        ops: Value | None = part.said.argument("ops") if part.said else None
        return IndexPart(
            column=mapped(part.field),
            length=part.length,
            order="desc" if part.descends else "asc",
            operator_class=operator_class(ops or attribute.argument("ops")),
        )

    def _method(self, attribute: Attribute) -> str | None:
        if attribute.name == "fulltext":
            return "fulltext"
        if attribute.argument("clustered"):
            return "clustered" if attribute.word("clustered") == "true" else None
        given = attribute.argument("type")
        return given.value.lower() if isinstance(given, Word | Text) else None

    def _name(self, attribute: Attribute, parts: list[_Part], suffix: str) -> str:
        columns = tuple(mapped(part.field) for part in parts)
        # What names the constraint of `@@unique` in Prisma's client only, names an index in the database.
        given = attribute.text("map") or (attribute.text("name") if suffix == "idx" else None)
        return given or constraint_name(self._table.name, columns, suffix, self._around.dialect)

    def _parts(self, attribute: Attribute) -> list[_Part]:
        """The fields that the attribute lists; none where one of them is no column."""
        parts: list[_Part] = []
        items = attribute.items("fields", 0)
        is_whole = True
        if not items and not attribute.argument("expression"):
            message = f"@@{attribute.name} of {self._table} names no fields, so it says nothing."
            self._around.findings.say("PRISMA-FIELD", message, attribute.offset, object_=str(self._table))
        for item in items:
            name = item.value if isinstance(item, Word) else item.name if isinstance(item, Call) else ""
            field = self._model.field(name)
            if field is not None and field.name in self._types:
                parts.append(_Part(field, item if isinstance(item, Call) else None))
                continue
            is_whole = False
            inside = self._model.field(name.partition(".")[0])
            if inside is not None and inside.type in self._around.composites and "." in name:
                self._lose(attribute, f"@@{attribute.name} on {name}", "left out: it lies inside a composite type")
                continue
            if self._model.name in self._around.damaged:
                continue
            what = "is no column" if field else "does not exist"
            self._around.findings.say(
                "PRISMA-FIELD",
                f"@@{attribute.name} of {self._table} names the field {name or '?'}, which {what}.",
                getattr(item, "offset", attribute.offset),
                object_=str(self._table),
                help_=self._around.findings.did_you_mean(name, self._types),
            )
        return parts if is_whole else []

    def _note_arguments(self, attribute: Attribute) -> None:
        for each in attribute.arguments:
            if each.name not in _KNOWN and not (each.name == "name" and attribute.name == "index"):
                self._lose(attribute, f"{each.name} of @@{attribute.name}", "left out")

    def _lose(self, attribute: Attribute, feature: str, instead: str) -> None:
        self._around.findings.lose(str(self._table), feature, instead, attribute.offset)


def constraint_name(table: str, columns: tuple[str, ...], suffix: str, dialect: Dialect | None) -> str:
    """The name that Prisma gives: the table, the columns and what it is, cut to what the database takes."""
    return cut("_".join((table, *columns)), dialect, f"_{suffix}")


def cut(name: str, dialect: Dialect | None, suffix: str = "") -> str:
    """The name and the suffix, of the name only what the database has room for; Prisma counts bytes everywhere."""
    written = name.encode()
    room = LONGEST.get(dialect, len(written) + len(suffix)) if dialect else len(written) + len(suffix)
    return written[: room - len(suffix)].decode(errors="ignore") + suffix
