"""How many objects of each kind there are, counted as the engine's own catalogue counts them.

What an engine makes by itself is counted with it: the keys, indexes, checks and row triggers that PostgreSQL gives to
partitions and heirs, the sequence behind an identity column; MySQL's index for a foreign key, and its unique index
as a constraint.
Not counted are indexes behind other constraints, NOT NULL as a check, a partition's share in its parent's foreign key,
foreign keys that an engine reads and forgets, temporary tables with all that is theirs, and the extension that is
everywhere.
"""

from typing import Any, Final, TypeVar

from renga_schema.catalog import Catalog
from renga_schema.model import (
    Check,
    Constraint,
    Exclusion,
    ForeignKey,
    Index,
    Key,
    Node,
    Partition,
    Partitioning,
    Schema,
    Sequence,
    Table,
)
from renga_schema.report import Reading, Statements

_WITHOUT_FOREIGN_KEYS: Final = {"myisam", "memory", "aria", "archive", "csv", "merge", "mrg_myisam", "blackhole"}
"""MySQL's storage engines that forget foreign keys."""
_HOME: Final = {"postgres": "public", "mssql": "dbo", "sqlite": "main"}
"""The namespace that is there before any statement, and takes what names none."""

_EVERYWHERE: Final = "plpgsql"
"""The extension that every PostgreSQL database has, asked for or not."""

C = TypeVar("C", bound=Constraint)


class Counts(Node):
    """Numbers of objects, of what there is to say about the reading, and of statements by how they ended.

    A note that a file was passed over as it should be (severity info) is no diagnostic here.
    """

    schemas: int
    tables: int
    columns: int
    primary_keys: int
    foreign_keys: int
    unique_constraints: int
    checks: int
    exclusions: int
    indexes: int
    sequences: int
    enums: int
    domains: int
    composite_types: int
    views: int
    materialized_views: int
    routines: int
    triggers: int
    policies: int
    partitions: int
    extensions: int
    diagnostics: int
    ledger_entries: int
    statements: Statements


def count(reading: Reading) -> Counts:
    """Count what was read."""
    schema = reading.schema
    catalogued = _Catalogued(schema)
    tables = catalogued.tables
    indexes = [index for table in tables for index in catalogued.indexes(table)]
    indexes += [index for view in schema.views for index in view.indexes]
    keys_by_index = sum(index.unique for index in indexes) if schema.dialect == "mysql" else 0
    materialized = sum(view.materialized for view in schema.views)
    domain_checks = sum(len(domain.checks) for domain in schema.domains)
    return Counts(
        schemas=len(_namespaces(schema)),
        tables=len(tables),
        columns=sum(len(table.columns) for table in tables),
        primary_keys=sum(catalogued.has_primary_key(table) for table in tables),
        foreign_keys=sum(len(catalogued.foreign_keys(table)) for table in tables),
        unique_constraints=sum(len(catalogued.uniques(table)) for table in tables) + keys_by_index,
        checks=sum(len(catalogued.checks(table)) for table in tables) + domain_checks,
        exclusions=sum(len(catalogued.exclusions(table)) for table in tables),
        indexes=len(indexes) - keys_by_index + sum(len(catalogued.made_for_references(table)) for table in tables),
        sequences=sum(catalogued.stays(sequence) for sequence in schema.sequences) + _hidden_sequences(schema),
        enums=len(schema.enums),
        domains=len(schema.domains),
        composite_types=len(schema.composite_types),
        views=len(schema.views) - materialized,
        materialized_views=materialized,
        routines=len(schema.routines),
        triggers=len(schema.triggers) + sum(catalogued.handed_triggers(table) for table in tables),
        policies=len(schema.policies),
        partitions=sum(_partitions(table) for table in tables),
        extensions=sum(extension.name != _EVERYWHERE for extension in schema.extensions),
        diagnostics=sum(diagnostic.severity != "info" for diagnostic in reading.diagnostics),
        ledger_entries=len(reading.losses),
        statements=reading.statements,
    )


