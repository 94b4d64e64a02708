"""Indexes in the target's terms."""

from renga_schema.model import Column, Index, IndexPart, Table
from renga_schema.types import category
from renga_schema.writers.lowering.context import Context

_PREFIX = 191
"""Characters of a long text that MySQL indexes: four bytes each, within InnoDB's older limit of 767."""


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
        return context.claim(f"index of {place}", None, wanted, place.name)
    name = context.claim("relation", place.namespace, wanted, place.name)
    if index.name and name != index.name:
        context.lose(f"{table.ref}.{index.name}", "index name, which another has", f"called {name}", index.origin)
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
    if part.expression:
        expression = context.translator.translate(part.expression, "index") if context.can.expression_indexes else None
        if expression is None:
            return None
        part = part.model_copy(update={"expression": expression})
    length = part.length
    if length and not context.can.prefix_lengths:
        context.lose(path, f"prefix of {length} of {part.column}", "the whole value", index.origin)
        length = None
    column = columns.get(context.catalog.fold(part.column)) if part.column else None
    if context.target == "mysql" and column and index.method != "fulltext":
        if category(column.type) in {"json", "spatial"} and index.method != "spatial":
            return None
        size = column.type.arguments[0] if column.type.arguments else None
        long = column.type.name.endswith(("text", "blob")) or (isinstance(size, int) and size > _PREFIX * 4)
        if long and not length and category(column.type) in {"text", "binary"}:
            context.lose(
                path, f"index on the whole of {part.column}", f"on its first {_PREFIX} characters", index.origin
            )
            length = _PREFIX
    if part.operator_class and not context.can.operator_classes:
        context.lose(path, f"operator class {part.operator_class}", "the default one", index.origin)
    natural = "first" if (part.order == "desc") == (context.source == "postgres") else "last"
    nulls = part.nulls
    if nulls and not context.can.nulls_order:
        if nulls != natural:
            context.lose(path, f"NULLS {nulls.upper()}", "the engine's order of nulls", index.origin)
        nulls = None
    if part.collation:
        context.lose(path, f"collation {part.collation}", "the column's", index.origin)
    return part.model_copy(
        update={
            "length": length,
            "nulls": nulls,
            "operator_class": part.operator_class if context.can.operator_classes else None,
            "collation": None,
        }
    )
