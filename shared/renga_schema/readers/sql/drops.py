"""DROP, RENAME TABLE and COMMENT ON."""

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from renga_schema.model import Dialect, Policy, Ref, Trigger
from renga_schema.readers.sql import dependents
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.moving import move_sequence, move_table, move_view
from renga_schema.readers.sql.names import DEFAULT_NAMESPACES
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.sql.routines import KINDS as ROUTINES
from renga_schema.readers.sql.routines import comment_on_routine, drop_routines
from renga_schema.readers.sql.shelf import P, Pile, same

_BEHAVIOURS: Final = {"CASCADE", "RESTRICT"}
_TYPES: Final = {"TYPE", "DOMAIN"}
_ROUTINES: Final = {"FUNCTION": "function", "PROCEDURE": "procedure", "PROC": "procedure", "AGGREGATE": "aggregate"}


def drop(cursor: Cursor, builder: Builder) -> Outcome:
    """DROP anything. What is not there cannot be dropped; as a client would, the reader goes on."""
    modifier = cursor.accept_any({"TEMPORARY", "FOREIGN", "MATERIALIZED"})
    if cursor.sees("EVENT", "TRIGGER"):
        cursor.advance()
    kind = cursor.advance().key
    cursor.accept("CONCURRENTLY")
    cursor.accept("IF", "EXISTS")
    special = _special(kind, cursor.dialect)
    if special is not None:
        return special(cursor, builder)
    remove = _REMOVERS[kind]
    dropped = False
    refs = []
    while cursor.at_name:
        refs.append(cursor.qualified())
        if cursor.key == "(":
            cursor.skip_group()
        if not cursor.accept(","):
            break
    cascade = cursor.accept_any(_BEHAVIOURS) == "CASCADE"
    for ref in refs:
        if modifier != "TEMPORARY" or builder.is_temporary(ref):
            dropped = remove(builder, ref, cascade) or dropped
    return "applied" if dropped else "noted"


def _special(kind: str, dialect: Dialect) -> Callable[[Cursor, Builder], Outcome] | None:
    """What takes a DROP that is more than a list of names."""
    if kind in {"TRIGGER", "POLICY", "RULE"}:
        return partial(_drop_attached, kind)
    if kind == "INDEX" and dialect in {"mysql", "mssql"}:
        return _drop_index_on
    if kind in ROUTINES and dialect == "postgres":
        return drop_routines
    return None if kind in _REMOVERS else partial(_drop_other, kind)


def _table(builder: Builder, ref: Ref, cascade: bool) -> bool:
    table = builder.find(builder.tables, ref)
    if table is not None and cascade and builder.dialect == "postgres":
        dependents.drop_table(builder, table)
    elif table is not None:
        builder.drop_table(table, cascade=cascade)
    return table is not None


def _view(builder: Builder, ref: Ref, cascade: bool) -> bool:
    view = builder.find(builder.views, ref)
    if view is not None:
        dependents.drop_view(builder, view)
    if view is not None and cascade and builder.dialect == "postgres":
        dependents.drop_views_of(builder, view.ref)
    return view is not None


def _sequence(builder: Builder, ref: Ref, cascade: bool) -> bool:
    sequence = builder.find(builder.sequences, ref)
    if sequence is not None:
        builder.sequences.remove(sequence)
    if sequence is not None and cascade and builder.dialect == "postgres":
        dependents.stop_counting(builder, sequence)
    return sequence is not None


def _type(builder: Builder, ref: Ref, cascade: bool) -> bool:
    type_ = builder.find(builder.types, ref)
    if type_ is None:
        gone = {ref, builder.home(ref)}
        return _remove(builder.others, ref.name, lambda each: each.kind.endswith("type") and each.ref in gone)
    builder.types.remove(type_)
    if cascade and builder.dialect == "postgres":
        dependents.drop_uses_of_type(builder, type_)
    return True


def _index(builder: Builder, ref: Ref, _: bool) -> bool:
    return builder.drop_index(ref)


def _namespace(builder: Builder, ref: Ref, cascade: bool) -> bool:
    """Remove a namespace; MySQL takes everything in it along."""
    found = builder.namespaces.pop(ref.name, None) or DEFAULT_NAMESPACES.get(builder.dialect) == ref.name
    if found and cascade and builder.dialect == "postgres":
        for table in builder.tables:
            if (table.namespace or DEFAULT_NAMESPACES["postgres"]) == ref.name:
                dependents.drop_table(builder, table)
    if found and (cascade or builder.dialect == "mysql"):
        builder.empty(ref.name, cascade=cascade)
    return bool(found)


