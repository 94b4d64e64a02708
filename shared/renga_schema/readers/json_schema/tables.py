"""Objects become tables, their properties columns."""

import re
from typing import Final

from renga_schema.model import (
    Check,
    Column,
    DataType,
    Enum,
    ForeignKey,
    Ref,
    Table,
    Unique,
)
from renga_schema.readers.findings import Findings
from renga_schema.readers.json_schema import scalars
from renga_schema.readers.json_schema.document import Node
from renga_schema.readers.json_schema.drafts import Draft
from renga_schema.readers.json_schema.shapes import ANNOTATIONS, Shape, Shapes, Wrong
from renga_schema.readers.source import Source
from renga_schema.readers.sql.expressions import Allowance

_MOST_DIMENSIONS: Final = 6
"""Of an array, as in PostgreSQL."""
_LONGEST_NAME: Final = 1_000
_NOT_A_WORD: Final = re.compile(r"[^\w]+")
_NOTHING_LOST: Final = frozenset({"additionalProperties", "unevaluatedProperties", "additionalItems"})
"""Keywords that say nothing to a table when they are true or false."""


class Tables:
    """Every table and enumerated type of one document."""

    def __init__(self, source: Source, shapes: Shapes, findings: Findings) -> None:
        self.enums: dict[int, Enum] = {}
        """By the identity of the `enum` keyword."""
        self._source = source
        self._allowance = Allowance(len(source.text))
        self._shapes = shapes
        self._findings = findings
        self._drafts: dict[int, Draft] = {}
        """By the identity of the schema."""
        self._asked: dict[int, tuple[Node, bool]] = {}
        """Schemas, and whether they are objects; each is held, so that its identity stays its own."""
        self._names: set[str] = set()
        self._waiting: list[Draft] = []

    # What there is

    def is_object(self, node: Node) -> bool:
        """Whether a schema describes an object with properties."""
        if id(node) in self._drafts:
            return True
        if not isinstance(node.value, dict) or not {"properties", "allOf"} & node.value.keys():
            return False
        if id(node) not in self._asked:
            self._asked[id(node)] = (node, bool(self._shapes.shape(node).properties))
        return self._asked[id(node)][1]

    def announce(self, node: Node, name: str) -> Draft:
        """Make room for the table of a schema, so that others can refer to it."""
        if id(node) in self._drafts:
            return self._drafts[id(node)]
        draft = Draft(self._free(name, node), node)
        self._drafts[id(node)] = draft
        return draft

    def announce_enum(self, node: Node, name: str) -> bool:
        """Make an enumerated type of a schema that lists texts; say whether it does."""
        listed = node.get("enum")
        if listed is None or (values := _labels(listed)) is None:
            return False
        if id(listed) not in self.enums:
            self.enums[id(listed)] = Enum(
                name=self._free(name, node),
                comment=_text(node, "description"),
                origin=self._source.origin(node.offset),
                values=values,
            )
        return True

    def _free(self, name: str, node: Node) -> str:
        wanted = identifier(name)
        free, number = wanted, 1
        while free in self._names:
            number += 1
            free = f"{wanted}_{number}"
        self._names.add(free)
        if free != wanted:
            self._findings.lose(wanted, "a second thing of that name", f"It is called {free}.", node.offset)
        return free

    # Tables

    def build(self, draft: Draft) -> None:
        """Make the columns of a table; what is wrong with one of them costs the others nothing.

        Raises:
            Wrong: the schema as a whole is wrong.
        """
        shape = self._shapes.shape(draft.node, draft.name)
        scalars.json_types(shape)
        draft.comment = shape.text("description") or shape.text("title") or draft.comment
        for name, node in shape.properties.items():
            try:
                self._property(draft, shape, name, node)
            except Wrong as wrong:
                if wrong.leads_out:
                    self._elsewhere(draft, name, wrong.node, nullable=name not in shape.required)
                else:
                    self.say(wrong, f"{draft.name}.{name}")
        for name in sorted(shape.required - shape.properties.keys()):
            self._findings.lose(
                draft.name, f"{name!r} is required, but not described", "It is left out.", draft.node.offset
            )
        self._leave(shape, draft.name)

    def _elsewhere(self, draft: Draft, name: str, reference: Node, *, nullable: bool) -> None:
        """What another document describes is JSON here."""
        feature, instead = f"a schema of another document: {reference.value}", "It is JSON."
        self._findings.lose(f"{draft.name}.{name}", feature, instead, reference.offset)
        type_ = DataType(name="json", written="$ref")
        origin = self._source.origin(reference.offset)
        draft.columns[name] = Column(name=name, origin=origin, type=type_, nullable=nullable)

    def build_waiting(self) -> None:
        """Make the tables of objects that stand inside others."""
        while self._waiting:
            draft = self._waiting.pop()
            try:
                self.build(draft)
            except Wrong as wrong:
                self.say(wrong, draft.name)

    def _property(self, draft: Draft, owner: Shape, name: str, node: Node) -> None:
        where = f"{draft.name}.{name}"
        required = name in owner.required
        node, nullable = self._without_null(node)
        target = self._object_of(node)
        shape = self._shapes.shape(node, where)
        if target is not None:
            plain = name.lower().endswith("_id") or f"{name}_id" in owner.properties
            column = self._column(draft, name if plain else f"{name}_id", node)
            self._refer(draft, column, name, node, target, nullable=nullable or not required)
            return
        types, allows_null = scalars.json_types(shape)
        nullable = nullable or allows_null or not required
        if node.value is False:
            self._findings.lose(where, "a property that must not be there", "It is left out.", node.offset)
            return
        if types == {"array"} and self._child(draft, name, node, shape):
            return
        type_ = self._type(types, shape, node, where)
        listed = shape.keywords.get("enum")
        if listed is not None and type_.name in {"text", "varchar"} and (labels := _labels(listed)) is not None:
            nullable = nullable or any(item.value is None for item in listed.value)  # type: ignore[union-attr]  # a list
            if id(listed) not in self.enums:
                origin = self._source.origin(listed.offset)
                free = self._free(f"{draft.name}_{name}", node)
                self.enums[id(listed)] = Enum(name=free, origin=origin, values=labels)
            shape.take("enum")
            type_ = DataType(name=self.enums[id(listed)].name, written="enum")
        name = self._column(draft, name, node)
        draft.columns[name] = Column(
            name=name,
            comment=shape.text("description") or shape.text("title"),
            origin=self._source.origin(node.offset),
            type=type_,
            nullable=nullable,
            default=scalars.default_of(type_, shape, self._allowance),
        )
        for condition, offset in scalars.checks(name, type_, shape, self._allowance):
            draft.checks.append(Check(expression=condition, origin=self._source.origin(offset)))
        self._leave(shape, where)

    def _type(self, types: set[str], shape: Shape, node: Node, where: str, depth: int = 0) -> DataType:
        """The type of a column that holds these JSON types."""
        if types == {"integer", "number"}:
            types = {"number"}
        if len(types) > 1:
            self._findings.lose(where, f"several types: {', '.join(sorted(types))}", "It is JSON.", node.offset)
        if types == {"array"}:
            return self._array(shape, where, depth)
        if len(types) == 1 and not types & {"object"}:
            return scalars.data_type(types.pop(), shape, where, self._findings)
        return DataType(name="json", written=" | ".join(sorted(types)) or "any")

    def _array(self, shape: Shape, where: str, depth: int) -> DataType:
        items = shape.keywords.get("items")
        json = DataType(name="json", written="array")
        is_plain = items is not None and isinstance(items.value, dict) and "prefixItems" not in shape.keywords
        if items is None or not is_plain or depth > _MOST_DIMENSIONS:
            if items is not None and items.value is True:
                shape.take("items")
            return json
        inner = self._shapes.shape(self._without_null(items)[0], where)
        types, _ = scalars.json_types(inner)
        if not types or len(types) > 1 or types == {"object"}:
            return json
        shape.take("items")
        of = self._type(types, inner, items, where, depth + 1)
        listed = inner.keywords.get("enum")
        if listed is not None and id(listed) in self.enums:
            inner.take("enum")
            of = DataType(name=self.enums[id(listed)].name, written="enum")
        self._leave(inner, where, of="of each item")
        if of.name == "json":
            return json
        return of.model_copy(update={"dimensions": of.dimensions + 1, "written": f"array of {of.written}"})

    def _leave(self, shape: Shape, where: str, of: str = "") -> None:
        """Enter into the ledger what no handler took."""
        for keyword, node in shape.keywords.items():
            is_plain = keyword in _NOTHING_LOST and isinstance(node.value, bool)
            if (
                keyword in ANNOTATIONS
                or keyword.startswith("x-")
                or is_plain
                or (keyword == "default" and node.value is None)
            ):
                continue
            self._findings.lose(where, f"{keyword} {of}".strip(), "It is left out.", node.offset)

    # References

    def _without_null(self, node: Node) -> tuple[Node, bool]:
        """`anyOf: [X, {type: null}]` is X, or null."""
        for keyword in ("anyOf", "oneOf"):
            choices = node.get(keyword)
            if choices is None or not isinstance(choices.value, list) or len(choices.value) != 2:
                continue
            others = [choice for choice in choices.value if not _is_null(choice)]
            if len(others) == 1 and isinstance(node.value, dict) and isinstance(others[0].value, dict):
                rest = {name: value for name, value in node.value.items() if name != keyword}
                inner = others[0]
                if rest:
                    members = Node([inner], inner.offset, inner.start, inner.end)
                    inner = Node({"allOf": members} | rest, node.offset, node.start, node.end)
                return inner, True
        return node, False

    def _object_of(self, node: Node) -> Node | None:
        """The schema of the object that a property refers to or describes; None where it is no object."""
        members = node.get("allOf")
        if members is not None and isinstance(members.value, list) and len(members.value) == 1:
            only = self._shapes.resolve(members.value[0])
            if "properties" not in (node.value if isinstance(node.value, dict) else {}) and self.is_object(only):
                return only
        target = self._shapes.resolve(node)
        return target if self.is_object(target) else None

    def _column(self, draft: Draft, name: str, node: Node) -> str:
        """A name for a column that is free: a list's objects have columns that no property describes."""
        free = name
        while free in draft.columns:
            free += "_"
        if free != name:
            feature = "a column of that name beside it"
            self._findings.lose(f"{draft.name}.{name}", feature, f"It is called {free}.", node.offset)
        return free

    def _refer(self, draft: Draft, column: str, name: str, node: Node, target: Node, *, nullable: bool) -> None:
        known = id(target) in self._drafts
        other = self.announce(target, f"{draft.name}_{name}")
        if not known:
            self._waiting.append(other)
        self._foreign_key(draft, column, other, node, nullable=nullable)
        if target is node:
            return
        shape = Shape(node, {key: value for key, value in _siblings(node).items() if key not in {"$ref", "allOf"}})
        comment = shape.text("description")
        draft.columns[column] = draft.columns[column].model_copy(update={"comment": comment})
        scalars.json_types(shape)
        self._leave(shape, f"{draft.name}.{name}")

    def _foreign_key(
        self, draft: Draft, column: str, target: Draft, node: Node, *, nullable: bool, cascade: bool = False
    ) -> None:
        origin = self._source.origin(node.offset)
        key = self._identify(target)
        draft.columns[column] = Column(name=column, origin=origin, type=target.key_type, nullable=nullable)
        draft.foreign_keys.append(
            ForeignKey(
                columns=(column,),
                target=Ref(name=target.name),
                referred_columns=(key,),
                on_delete="cascade" if cascade else "no action",
                origin=origin,
            )
        )

    def _identify(self, draft: Draft) -> str:
        """The column that identifies a row: the property `id`, or one that is made up."""
        if draft.key is not None:
            return draft.key
        properties = self._shapes.shape(draft.node).properties
        draft.key, draft.is_made_up = ("id", True) if "id" not in properties else ("row_id", True)
        if "id" in properties and self._object_of(properties["id"]) is None:
            shape = self._shapes.shape(self._without_null(properties["id"])[0])
            types, _ = scalars.json_types(shape)
            if len(types) == 1 and not types & {"array", "object"}:
                quiet = Findings(self._source)
                draft.key_type = scalars.data_type(types.pop(), shape, draft.name, quiet)
                draft.key, draft.is_made_up = "id", False
        if draft.is_made_up:
            feature, instead = "no property identifies it", f"A column {draft.key} counts up, for others to refer to."
            self._findings.lose(draft.name, feature, instead, draft.node.offset)
        return draft.key

    def _child(self, draft: Draft, name: str, node: Node, shape: Shape) -> bool:
        """A list of objects is a table of its own; say whether this is one."""
        items = shape.keywords.get("items")
        if items is None or not isinstance(items.value, dict):
            return False
        plain, _ = self._without_null(items)
        target = self._object_of(plain)
        if target is None:
            return False
        shape.take("items")
        parent = f"{draft.name}_id"
        is_own = target is plain and id(target) not in self._drafts
        child = self.announce(target, f"{draft.name}_{name}") if is_own else self._link(draft, name, node)
        self._foreign_key(child, parent, draft, node, nullable=False, cascade=True)
        origin = self._source.origin(node.offset)
        integer = DataType(name="integer", written="")
        child.columns["position"] = Column(name="position", origin=origin, type=integer, nullable=False)
        child.comment = shape.text("description")
        if is_own:
            self._waiting.append(child)
            child.uniques.append(Unique(columns=(parent, "position"), origin=origin))
        else:
            other = self.announce(target, f"{draft.name}_{name}")
            column = f"{other.name}_id" if other.name != draft.name else f"{name}_id"
            self._foreign_key(child, column, other, items, nullable=False)
            child.primary_key = (parent, "position")
            unique = shape.take("uniqueItems")
            if unique is not None and unique.value is True:
                child.uniques.append(Unique(columns=(parent, column), origin=origin))
        shape.text("title")
        self._leave(shape, f"{draft.name}.{name}")
        return True

    def _link(self, draft: Draft, name: str, node: Node) -> Draft:
        """A table that says which objects belong to which, in which order."""
        link = Draft(self._free(f"{draft.name}_{name}", node), node)
        link.key = ""
        self._drafts[id(link)] = link
        return link

    # The end

    def freeze(self) -> tuple[Table, ...]:
        """The tables, those that were asked for first."""
        frozen = []
        for draft in self._drafts.values():
            if draft.key is None and "id" in draft.columns:
                self._identify(draft)
            frozen.append(draft.freeze(self._source.origin(draft.node.offset)))
        return tuple(frozen)

    def say(self, wrong: Wrong, where: str) -> None:
        """Make a diagnostic of what is wrong with an object."""
        self._findings.say("JSON-SCHEMA", wrong.message, wrong.node.offset, object_=where, help_=wrong.help)


def identifier(name: str) -> str:
    """A title or an address as a name: letters, digits and underscores."""
    return _NOT_A_WORD.sub("_", name[:_LONGEST_NAME]).strip("_") or "unnamed"


def _labels(listed: Node) -> tuple[str, ...] | None:
    """The labels of an enumerated type; None where a value is no text."""
    if not isinstance(listed.value, list):
        return None
    values = [item.value for item in listed.value if item.value is not None]
    labels = tuple(dict.fromkeys(value for value in values if isinstance(value, str)))
    return labels if labels and all(isinstance(value, str) for value in values) else None


def _is_null(node: Node) -> bool:
    kind = node.get("type")
    return kind is not None and kind.value == "null"


def _siblings(node: Node) -> dict[str, Node]:
    return node.value if isinstance(node.value, dict) else {}


def _text(node: Node, keyword: str) -> str | None:
    found = node.get(keyword)
    return found.value if found is not None and isinstance(found.value, str) else None
