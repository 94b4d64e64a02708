"""Tables in the target's terms."""

from collections.abc import Iterable

from renga_schema.model import Check, Column, Enum, ForeignKey, Identity, Index, Options, Table
from renga_schema.writers.lowering.columns import Role, lower_column
from renga_schema.writers.lowering.constraints import lose_exclusion, lower_check, lower_foreign_key, lower_key
from renga_schema.writers.lowering.context import Context
from renga_schema.writers.lowering.indexes import lower_index


class TableLowering:
    """Lowers the tables of one schema; what a table needs to know of the others is computed once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._referred: dict[tuple[str | None, str], set[str]] = {}
        catalog = context.catalog
        for table in context.schema.tables:
            for key in table.foreign_keys:
                referred = self._referred.setdefault(catalog.key(key.target), set())
                referred.update(catalog.fold_all(catalog.referred_columns(key)))

    def lower(self, table: Table) -> tuple[Table | None, list[Enum]]:
        """The table as the target can hold it, or None, and the enums that its columns need."""
        context = self._context
        if table.partition_of and not context.can.partitions:
            parent = table.partition_of.parent
            context.lose(
                str(table.ref), f"partition {table.partition_of.bound}", f"its rows go to {parent}", table.origin
            )
            return None, []
        table = self._with_inherited_columns(table)
        if not table.columns and not (table.partition_of or table.inherits):
            feature = f"virtual table using {table.module}" if table.module else "table without columns"
            context.lose(str(table.ref), feature, "left out", table.origin)
            return None, []
        roles = self._roles(table)
        lowered = [
            lower_column(context, table, column, roles[context.catalog.fold(column.name)]) for column in table.columns
        ]
        columns = {context.catalog.fold(item.column.name): item.column for item in lowered}
        checks = [check for check in (lower_check(context, table, check) for check in table.checks) if check]
        checks += [check for item in lowered for check in item.checks]
        for exclusion in table.exclusions:
            if not context.can.exclusions:
                lose_exclusion(context, table, exclusion)
        self._lose_properties(table)
        result = Table(
            **context.placed(table),
            comment=table.comment,
            origin=table.origin,
            columns=tuple(_without_first_number(column) for column in columns.values()),
            primary_key=lower_key(context, table, table.primary_key) if table.primary_key else None,
            uniques=tuple(lower_key(context, table, unique) for unique in table.uniques),
            foreign_keys=self._foreign_keys(table),
            checks=tuple(_distinct(checks)),
            exclusions=table.exclusions if context.can.exclusions else (),
            indexes=self._indexes(table, columns),
            options=_first_number(columns.values()) if context.target == "mysql" else {},
            persistence="temporary" if table.persistence == "temporary" else "permanent",
        )
        return result, [item.enum for item in lowered if item.enum]

    def _with_inherited_columns(self, table: Table) -> Table:
        if not table.inherits or self._context.can.inheritance:
            return table
        parents = ", ".join(str(ref) for ref in table.inherits)
        self._context.lose(str(table.ref), f"inheritance from {parents}", "a table of its own", table.origin)
        return table.model_copy(update={"columns": tuple(self._context.catalog.columns(table).values())})

    def _roles(self, table: Table) -> dict[str, Role]:
        fold_all = self._context.catalog.fold_all
        keys = [fold_all(key.columns) for key in (*([table.primary_key] if table.primary_key else []), *table.uniques)]
        foreign = [fold_all(key.columns) for key in table.foreign_keys]
        unique_indexes = [
            fold_all(tuple(part.column for part in index.parts if part.column))
            for index in table.indexes
            if index.unique
        ]
        keyed = {name for names in (*keys, *foreign, *unique_indexes) for name in names}
        keyed |= self._referred.get(self._context.catalog.key(table.ref), set())
        leading = {names[0] for names in keys if names}
        sole = keys[0][0] if table.primary_key and len(keys[0]) == 1 else None
        return {
            name: Role(keyed=name in keyed, sole_key=name == sole, leads=name in leading)
            for name in fold_all(tuple(column.name for column in table.columns))
        }

    def _foreign_keys(self, table: Table) -> tuple[ForeignKey, ...]:
        lowered = (lower_foreign_key(self._context, table, key) for key in table.foreign_keys)
        return tuple(key for key in lowered if key)

    def _indexes(self, table: Table, columns: dict[str, Column]) -> tuple[Index, ...]:
        lowered = (lower_index(self._context, table, index, columns) for index in table.indexes)
        return tuple(index for index in lowered if index)

    def _lose_properties(self, table: Table) -> None:
        context, path = self._context, str(table.ref)
        if table.partitioning:
            context.lose(path, f"partitioning by {table.partitioning.strategy}", "one table", table.origin)
        if table.persistence == "unlogged":
            context.lose(path, "UNLOGGED", "an ordinary table", table.origin)
        if table.row_security != "off":
            context.lose(path, "row-level security", "every row is visible", table.origin)
        if table.comment and "table" not in context.can.comments:
            context.lose(path, "comment", "a comment in the script, which the engine does not keep", table.origin)
        if table.module:
            context.lose(path, f"virtual table using {table.module}", "an ordinary table", table.origin)
        dropped = [
            f"{label} {value}"
            for label, value in (
                ("engine", table.engine),
                ("character set", table.charset),
                ("collation", table.collation),
                ("owner", table.owner),
                *table.options.items(),
            )
            if value
        ]
        dropped += ["STRICT"] * table.strict + ["WITHOUT ROWID"] * table.without_rowid
        if dropped:
            context.lose(path, ", ".join(dropped), "left out", table.origin)


def _first_number(columns: Iterable[Column]) -> Options:
    """MySQL says of the table where its counting column starts."""
    starts = [column.identity.options.start for column in columns if column.identity and column.identity.options.start]
    return {"auto_increment": str(starts[0])} if starts else {}


def _without_first_number(column: Column) -> Column:
    if column.identity is None or column.identity.style != "auto_increment":
        return column
    return column.model_copy(update={"identity": Identity(style="auto_increment")})


def _distinct(checks: list[Check]) -> list[Check]:
    """Without the unnamed checks that say what an earlier one says, as the check of an enum may."""
    seen: set[str] = set()
    kept = []
    for check in checks:
        if check.name or check.expression.text not in seen:
            kept.append(check)
        seen.add(check.expression.text)
    return kept