def _extension(builder: Builder, ref: Ref, _: bool) -> bool:
    return builder.extensions.pop(ref.name, None) is not None


def _routine(builder: Builder, ref: Ref, _: bool) -> bool:
    meant = {ref, builder.home(ref)}
    return _remove(builder.routines, ref.name, lambda each: each.ref in meant)


def _remove(pile: Pile[P], name: str, meant: Callable[[P], bool]) -> bool:
    found = [each for each in pile.named(name) if meant(each)]
    for each in found:
        pile.remove(each)
    return bool(found)


_REMOVERS: Final[dict[str, Callable[[Builder, Ref, bool], bool]]] = {
    "TABLE": _table,
    "TABLES": _table,
    "VIEW": _view,
    "SEQUENCE": _sequence,
    "TYPE": _type,
    "DOMAIN": _type,
    "INDEX": _index,
    "SCHEMA": _namespace,
    "DATABASE": _namespace,
    "EXTENSION": _extension,
    "FUNCTION": _routine,
    "PROCEDURE": _routine,
    "PROC": _routine,
    "AGGREGATE": _routine,
}


def _drop_attached(kind: str, cursor: Cursor, builder: Builder) -> Outcome:
    name = cursor.qualified().name
    table = builder.target(cursor.qualified()) if cursor.accept("ON") else None
    if kind == "TRIGGER":
        dropped = _remove(builder.triggers, name, lambda each: table is None or each.table == table)
    elif kind == "POLICY":
        dropped = _remove(builder.policies, name, lambda each: table is None or each.table == table)
    else:
        dropped = _remove(builder.others, name, lambda each: each.kind == "rule")
    return "applied" if dropped else "noted"


def _drop_index_on(cursor: Cursor, builder: Builder) -> Outcome:
    name = cursor.dotted()
    if cursor.accept("ON"):
        table = builder.find(builder.tables, cursor.qualified())
    else:  # SQL Server's old form: table.index
        table = builder.find(builder.tables, Ref(name=name[-2])) if len(name) > 1 else None
    if table is None:
        return "noted"
    table.settle_names()
    constraint = table.constraint(name[-1])
    if constraint is not None:
        table.replace(constraint, None)
        return "applied"
    return "applied" if builder.drop_index(Ref(name=name[-1]), table) else "noted"


def _drop_other(kind: str, cursor: Cursor, builder: Builder) -> Outcome:
    name = cursor.qualified().name if cursor.at_name else ""
    dropped = _remove(builder.others, name, lambda each: each.kind == kind.lower())
    return "applied" if dropped else "noted"


def rename_table(cursor: Cursor, builder: Builder) -> Outcome:
    """MySQL: RENAME TABLE a TO b, c TO d."""
    if cursor.accept("USER"):
        return "noted"
    if not cursor.accept("TABLES"):
        cursor.expect("TABLE")
    while True:
        cursor.accept("IF", "EXISTS")
        offset = cursor.offset
        old = cursor.qualified()
        cursor.expect("TO")
        _move(builder, old, cursor.qualified(), offset)
        if not cursor.accept(","):
            return "applied"


def _move(builder: Builder, old: Ref, new: Ref, offset: int) -> None:
    """Rename what MySQL takes for a table: views and sequences are such."""
    view, sequence = builder.find(builder.views, old), builder.find(builder.sequences, old)
    if view is not None:
        move_view(builder, view, Ref(name=new.name, namespace=new.namespace or view.namespace), offset)
    elif sequence is not None:
        move_sequence(builder, sequence, Ref(name=new.name, namespace=new.namespace or sequence.namespace), offset)
    else:
        table = builder.table(old, offset)
        move_table(builder, table, Ref(name=new.name, namespace=new.namespace or table.namespace), offset)


def comment_on(cursor: Cursor, builder: Builder) -> Outcome:
    """COMMENT ON something IS 'text' | NULL."""
    cursor.expect("ON")
    cursor.accept_any({"MATERIALIZED", "FOREIGN"})
    kind = cursor.advance().key
    if kind in ROUTINES and cursor.dialect == "postgres":
        return comment_on_routine(cursor, builder)
    rule = _COMMENTED.get(kind)
    if rule is None:
        return "noted"
    names = cursor.dotted()
    if cursor.key == "(":
        cursor.skip_group()
    owner = cursor.qualified() if cursor.accept("ON") and not cursor.accept("DOMAIN") else None
    cursor.skip_to({"IS"})
    cursor.expect("IS")
    text = None if cursor.accept("NULL") else cursor.string() or None
    cursor.expect_end()
    ref = Ref(name=names[-1], namespace=names[-2] if len(names) > 1 else None)
    return "applied" if rule(builder, ref, names, owner, text) else "noted"


