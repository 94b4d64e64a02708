"""Tables, types, sequences and whole namespaces under a new name: what speaks of them follows, as in PostgreSQL."""

import re
from typing import Final

from renga_schema.model import CompositeType, DataType, Domain, Ref, Sequence, View
from renga_schema.readers.sql.builder import Builder, UserType
from renga_schema.readers.sql.counting import may_count, nextval
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.implied_names import follow_table
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.shelf import same

_COPY: Final = 100
"""The steps that it takes to change one object."""


def move_table(builder: Builder, table: TableDraft, new: Ref, offset: int) -> None:
    """Rename a table, or move it to another namespace; what refers to it follows.

    Raises:
        Unparsed: another table or view has the name, or another sequence that of one which goes along.
    """
    old = table.ref
    owned = builder.sequences_of(old)
    refuse_taken(builder, table, new, offset)
    for sequence in owned:
        refuse_taken(builder, sequence, Ref(name=sequence.name, namespace=new.namespace), offset)
    if builder.dialect == "mysql":
        table.foreign_keys = follow_table(table.foreign_keys, table.name, new.name)
    else:
        table.settle_names()
    table.name, table.namespace = new.name, new.namespace
    builder.tables.rename(old, table)
    for other in builder.referrers.of(old):
        other.refers_to(new.name)
        other.foreign_keys = [
            key.model_copy(update={"target": new}) if same(key.target, old) else key for key in other.foreign_keys
        ]
        if other.partition_of and same(other.partition_of.parent, old):
            other.partition_of = other.partition_of.model_copy(update={"parent": new})
        other.inherits = [new if same(parent, old) else parent for parent in other.inherits]
    for trigger in builder.triggers_of(old):
        builder.triggers.replace(trigger, trigger.model_copy(update={"table": new}))
    for policy in builder.policies_of(old):
        builder.policies.replace(policy, policy.model_copy(update={"table": new}))
    builder.home_indexes(table)
    for sequence in owned:
        _take_along(builder, sequence, table)


def _take_along(builder: Builder, sequence: Sequence, table: TableDraft) -> None:
    """An owned sequence follows its table into another namespace."""
    builder.effort.spend(_COPY)
    owner = sequence.owned_by[1] if sequence.owned_by else ""
    moved = sequence.model_copy(update={"namespace": table.namespace, "owned_by": (table.ref, owner)})
    builder.sequences.rename(sequence.ref, moved)
    column = table.column(owner)
    if column is not None and column.identity is not None and column.identity.sequence == sequence.ref:
        identity = column.identity.model_copy(update={"sequence": moved.ref})
        table.put(column.model_copy(update={"identity": identity}))


def move_type(builder: Builder, old: UserType, new: Ref, offset: int) -> None:
    """Give a type another name or namespace.

    Raises:
        Unparsed: another type has it.
    """
    refuse_taken(builder, old, new, offset)
    builder.types.rename(old.ref, old.model_copy(update={"name": new.name, "namespace": new.namespace}))

    def moved(type_: DataType) -> DataType:
        if type_.name != old.name or (type_.namespace or "public") != (old.namespace or "public"):
            return type_
        return type_.model_copy(update={"name": new.name, "namespace": new.namespace})

    for table, column in builder.columns(lambda each: each.type.name == old.name):
        if (type_ := moved(column.type)) is not column.type:
            builder.effort.spend(2 * _COPY)
            table.put(column.model_copy(update={"type": type_}))
    for other in builder.types:
        if isinstance(other, Domain) and (type_ := moved(other.type)) is not other.type:
            builder.types.put(other.model_copy(update={"type": type_}))
        elif isinstance(other, CompositeType):
            builder.effort.spend(5 * len(other.attributes))
            types = [moved(each.type) for each in other.attributes]
            if all(type_ is each.type for type_, each in zip(types, other.attributes, strict=True)):
                continue
            builder.effort.spend(_COPY * (2 + 3 * len(types)))
            pairs = zip(other.attributes, types, strict=True)
            attributes = tuple(each.model_copy(update={"type": type_}) for each, type_ in pairs)
            builder.types.put(other.model_copy(update={"attributes": attributes}))


