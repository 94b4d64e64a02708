"""Tables of the model from tables of DBML."""

import re
from dataclasses import dataclass, field
from typing import Any, Final

from renga_schema.identifiers import literal
from renga_schema.model import (
    Check,
    Column,
    DataType,
    Dialect,
    Enum,
    Expression,
    Identity,
    Index,
    IndexPart,
    PrimaryKey,
    Ref,
    Sequence,
    Table,
    Unique,
)
from renga_schema.readers.dbml import elements as s
from renga_schema.readers.dbml import settings as rules
from renga_schema.readers.dbml.partials import Partials
from renga_schema.readers.findings import Findings
from renga_schema.readers.sql.expressions import default, expression
from renga_schema.readers.sql.names import implied_name
from renga_schema.types import SERIALS, parse

_IDENTITIES: Final[dict[Dialect | None, str]] = {
    "postgres": "by default", "mysql": "auto_increment", "sqlite": "autoincrement", "mssql": "always",
    None: "by default",
}  # fmt: skip
_DEFAULT_NAMESPACE: Final = "public"
_CALL = re.compile(r"(\w+)\s*\(")
_PRIMARY: Final = {"pk", "primary key"}


@dataclass(frozen=True, slots=True)
class InlineReference:
    """A reference that stands in a column."""

    table: Ref
    path: s.Path_
    """The table, as written."""
    column: str
    relation: s.Relation
    offset: int


@dataclass(slots=True)
class Surroundings:
    """What the text around a table says, and what its tables bring along."""

    dialect: Dialect | None
    enums: dict[Ref, Enum]
    partials: Partials
    findings: Findings
    damaged: frozenset[Ref] = frozenset()
    """Tables that were read without lines that could not be: what seems to be missing may be there."""
    references: list[InlineReference] = field(default_factory=list)
    sequences: list[Sequence] = field(default_factory=list)

    @property
    def expressions(self) -> Dialect:
        """Whose expressions are written; those of no dialect are read as PostgreSQL's."""
        return self.dialect or "postgres"


def ref(path: s.Path_) -> Ref:
    """The object of that name; `public`, where all else is, goes without saying."""
    namespace = path[-2].text if len(path) > 1 else None
    return Ref(name=path[-1].text, namespace=None if namespace == _DEFAULT_NAMESPACE else namespace)