_Attached = TypeVar("_Attached", Trigger, Policy)
_Commenter = Callable[[Builder, Ref, list[str], Ref | None, str | None], bool]


def _on_table(builder: Builder, ref: Ref, _: list[str], __: Ref | None, text: str | None) -> bool:
    table = builder.find(builder.tables, ref)
    if table is not None:
        table.comment = text
    return table is not None


def _on_column(builder: Builder, _: Ref, names: list[str], __: Ref | None, text: str | None) -> bool:
    if len(names) < 2:
        return False
    table = builder.find(builder.tables, Ref(name=names[-2], namespace=names[-3] if len(names) > 2 else None))
    column = table.column(names[-1]) if table else None
    if table is None or column is None:
        return False
    table.put(column.model_copy(update={"comment": text}))
    return True


def _on_view(builder: Builder, ref: Ref, _: list[str], __: Ref | None, text: str | None) -> bool:
    view = builder.find(builder.views, ref)
    if view is not None:
        builder.views.put(view.model_copy(update={"comment": text}))
    return view is not None


def _on_sequence(builder: Builder, ref: Ref, _: list[str], __: Ref | None, text: str | None) -> bool:
    sequence = builder.find(builder.sequences, ref)
    if sequence is not None:
        builder.sequences.put(sequence.model_copy(update={"comment": text}))
    return sequence is not None


def _on_type(builder: Builder, ref: Ref, _: list[str], __: Ref | None, text: str | None) -> bool:
    type_ = builder.find(builder.types, ref)
    if type_ is not None:
        builder.types.put(type_.model_copy(update={"comment": text}))
    return type_ is not None


def _on_namespace(builder: Builder, ref: Ref, _: list[str], __: Ref | None, text: str | None) -> bool:
    namespace = builder.namespaces.get(ref.name)
    if namespace is not None:
        builder.namespaces[ref.name] = namespace.model_copy(update={"comment": text})
    return namespace is not None


def _on_extension(builder: Builder, ref: Ref, _: list[str], __: Ref | None, text: str | None) -> bool:
    extension = builder.extensions.get(ref.name)
    if extension is not None:
        builder.extensions[ref.name] = extension.model_copy(update={"comment": text})
    return extension is not None


def _on_index(builder: Builder, ref: Ref, _: list[str], __: Ref | None, text: str | None) -> bool:
    found = builder.find_index(ref)
    if found is not None:
        builder.replace_index(*found, found[1].model_copy(update={"comment": text}))
    return found is not None


def _on_constraint(builder: Builder, ref: Ref, _: list[str], owner: Ref | None, text: str | None) -> bool:
    table = builder.find(builder.tables, owner) if owner else None
    constraint = table.constraint(ref.name) if table else None
    if table is None or constraint is None:
        return False
    table.replace(constraint, constraint.model_copy(update={"comment": text}))
    return True


def _on_attached(builder: Builder, ref: Ref, _: list[str], owner: Ref | None, text: str | None) -> bool:
    if owner is None:
        return False
    table = builder.target(owner)
    return _comment_attached(builder.triggers, ref.name, table, text) or _comment_attached(
        builder.policies, ref.name, table, text
    )


def _comment_attached(items: Pile[_Attached], name: str, table: Ref, text: str | None) -> bool:
    found = next((each for each in items.named(name) if same(each.table, table)), None)
    if found is not None:
        items.replace(found, found.model_copy(update={"comment": text}))
    return found is not None


def _on_routine(builder: Builder, ref: Ref, _: list[str], __: Ref | None, text: str | None) -> bool:
    meant = {ref, builder.home(ref)}
    found = next((each for each in builder.routines.named(ref.name) if each.ref in meant), None)
    if found is not None:
        builder.routines.replace(found, found.model_copy(update={"comment": text}))
    return found is not None


_COMMENTED: Final[dict[str, _Commenter]] = {
    "TABLE": _on_table,
    "COLUMN": _on_column,
    "VIEW": _on_view,
    "SEQUENCE": _on_sequence,
    "TYPE": _on_type,
    "DOMAIN": _on_type,
    "SCHEMA": _on_namespace,
    "EXTENSION": _on_extension,
    "INDEX": _on_index,
    "CONSTRAINT": _on_constraint,
    "TRIGGER": _on_attached,
    "POLICY": _on_attached,
    "FUNCTION": _on_routine,
    "PROCEDURE": _on_routine,
    "AGGREGATE": _on_routine,
    "ROUTINE": _on_routine,
}
