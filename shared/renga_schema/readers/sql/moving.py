"""Types, sequences and whole namespaces under a new name: what speaks of them follows, as it does in PostgreSQL."""

import re

from renga_schema.model import CompositeType, DataType, Domain, Ref, Sequence, View
from renga_schema.readers.sql.builder import Builder, UserType
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import nextval
from renga_schema.readers.sql.outcome import Outcome


def move_type(builder: Builder, old: UserType, new: Ref) -> None:
    """Give a type another name or namespace."""
    builder.types.rename(old.ref, old.model_copy(update={"name": new.name, "namespace": new.namespace}))

    def moved(type_: DataType) -> DataType:
        if type_.name != old.name or (type_.namespace or "public") != (old.namespace or "public"):
            return type_
        return type_.model_copy(update={"name": new.name, "namespace": new.namespace})

    for table in builder.tables:
        for column in list(table.columns.values()):
            if (type_ := moved(column.type)) is not column.type:
                table.put(column.model_copy(update={"type": type_}))
    for other in builder.types:
        if isinstance(other, Domain) and (type_ := moved(other.type)) is not other.type:
            builder.types.put(other.model_copy(update={"type": type_}))
        elif isinstance(other, CompositeType):
            attributes = tuple(each.model_copy(update={"type": moved(each.type)}) for each in other.attributes)
            if attributes != other.attributes:
                builder.types.put(other.model_copy(update={"attributes": attributes}))


def move_sequence(builder: Builder, old: Sequence, new: Ref) -> None:
    """Give a sequence another name or namespace."""
    builder.sequences.rename(old.ref, old.model_copy(update={"name": new.name, "namespace": new.namespace}))
    path = rf'(?:"?{re.escape(old.namespace or "public")}"?\.)?'
    counting = re.compile(rf"""\bnextval\s*\(\s*\(?'{path}"?{re.escape(old.name)}"?'""", re.IGNORECASE)
    for table in builder.tables:
        for column in list(table.columns.values()):
            if column.identity is not None and column.identity.sequence == old.ref:
                identity = column.identity.model_copy(update={"sequence": new})
                table.put(column.model_copy(update={"identity": identity}))
            elif column.default is not None and counting.search(column.default.text):
                table.put(column.model_copy(update={"default": nextval(new)}))


def alter_relation(cursor: Cursor, builder: Builder, ref: Ref) -> Outcome:
    """What ALTER does to any relation that is not a table: a new name or namespace; the owner is not kept."""
    if cursor.accept("RENAME", "TO"):
        new = Ref(name=cursor.name(), namespace=None)
    elif cursor.accept("SET", "SCHEMA"):
        new = Ref(name="", namespace=cursor.name())
    else:
        return "noted"
    view, sequence = builder.find(builder.views, ref), builder.find(builder.sequences, ref)
    if view is not None:
        _move_view(builder, view, Ref(name=new.name or view.name, namespace=new.namespace or view.namespace))
    elif sequence is not None:
        there = Ref(name=new.name or sequence.name, namespace=new.namespace or sequence.namespace)
        move_sequence(builder, sequence, there)
    else:
        builder.rename_index(ref, new.name or ref.name)
    return "applied"


def move_namespace(builder: Builder, old: str, new: str) -> None:
    """Give a namespace another name, and so everything that is in it."""
    builder.namespaces = {
        (new if name == old else name): each.model_copy(update={"name": new}) if name == old else each
        for name, each in builder.namespaces.items()
    }
    builder.path = [new if name == old else name for name in builder.path]
    for table in [each for each in builder.tables if each.namespace == old]:
        builder.move_table(table, Ref(name=table.name, namespace=new))
    for view in [each for each in builder.views if each.namespace == old]:
        _move_view(builder, view, Ref(name=view.name, namespace=new))
    for sequence in [each for each in builder.sequences if each.namespace == old]:
        move_sequence(builder, sequence, Ref(name=sequence.name, namespace=new))
    for type_ in [each for each in builder.types if each.namespace == old]:
        move_type(builder, type_, Ref(name=type_.name, namespace=new))
    here = {"namespace": new}
    builder.routines = [each.model_copy(update=here) if each.namespace == old else each for each in builder.routines]
    builder.others = [each.model_copy(update=here) if each.namespace == old else each for each in builder.others]
    builder.extensions = {
        name: each.model_copy(update=here) if each.namespace == old else each
        for name, each in builder.extensions.items()
    }


def _move_view(builder: Builder, view: View, new: Ref) -> None:
    builder.views.rename(view.ref, view.model_copy(update={"name": new.name, "namespace": new.namespace}))
    builder.triggers = [
        each.model_copy(update={"table": new}) if each.table == view.ref else each for each in builder.triggers
    ]