def move_sequence(builder: Builder, old: Sequence, new: Ref, offset: int) -> None:
    """Give a sequence another name or namespace.

    Raises:
        Unparsed: another sequence has it.
    """
    refuse_taken(builder, old, new, offset)
    builder.sequences.rename(old.ref, old.model_copy(update={"name": new.name, "namespace": new.namespace}))
    path = rf'(?:"?{re.escape(old.namespace or "public")}"?\.)?'
    counting = re.compile(rf"""\bnextval\s*\(\s*\(?'{path}"?{re.escape(old.name)}"?'""", re.IGNORECASE)
    counted, ref = nextval(new), old.ref
    for table, column in builder.columns(may_count(old.name)):
        if column.identity is not None and column.identity.sequence == ref:
            builder.effort.spend(_COPY)
            identity = column.identity.model_copy(update={"sequence": new})
            table.put(column.model_copy(update={"identity": identity}))
        elif column.default is not None and counting.search(column.default.text):
            builder.effort.spend(_COPY)
            table.put(column.model_copy(update={"default": counted}))


def move_view(builder: Builder, view: View, new: Ref, offset: int) -> None:
    """Give a view another name or namespace; its triggers follow.

    Raises:
        Unparsed: another view or table has it.
    """
    old = view.ref
    refuse_taken(builder, view, new, offset)
    builder.views.rename(old, view.model_copy(update={"name": new.name, "namespace": new.namespace}))
    for trigger in builder.triggers_of(old):
        builder.triggers.replace(trigger, trigger.model_copy(update={"table": new}))


def alter_relation(cursor: Cursor, builder: Builder, ref: Ref) -> Outcome:
    """What ALTER does to any relation that is not a table: a new name or namespace; the owner is not kept."""
    renamed = cursor.accept("RENAME", "TO")
    if not renamed and not cursor.accept("SET", "SCHEMA"):
        return "noted"
    offset = cursor.offset
    new = Ref(name=cursor.name()) if renamed else Ref(name="", namespace=cursor.name())
    view, sequence = builder.find(builder.views, ref), builder.find(builder.sequences, ref)
    if view is not None:
        there = Ref(name=new.name or view.name, namespace=new.namespace or view.namespace)
        move_view(builder, view, there, offset)
    elif sequence is not None:
        there = Ref(name=new.name or sequence.name, namespace=new.namespace or sequence.namespace)
        move_sequence(builder, sequence, there, offset)
    else:
        builder.rename_index(ref, new.name or ref.name)
    return "applied"


def move_namespace(builder: Builder, old: str, new: str, offset: int) -> None:
    """Give a namespace another name, and so everything that is in it.

    Raises:
        Unparsed: there is one of that name, or something in it.
    """
    shelves = (builder.tables, builder.views, builder.sequences, builder.types)
    if new in builder.namespaces or any(each.namespace == new for shelf in shelves for each in shelf):
        raise builder.duplicate("schema", Ref(name=new), offset)
    builder.namespaces = {
        (new if name == old else name): each.model_copy(update={"name": new}) if name == old else each
        for name, each in builder.namespaces.items()
    }
    builder.path = [new if name == old else name for name in builder.path]
    for table in [each for each in builder.tables if each.namespace == old]:
        move_table(builder, table, Ref(name=table.name, namespace=new), offset)
    for view in [each for each in builder.views if each.namespace == old]:
        move_view(builder, view, Ref(name=view.name, namespace=new), offset)
    for sequence in [each for each in builder.sequences if each.namespace == old]:
        move_sequence(builder, sequence, Ref(name=sequence.name, namespace=new), offset)
    for type_ in [each for each in builder.types if each.namespace == old]:
        move_type(builder, type_, Ref(name=type_.name, namespace=new), offset)
    here = {"namespace": new}
    builder.routines.change(lambda each: each.model_copy(update=here) if each.namespace == old else each)
    builder.others.change(lambda each: each.model_copy(update=here) if each.namespace == old else each)
    builder.extensions = {
        name: each.model_copy(update=here) if each.namespace == old else each
        for name, each in builder.extensions.items()
    }


def refuse_taken(builder: Builder, item: TableDraft | View | Sequence | UserType, new: Ref, offset: int) -> None:
    """Refuse a name that something else has: two would be one, and what refers to either would mean the same.

    Raises:
        Unparsed: something else of its kind has the name; tables and views are of one kind.
    """
    taken: object
    if isinstance(item, Sequence):
        kind, taken = "sequence", builder.sequences.get(new.namespace, new.name)
    elif isinstance(item, TableDraft | View):
        kind = "table or view"
        taken = builder.tables.get(new.namespace, new.name) or builder.views.get(new.namespace, new.name)
    else:
        kind, taken = "type", builder.types.get(new.namespace, new.name)
    if taken is not None and taken is not item:
        raise builder.duplicate(kind, new, offset)
