"""Relations: foreign keys, and the join tables that Prisma makes of implicit many-to-many relations."""

from collections.abc import Iterator
from typing import Final

from renga_schema.model import Action, Column, ForeignKey, Index, IndexPart, PrimaryKey, Ref, Table, Unique
from renga_schema.readers.prisma.columns import Surroundings
from renga_schema.readers.prisma.keys import constraint_name, cut
from renga_schema.readers.prisma.syntax import Attribute, Declaration, Field, Word
from renga_schema.readers.prisma.syntax import database_name as mapped

_ACTIONS: Final[dict[str, Action]] = {
    "Cascade": "cascade",
    "Restrict": "restrict",
    "NoAction": "no action",
    "SetNull": "set null",
    "SetDefault": "set default",
}


def foreign_keys(model: Declaration, table: Ref, around: Surroundings, *, ignored: bool) -> Iterator[ForeignKey]:
    """The foreign keys of a model; `ignored` where Prisma's client alone heeds them."""
    for field in model.fields:
        relation = field.attribute("relation")
        if relation is None or not around.is_relation(field) or relation.argument("fields") is None:
            continue
        columns = _columns(relation, "fields", model, around)
        target = around.models.get(field.type)
        if target is None:  # its block could not be read
            referred: tuple[str, ...] | None = ()
            place = Ref(name=field.type)
        else:
            referred = _columns(relation, "references", target, around)
            place = Ref(name=target.database_name, namespace=around.namespace(target))
        if columns is None or referred is None or (target and len(columns) != len(referred)):
            if columns is not None and referred is not None:
                message = f"{table}.{field.name} relates {len(columns)} fields to {len(referred)}."
                around.findings.say("PRISMA-RELATION", message, relation.offset, object_=f"{table}.{field.name}")
            continue
        if not columns:
            continue
        yield ForeignKey(
            name=relation.text("map") or constraint_name(table.name, columns, "fkey", around.dialect),
            origin=around.findings.origin(field.offset),
            columns=columns,
            target=place,
            referred_columns=referred,
            on_delete=_action(relation, "onDelete", _on_delete(model, relation, around), around),
            on_update=_action(relation, "onUpdate", "cascade", around),
            ignored=ignored,
        )


def _fields(relation: Attribute, name: str) -> list[Word]:
    return [item for item in relation.items(name) if isinstance(item, Word)]


def _columns(relation: Attribute, name: str, model: Declaration, around: Surroundings) -> tuple[str, ...] | None:
    """The columns of the fields in that argument, or None where one is missing."""
    found = []
    for word in _fields(relation, name):
        field = model.field(word.value)
        if field is None and model.name in around.damaged:
            if name == "fields":
                return None
            found.append(word.value)
            continue
        if field is None:
            message = f"{model.name} has no field {word.value}, which a relation names."
            advice = around.findings.did_you_mean(word.value, (each.name for each in model.fields))
            around.findings.say("PRISMA-FIELD", message, word.offset, object_=model.name, help_=advice)
            return None
        found.append(mapped(field))
    return tuple(found)


def _on_delete(model: Declaration, relation: Attribute, around: Surroundings) -> Action:
    """What Prisma does where nothing is said: a reference that may be empty is emptied."""
    fields = [model.field(word.value) for word in _fields(relation, "fields")]
    if not any(field and not field.optional for field in fields):
        return "set null"
    return "no action" if around.dialect == "mssql" else "restrict"


def _action(relation: Attribute, name: str, otherwise: Action, around: Surroundings) -> Action:
    word = relation.word(name)
    if word is None:
        return otherwise
    if word not in _ACTIONS:
        message = f"{name} cannot be {word}."
        around.findings.say(
            "PRISMA-RELATION", message, relation.offset, help_=around.findings.did_you_mean(word, _ACTIONS)
        )
        return otherwise
    return _ACTIONS[word]