class TableBuilder:
    """Builds one table."""

    def __init__(self, given: s.Table, around: Surroundings) -> None:
        self._given = given
        self._around = around
        self._findings = around.findings
        self.ref = ref(given.path)
        self._primary: list[str] = []
        self._named_primary: PrimaryKey | None = None
        self._uniques: list[Unique] = []
        self._checks: list[Check] = []
        self._indexes: list[Index] = []
        self._unnamed: dict[str, int] = {}

    def table(self) -> Table:
        """The table, without foreign keys: those need all tables."""
        given = self._around.partials.expand(self._given, str(self.ref))
        rules.check(given.settings, rules.TABLE, str(self.ref), self._findings, custom=True)
        columns = self._columns([each for each in given.members if isinstance(each, s.Column)])
        for member in given.members:
            if isinstance(member, s.Index):
                self._index(member, columns)
            elif isinstance(member, s.Check):
                self._check(member.condition, member.settings)
            elif isinstance(member, s.Records):
                self._findings.lose(str(self.ref), "records", "left out: they are data", member.offset)
        primary = self._named_primary or self._primary_of_columns(columns)
        if primary and self._around.dialect != "sqlite":  # there a key may be null
            for name in primary.columns:
                columns[name] = columns[name].model_copy(update={"nullable": False})
        notes = [each.text for each in given.members if isinstance(each, s.Note)]
        own = next((each.text for each in self._given.members if isinstance(each, s.Note)), None)
        self._check_shape(columns)
        return Table(
            name=self.ref.name,
            namespace=self.ref.namespace,
            comment=own
            or s.note_of(self._given.settings)
            or (notes[0] if notes else None)
            or s.note_of(given.settings),
            origin=self._findings.origin(self._given.path[-1].offset),
            columns=tuple(columns.values()),
            primary_key=primary,
            uniques=tuple(self._uniques),
            checks=tuple(self._checks),
            indexes=tuple(self._indexes),
        )

    def _check_shape(self, columns: dict[str, Column]) -> None:
        """Say what a table has too little or too much of."""
        path = str(self.ref)
        if not columns and not any(isinstance(each, s.Injection) for each in self._given.members):
            self._say("DBML-TABLE", f"{path} has no columns.", self._given.path[-1].offset)
        notes = [each for each in self._given.members if isinstance(each, s.Note)]
        for note in notes[1:]:
            self._say("DBML-DUPLICATE", f"{path} has a second note; the first is used.", note.offset)

    def _say(self, code: str, message: str, offset: int, help_: str | None = None) -> None:
        self._findings.say(code, message, offset, object_=str(self.ref), help_=help_, severity="warning")

    def _columns(self, given: list[s.Column]) -> dict[str, Column]:
        found: dict[str, Column] = {}
        for each in given:
            if each.name.text in found:
                self._say_twice(each.name)
            else:
                found[each.name.text] = self._column(each)
        return found

    def _primary_of_columns(self, columns: dict[str, Column]) -> PrimaryKey | None:
        if not self._primary:
            return None
        return PrimaryKey(columns=tuple(self._primary), origin=columns[self._primary[0]].origin)

    def _say_twice(self, name: s.Name) -> None:
        message = f"{self.ref}.{name.text} is described a second time; the first is used."
        self._findings.say("DBML-DUPLICATE", message, name.offset, object_=str(self.ref), help_="Rename one.")

    def _column(self, given: s.Column) -> Column:
        name, path = given.name.text, f"{self.ref}.{given.name.text}"
        type_, identity = self._type(given)
        keys = {setting.key for setting in given.settings}
        if keys & _PRIMARY:
            self._primary.append(name)
        if "increment" in keys and identity is None:
            identity = Identity.model_validate({"style": _IDENTITIES[self._around.dialect]})
        origin = self._findings.origin(given.name.offset)
        if "unique" in keys:
            self._uniques.append(Unique(columns=(name,), origin=origin))
        rules.check(given.settings, rules.COLUMN, path, self._findings, custom=True)
        if given.again is not None:
            self._say("DBML-SETTING", f"{path} has a second list of settings; write one.", given.again)
        for setting in given.settings:
            if setting.key == "check" and isinstance(setting.value, s.Code):
                self._check(setting.value, ())
            elif setting.key == "ref" and isinstance(setting.value, s.Relation):
                reference = InlineReference(self.ref, self._given.path, name, setting.value, setting.offset)
                self._around.references.append(reference)
        value = next((setting.value for setting in given.settings if setting.key == "default"), None)
        return Column(
            name=name,
            comment=s.note_of(given.settings),
            origin=origin,
            type=type_,
            nullable="not null" not in keys and identity is None,
            default=self._default(value, type_),
            identity=identity,
        )

    def _type(self, given: s.Column) -> tuple[DataType, Identity | None]:
        written = given.type.written
        place = ref(given.type.path)
        if len(given.type.path) > 2:
            message = f"{self.ref}.{given.name.text} has a type with more than one namespace; the last is used."
            self._say("DBML-TYPE", message, given.type.path[0].offset)
        if place in self._around.enums:
            dimensions = written.count("[")
            return DataType(name=place.name, namespace=place.namespace, dimensions=dimensions, written=written), None
        dialect = self._around.dialect
        if written.lower() not in SERIALS or dialect not in {"postgres", None}:
            return parse(written, dialect), None
        type_ = parse(written, "postgres")
        if dialect is None:
            return type_, Identity(style="by default")
        name = implied_name(self.ref.name, (given.name.text,), "seq")
        sequence = Sequence(
            name=name,
            namespace=self.ref.namespace,
            origin=self._findings.origin(given.name.offset),
            type=type_,
            owned_by=(self.ref, given.name.text),
        )
        self._around.sequences.append(sequence)
        return type_, Identity(style="serial", sequence=sequence.ref)

    def _default(self, value: s.Value | None, type_: DataType) -> Expression | None:
        if value is None or isinstance(value, s.Relation):
            return None
        around = self._around
        if isinstance(value, s.Text):
            return default(literal(value.value, around.expressions), type_, around.expressions)
        if isinstance(value, s.Words):
            text = value.text
            if len(value.path) > 1:  # a label of an enum: status.open
                self._check_label(value)
                text = literal(value.path[-1].text, around.expressions)
            elif value.path[0].quoted:
                text = literal(text, around.expressions)
            return default(text, type_, around.expressions)
        return default(value.value, type_, around.expressions)

    def _check_label(self, value: s.Words) -> None:
        """Say where `status.open` names what there is not."""
        *path, label = value.path
        place = ref(tuple(path))
        enum = self._around.enums.get(place)
        if enum is not None and label.text in enum.values:
            return
        known = enum.values if enum else map(str, self._around.enums)
        what = f"{place} has no value {label.text}" if enum else f"there is no enum {place}"
        advice = self._findings.did_you_mean(label.text if enum else str(place), known)
        self._say(
            "DBML-DEFAULT", f"A default of {self.ref} names a value of an enum, but {what}.", label.offset, advice
        )

    def _check(self, condition: s.Code, settings: tuple[s.Setting, ...]) -> None:
        rules.check(settings, rules.CHECK, f"a check of {self.ref}", self._findings)
        self._checks.append(
            Check(
                name=_text(settings, "name"),
                comment=s.note_of(settings),
                origin=self._findings.origin(condition.offset),
                expression=expression(condition.value, self._around.expressions),
            )
        )

    def _index(self, given: s.Index, columns: dict[str, Column]) -> None:
        keys = {setting.key for setting in given.settings}
        path = str(self.ref)
        rules.check(given.settings, rules.INDEX, f"an index of {path}", self._findings)
        for part in given.parts:
            name = part.text if isinstance(part, s.Name) else part.value
            if name not in columns and (isinstance(part, s.Name) or keys & _PRIMARY):
                if self.ref in self._around.damaged:
                    return
                message = f"An index of {path} names the column {name}, which does not exist."
                advice = self._findings.did_you_mean(name, columns)
                self._findings.say("DBML-COLUMN", message, part.offset, object_=path, help_=advice)
                return
        names = tuple(part.text for part in given.parts if isinstance(part, s.Name))
        if len(set(names)) < len(names):
            self._say("DBML-DUPLICATE", f"An index of {path} names a column twice.", given.offset)
        common: dict[str, Any] = {
            "comment": s.note_of(given.settings),
            "origin": self._findings.origin(given.offset),
        }
        if keys & _PRIMARY:
            self._named_primary = PrimaryKey(name=_text(given.settings, "name"), columns=names, **common)
            return
        method = _text(given.settings, "type")
        self._indexes.append(
            Index(
                name=_text(given.settings, "name") or self._free_name(given.parts),
                parts=tuple(self._part(part) for part in given.parts),
                unique="unique" in keys,
                method=method.lower() if method else None,
                **common,
            )
        )

    def _free_name(self, parts: tuple[s.Name | s.Code, ...]) -> str:
        """What PostgreSQL calls an index without a name: after its columns and functions."""
        base = implied_name(self.ref.name, tuple(map(_figured_name, parts)), "idx")
        number = self._unnamed.get(base, 0)
        self._unnamed[base] = number + 1
        return f"{base}{number or ''}"

    def _part(self, part: s.Name | s.Code) -> IndexPart:
        if isinstance(part, s.Name):
            return IndexPart(column=part.text)
        return IndexPart(expression=expression(part.value, self._around.expressions))


def _text(settings: tuple[s.Setting, ...], key: str) -> str | None:
    value = next((each.value for each in settings if each.key == key), None)
    return value.value if isinstance(value, s.Text) else value.text if isinstance(value, s.Words) else None


def _figured_name(part: s.Name | s.Code) -> str:
    if isinstance(part, s.Name):
        return part.text
    called = _CALL.match(part.value)
    return called[1].lower() if called else "expr"
