"""Indexes in the target's terms."""

from typing import Final, Literal

from renga_schema.model import Column, Index, IndexPart, Table
from renga_schema.types import category
from renga_schema.writers.lowering.context import Context

_PREFIX: Final = 191
"""Characters of a long text that MySQL indexes: four bytes each, within InnoDB's older limit of 767."""
_LONGEST_WHOLE: Final = 764
"""Characters of a text that InnoDB can index whole."""


def lower_index(context: Context, table: Table, index: Index, columns: dict[str, Column]) -> Index | None:
    """The index as the target can hold it, or None; `columns` are the table's as they will be in the target."""
    label = index.name or ", ".join(part.column or "(expression)" for part in index.parts)
    path = f"{table.ref}.{label}"
    method = _method(context, path, index)
    parts = [_part(context, path, part, index, columns) for part in index.parts]
    if method == "":
        return None
    if not all(parts):
        context.lose(path, "index on an expression or a type that cannot be indexed", "left out", index.origin)
        return None
    unique, predicate = index.unique, index.predicate
    if predicate:
        predicate = context.translator.translate(predicate, "predicate") if context.can.partial_indexes else None
        if predicate is None:
            instead = "an index on all rows" + (", which is not unique" if unique else "")
            context.lose(path, f"predicate {index.predicate and index.predicate.text}", instead, index.origin)
            unique = False
    if index.include and not context.can.include:
        context.lose(path, f"included columns {', '.join(index.include)}", "an index on the key alone", index.origin)
    if index.nulls_not_distinct and not context.can.nulls_not_distinct:
        context.lose(path, "NULLS NOT DISTINCT", "nulls are distinct", index.origin)
    if index.comment and "index" not in context.can.comments:
        context.lose(path, "comment", "left out", index.origin)
    left_out = [f"{name} {value}" for name, value in index.options.items()]
    left_out += ["invisible"] * (not index.visible) + ["ONLY"] * index.only
    if left_out:
        context.lose(path, ", ".join(left_out), "left out", index.origin)
    return Index(
        name=_name(context, table, index),
        comment=index.comment if "index" in context.can.comments else None,
        origin=index.origin,
        parts=tuple(part for part in parts if part),
        unique=unique,
        method=method,
        include=index.include if context.can.include else (),
        predicate=predicate,
        nulls_not_distinct=index.nulls_not_distinct and context.can.nulls_not_distinct,
    )


def _name(context: Context, table: Table, index: Index) -> str:
    place = context.ref(table.ref)
    columns = "_".join(part.column or "expr" for part in index.parts)
    wanted = index.name or f"{place.name}_{columns}_idx"
    if context.can.index_names == "table":
        name = context.claim(f"index of {place}", None, wanted, place.name)
    else:
        name = context.claim("relation", place.namespace, wanted, place.name)
    if index.name and name != index.name:
        context.lose(
            f"{table.ref}.{index.name}", "index name, which is taken or too long", f"called {name}", index.origin
        )
    return name


def _method(context: Context, path: str, index: Index) -> str | None:
    """The access method, None for the engine's choice, or an empty string where the index cannot be had."""
    method = index.method
    if method is None or method in context.can.index_methods:
        return None if method == "btree" and context.target == "sqlite" else method
    if method in {"btree", "hash"}:
        if method == "hash":
            context.lose(path, "index method hash", "a B-tree", index.origin)
        return None
    context.lose(path, f"index method {method}", "left out", index.origin)
    return ""


def _part(context: Context, path: str, part: IndexPart, index: Index, columns: dict[str, Column]) -> IndexPart | None:
    """One key of the index, or None where the target cannot have it."""
    if part.expression:
        expression = context.translator.translate(part.expression, "index") if context.can.expression_indexes else None
        if expression is None:
            return None
        part = part.model_copy(update={"expression": expression})
    column = columns.get(context.catalog.fold(part.column)) if part.column else None
    if column and index.method in {None, "btree", "hash"} and _cannot_be_sorted(context, column):
        return None
    if part.operator_class and not context.can.operator_classes:
        context.lose(path, f"operator class {part.operator_class}", "the default one", index.origin)
    if part.collation:
        context.lose(path, f"collation {part.collation}", "the column's", index.origin)
    return part.model_copy(
        update={
            "length": _length(context, path, part, index, column),
            "nulls": _nulls(context, path, part, index),
            "operator_class": part.operator_class if context.can.operator_classes else None,
            "collation": None,
        }
    )


def _cannot_be_sorted(context: Context, column: Column) -> bool:
    kind = category(column.type)
    if context.target == "mysql":
        return kind in {"json", "spatial"}
    return context.target == "postgres" and (kind in {"xml", "geometric", "spatial"} or column.type.name == "json")


def _length(context: Context, path: str, part: IndexPart, index: Index, column: Column | None) -> int | None:
    """How much of a text takes part: MySQL cannot index a long text whole, the others nothing less."""
    if part.length and not context.can.prefix_lengths:
        context.lose(path, f"prefix of {part.length} of {part.column}", "the whole value", index.origin)
        return None
    if part.length or column is None or context.target != "mysql" or index.method == "fulltext":
        return part.length
    size = column.type.arguments[0] if column.type.arguments else None
    is_long = column.type.name.endswith(("text", "blob")) or (isinstance(size, int) and size > _LONGEST_WHOLE)
    if not is_long or category(column.type) not in {"text", "binary"}:
        return None
    context.lose(path, f"index on the whole of {part.column}", f"on its first {_PREFIX} characters", index.origin)
    return _PREFIX


def _nulls(context: Context, path: str, part: IndexPart, index: Index) -> Literal["first", "last"] | None:
    """Where nulls are sorted, if the target can say so."""
    if part.nulls and not context.can.nulls_order:
        natural = "first" if (part.order == "desc") == (context.source == "postgres") else "last"
        if part.nulls != natural:
            context.lose(path, f"NULLS {part.nulls.upper()}", "the engine's order of nulls", index.origin)
        return None
    return part.nulls