def join_tables(around: Surroundings, tables: dict[str, Table], *, ignored: bool) -> Iterator[Table]:
    """The tables behind relations in which both sides are lists; `tables` by the names of their models."""
    for first, field, second in _many_to_many(around):
        given = field.attribute("relation")
        name = (given.text("name", 0) if given else None) or f"{first.name}To{second.name}"
        sides = [(tables.get(model.name), model) for model in (first, second)]
        columns, keys = [], []
        table = cut(f"_{name}", around.dialect)
        origin = around.findings.origin(field.offset)
        for letter, (side, _) in zip("AB", sides, strict=True):
            id_ = side.primary_key if side else None
            column = side.column(id_.columns[0]) if side and id_ and len(id_.columns) == 1 else None
            if side is None or column is None:
                break
            columns.append(Column(name=letter, origin=origin, type=column.type, nullable=False))
            keys.append(
                ForeignKey(
                    name=cut(table, around.dialect, f"_{letter}_fkey"),
                    origin=origin,
                    columns=(letter,),
                    target=side.ref,
                    referred_columns=(column.name,),
                    on_delete="cascade",
                    on_update="cascade",
                    ignored=ignored,
                )
            )
        if len(columns) < len(sides):
            around.findings.say(
                "PRISMA-RELATION",
                f"The many-to-many relation of {first.name} and {second.name} needs an @id of one field on both sides.",
                field.offset,
                object_=f"{first.name}.{field.name}",
                help_="Give both an @id, or describe the join table as a model.",
            )
            continue
        place = sides[0][0]
        yield _join_table(table, place.namespace if place else None, columns, keys, around)


def _join_table(
    name: str, namespace: str | None, columns: list[Column], keys: list[ForeignKey], around: Surroundings
) -> Table:
    """The table as Prisma 6 and later make it."""
    origin = columns[0].origin
    both = ("A", "B")
    unique_name = cut(name, around.dialect, "_AB_unique")
    indexes = [Index(name=cut(name, around.dialect, "_B_index"), origin=origin, parts=(IndexPart(column="B"),))]
    primary = None
    uniques: tuple[Unique, ...] = ()
    if around.dialect in {"postgres", None}:
        primary = PrimaryKey(name=cut(name, around.dialect, "_AB_pkey"), origin=origin, columns=both)
    elif around.dialect == "sqlite":
        parts = tuple(IndexPart(column=column) for column in both)
        indexes.insert(0, Index(name=unique_name, origin=origin, parts=parts, unique=True))
    else:
        uniques = (Unique(name=unique_name, origin=origin, columns=both),)
    return Table(
        name=name,
        namespace=namespace,
        origin=origin,
        columns=tuple(columns),
        primary_key=primary,
        uniques=uniques,
        foreign_keys=tuple(keys),
        indexes=tuple(indexes),
    )


_Sides = dict[tuple[str, str, str | None], list[Field]]


def _sides(around: Surroundings) -> _Sides:
    """Relation fields by their model, the model they lead to, and their relation's name."""
    found: _Sides = {}
    for model in around.models.values():
        for field in model.fields:
            if not field.unsupported and field.type in around.models:
                found.setdefault((model.name, field.type, _relation_name(field)), []).append(field)
    return found


def _many_to_many(around: Surroundings) -> Iterator[tuple[Declaration, Field, Declaration]]:
    """Each implicit many-to-many relation once: both models by their names' order, and a field of the first."""
    sides = {key: many for key, fields in _sides(around).items() if (many := [each for each in fields if each.many])}
    for (name, target, relation), fields in sides.items():
        first, second = around.models[name], around.models[target]
        needed = 2 if first is second else 1
        is_whole = len(fields) >= needed and (target, name, relation) in sides
        if name <= target and is_whole and "view" not in {first.keyword, second.keyword}:
            yield first, fields[0], second


def check_opposites(around: Surroundings) -> None:
    """Say which relations describe neither a foreign key nor a join table."""
    sides = _sides(around)
    told = {key for key, fields in sides.items() if any(_has_fields(field) for field in fields)}
    for (name, target, relation), fields in sides.items():
        opposite = (target, name, relation)
        answers = len(sides.get(opposite, ()))
        is_answered = answers > (1 if name == target else 0)
        if target in around.damaged or (is_answered and ({opposite, (name, target, relation)} & told)):
            continue
        for field in fields:
            if _has_fields(field) or (is_answered and field.many):
                continue
            what = "names no fields on either side" if is_answered else f"has no opposite in {target}"
            advice = f"Add a field of the type {name} to {target}."
            around.findings.say(
                "PRISMA-RELATION",
                f"The relation {name}.{field.name} {what}, so it says nothing.",
                field.offset,
                object_=f"{name}.{field.name}",
                help_="Write @relation(fields: [...], references: [...])." if is_answered else advice,
            )


def _has_fields(field: Field) -> bool:
    relation = field.attribute("relation")
    return relation is not None and relation.argument("fields") is not None


def _relation_name(field: Field) -> str | None:
    relation = field.attribute("relation")
    return relation.text("name", 0) if relation else None
