"""What InnoDB asks of a whole schema: foreign keys between equal types with an index behind them, rows that fit."""

from collections.abc import Mapping

from renga_schema.model import Column, Constraint, DataType, Described, ForeignKey, Ref, Schema, Table, Unique
from renga_schema.types import category, parse
from renga_schema.writers.lowering.context import Context
from renga_schema.writers.order import order_tables, words

_ROW_BYTES = 65_000
"""A little less than the 65,535 that all columns but long texts may take together."""
_CHANGING = {"cascade", "set null", "set default"}
_KEY_BYTES = 3_072
_MOST_ROUNDS = 4
_SHORT_BYTES = 64
"""A column of no more than this stays whole in a key that is too long."""
_BYTES_PER_CHARACTER = 4
_ANY_LENGTH = {"text", "binary"}


def fit(context: Context, schema: Schema) -> tuple[Table, ...]:
    """The tables with what InnoDB would refuse made acceptable, and noted."""
    tables = {table.ref: _fit_checks(context, _fit_keys(context, _fit_row(context, table))) for table in schema.tables}
    ordered = order_tables(schema.model_copy(update={"tables": tuple(tables.values())})).tables
    # Targets come first, so that a chain of references takes the type of its end; a cycle needs another round.
    for _ in range(_MOST_ROUNDS):
        changed = False
        for table in ordered:
            before = tables[table.ref]
            tables[table.ref] = _fit_references(context, tables, before)
            changed = changed or tables[table.ref] is not before
        if not changed:
            break
    return tuple(tables[table.ref] for table in schema.tables)


def _fit_references(context: Context, tables: Mapping[Ref, Table], table: Table) -> Table:
    """Give referring columns the type of their target; leave out a foreign key that InnoDB would refuse."""
    columns = {column.name.lower(): column for column in table.columns}
    kept: list[ForeignKey] = []
    for key in table.foreign_keys:
        target = tables.get(key.target)
        if target is None:
            path = f"{table.ref}.{key.name or ','.join(key.columns)}"
            context.lose(path, f"foreign key to {key.target}", "left out with its target", key.origin)
            continue
        reason = None if _is_indexed(target, key.referred_columns) else "its target has no index that begins so"
        theirs = columns if target is table else {column.name.lower(): column for column in target.columns}
        for name, referred_name in zip(key.columns, key.referred_columns, strict=False):
            own, referred = columns.get(name.lower()), theirs.get(referred_name.lower())
            if own is None or referred is None or _agree(own.type, referred.type):
                continue
            if category(own.type) != category(referred.type) and not _numeric(own.type, referred.type):
                reason = f"{own.type} cannot refer to {referred.type}"
                continue
            path = f"{table.ref}.{name}"
            context.lose(path, f"type {own.type}", f"{referred.type}, as the column that it refers to", own.origin)
            columns[name.lower()] = own.model_copy(update={"type": referred.type})
        if reason:
            path = f"{table.ref}.{key.name or ','.join(key.columns)}"
            context.lose(path, f"foreign key to {key.target}", f"left out, because {reason}", key.origin)
        else:
            kept.append(key)
    changed = {"columns": tuple(columns.values()), "foreign_keys": tuple(kept)}
    is_same = all(
        new is old for field, each in changed.items() for new, old in zip(each, getattr(table, field), strict=False)
    )
    return table if is_same and len(kept) == len(table.foreign_keys) else table.model_copy(update=changed)


def _agree(own: DataType, referred: DataType) -> bool:
    if category(own) == category(referred) and category(own) in _ANY_LENGTH:
        return True
    return (own.name, own.unsigned, own.arguments) == (referred.name, referred.unsigned, referred.arguments)


def _numeric(own: DataType, referred: DataType) -> bool:
    return {category(own), category(referred)} <= {"integer", "decimal", "float"}


def _is_indexed(target: Table, referred: tuple[str, ...]) -> bool:
    """Whether an index of the target begins with the columns referred to."""
    wanted = {name.lower() for name in referred}
    available = [unique.columns for unique in target.uniques]
    available += [target.primary_key.columns] if target.primary_key else []
    available += [tuple(part.column or "" for part in index.parts) for index in target.indexes]
    return any({name.lower() for name in columns[: len(wanted)]} == wanted for columns in available)