class _Catalogued:
    """A schema's tables with what their parents hand down to them."""

    def __init__(self, schema: Schema) -> None:
        self._catalog = Catalog(schema)
        self.tables = [table for table in schema.tables if table.persistence != "temporary"]

    def _parent(self, table: Table) -> Table | None:
        """The table that this one is a partition of."""
        parent = self._catalog.table(table.partition_of.parent) if table.partition_of else None
        return None if parent is table else parent

    def has_primary_key(self, table: Table) -> bool:
        parent = self._parent(table)
        return table.primary_key is not None or (parent is not None and self.has_primary_key(parent))

    def uniques(self, table: Table) -> list[Key]:
        parent = self._parent(table)
        handed = self.uniques(parent) if parent else []
        own = {unique.columns for unique in table.uniques}
        return [*table.uniques, *(unique for unique in handed if unique.columns not in own)]

    def exclusions(self, table: Table) -> list[Exclusion]:
        parent = self._parent(table)
        handed = self.exclusions(parent) if parent else []
        own = [_plain(exclusion) for exclusion in table.exclusions]
        return [*table.exclusions, *(exclusion for exclusion in handed if _plain(exclusion) not in own)]

    def handed_triggers(self, table: Table) -> int:
        """How many copies of its parents' row triggers a partition has."""
        parent = self._parent(table)
        if parent is None:
            return 0
        key = self._catalog.key(parent.ref)
        rows = (each for each in self._catalog.schema.triggers if each.level == "row")
        return self.handed_triggers(parent) + sum(self._catalog.key(each.table) == key for each in rows)

    def stays(self, sequence: Sequence) -> bool:
        """Whether a sequence outlives the session: the one behind a temporary table's column does not."""
        owner = self._catalog.table(sequence.owned_by[0]) if sequence.owned_by else None
        return owner is None or owner.persistence != "temporary"

    def indexes(self, table: Table) -> list[Index]:
        parent = self._parent(table)
        own = [_shape(index) for index in table.indexes]
        attached = {index.options.get("partition of") for index in table.indexes}
        handed = [
            index
            for index in (self.indexes(parent) if parent else [])
            if not index.only and index.name not in attached and _shape(index) not in own
        ]
        return [*table.indexes, *handed]

    def made_for_references(self, table: Table) -> list[tuple[str, ...]]:
        """The columns of the indexes that InnoDB makes for foreign keys that no other index serves."""
        if self._catalog.dialect != "mysql":
            return []
        keys = [*([table.primary_key] if table.primary_key else []), *table.uniques]
        served = [key.columns for key in keys]
        served += [tuple(part.column or "" for part in index.parts) for index in table.indexes]
        made: list[tuple[str, ...]] = []
        # The longest first: it serves the shorter ones too.
        for columns in sorted((key.columns for key in self.foreign_keys(table)), key=len, reverse=True):
            if not any(other[: len(columns)] == columns for other in (*served, *made)):
                made.append(columns)
        return made

    def checks(self, table: Table) -> list[Check]:
        found = list(table.checks)
        for parent in self._catalog.parents(table):
            known = {_condition(check) for check in found}
            handed = (check for check in self.checks(parent) if not check.no_inherit)
            found += [check for check in handed if _condition(check) not in known]
        return found

    def foreign_keys(self, table: Table) -> list[ForeignKey]:
        if table.engine is not None and table.engine.lower() in _WITHOUT_FOREIGN_KEYS:
            return []
        parent = self._parent(table)
        handed = [_plain(key) for key in parent.foreign_keys] if parent else []
        return [key for key in table.foreign_keys if not key.ignored and _plain(key) not in handed]


def _shape(index: Index) -> Index:
    """An index without what is its own: two of one shape serve each other's queries."""
    update: dict[str, Any] = {
        "name": "",
        "origin": None,
        "comment": None,
        "only": False,
        "options": {},
        "method": index.method or "btree",
    }
    return index.model_copy(update=update)


def _condition(check: Check) -> str:
    return check.expression.canonical or check.expression.text


def _plain(constraint: C) -> C:
    return constraint.model_copy(update={"name": None, "origin": None, "comment": None, "options": {}})


def _namespaces(schema: Schema) -> set[str | None]:
    """Those that are described, those that something is in, and the one that is always there."""
    home = _HOME.get(schema.dialect or "")
    kinds = ("tables", "views", "sequences", "enums", "domains", "composite_types", "routines", "others")
    used: set[str | None] = {item.namespace or home for kind in kinds for item in getattr(schema, kind)}
    return used | {namespace.name for namespace in schema.namespaces} | ({home} if home else set())


def _hidden_sequences(schema: Schema) -> int:
    """PostgreSQL's identity columns count with sequences that nobody describes."""
    if schema.dialect != "postgres":
        return 0
    described = {sequence.owned_by for sequence in schema.sequences}
    return sum(
        column.identity is not None
        and column.identity.style in {"always", "by default"}
        and (table.ref, column.name) not in described
        for table in schema.tables
        if table.persistence != "temporary"
        for column in table.columns
    )


def _partitions(table: Table) -> int:
    if table.partition_of:
        return 1
    how = table.partitioning
    if how is None or not (how.partitions or how.count):
        return 0
    each = how.subpartitioning.count or 1 if how.subpartitioning else 1
    if not how.partitions:
        return (how.count or 1) * each
    return sum(_leaves(partition, how, each) for partition in how.partitions)


def _leaves(partition: Partition, how: Partitioning, each: int) -> int:
    return len(partition.subpartitions) or (each if how.subpartitioning else 1)