def _fit_row(context: Context, table: Table) -> Table:
    """Turn the longest columns without a key into long texts until the row fits."""
    keyed = {name.lower() for unique in table.uniques for name in unique.columns}
    keyed |= {name.lower() for key in table.foreign_keys for name in key.columns}
    keyed |= {name.lower() for name in (table.primary_key.columns if table.primary_key else ())}
    keyed |= {(part.column or "").lower() for index in table.indexes for part in index.parts}
    columns = {column.name: column for column in table.columns}
    free = sorted((column for column in table.columns if column.name.lower() not in keyed), key=_bytes, reverse=True)
    for column in free:
        if sum(map(_bytes, columns.values())) <= _ROW_BYTES:
            break
        context.lose(f"{table.ref}.{column.name}", f"type {column.type}", "longtext, for the row to fit", column.origin)
        columns[column.name] = column.model_copy(update={"type": parse("longtext", "mysql")})
    return table.model_copy(update={"columns": tuple(columns.values())})


def _bytes(column: Column) -> int:
    size = column.type.arguments[0] if column.type.arguments else 0
    if column.type.name in {"varchar", "char"} and isinstance(size, int):
        return size * _BYTES_PER_CHARACTER
    return size if column.type.name in {"varbinary", "binary"} and isinstance(size, int) else 9


def _fit_checks(context: Context, table: Table) -> Table:
    """Leave out a check on a column that the engine itself may change, which MySQL does not allow."""
    changed = {
        column
        for key in table.foreign_keys
        if key.on_update in _CHANGING or key.on_delete in _CHANGING - {"cascade"}
        for column in key.columns
    }
    changed |= {column.name for column in table.columns if column.identity}
    kept = []
    for check in table.checks:
        if clash := sorted(words(check.expression.text) & changed):
            path = f"{table.ref}.{check.name or 'check'}"
            reason = f"left out, because the engine itself changes {', '.join(clash)}"
            context.lose(path, f"check {check.expression.text}", reason, check.origin)
        else:
            kept.append(check)
    return table.model_copy(update={"checks": tuple(kept)})


def _fit_keys(context: Context, table: Table) -> Table:
    """Let a key or index that is longer than InnoDB's limit take in only the beginning of its texts."""
    columns = {column.name.lower(): column for column in table.columns}

    def room(names: tuple[str, ...]) -> int | None:
        """The characters that each text may have; None where everything fits."""
        sizes = [_bytes(columns[name.lower()]) for name in names if name.lower() in columns]
        if sum(sizes) <= _KEY_BYTES:
            return None
        texts = [size for size in sizes if size > _SHORT_BYTES]
        return (_KEY_BYTES - sum(size for size in sizes if size <= _SHORT_BYTES)) // len(texts) // _BYTES_PER_CHARACTER

    def is_long(name: str | None) -> bool:
        return name is not None and name.lower() in columns and _bytes(columns[name.lower()]) > _SHORT_BYTES

    def note(label: str, characters: int, thing: Described | Constraint) -> None:
        instead = f"on the first {characters} characters of each text"
        context.lose(f"{table.ref}.{label}", f"key longer than {_KEY_BYTES} bytes", instead, thing.origin)

    uniques: list[Unique] = []
    for unique in table.uniques:
        if characters := room(unique.columns):
            note(unique.name or ",".join(unique.columns), characters, unique)
            lengths = {name: characters for name in unique.columns if is_long(name)}
            unique = unique.model_copy(update={"prefix_lengths": lengths})  # noqa: PLW2901  the one that fits
        uniques.append(unique)
    indexes = []
    for index in table.indexes:
        whole = tuple(part.column for part in index.parts if part.column and not part.length)
        if index.method in {None, "btree"} and (characters := room(whole)):
            note(index.name or "", characters, index)
            parts = tuple(
                part.model_copy(update={"length": part.length or characters}) if is_long(part.column) else part
                for part in index.parts
            )
            index = index.model_copy(update={"parts": parts})  # noqa: PLW2901  the one that fits
        indexes.append(index)
    return table.model_copy(update={"uniques": tuple(uniques), "indexes": tuple(indexes)})
