"""The schema that a definition describes, each object with its place in the text."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from renga_schema.model import (
    Attribute,
    Check,
    Column,
    CompositeType,
    DataType,
    Dialect,
    Domain,
    Enum,
    Exclusion,
    Expression,
    Extension,
    ForeignKey,
    Generated,
    Identity,
    Index,
    IndexPart,
    Namespace,
    Origin,
    Other,
    Partition,
    Partitioning,
    PartitionOf,
    Policy,
    PrimaryKey,
    Ref,
    Routine,
    Sequence,
    SequenceOptions,
    Table,
    Trigger,
    Unique,
    View,
)
from renga_schema.native import definition as d
from renga_schema.native.document import Path
from renga_schema.native.names import ref, split
from renga_schema.readers.sql.expressions import default, expression
from renga_schema.readers.sql.names import implied_name
from renga_schema.types import parse

_C = TypeVar("_C", PrimaryKey, Unique)
_LONGEST_NAME = 63
_Indexes = tuple[tuple[str | None, d.IndexDef], ...]
Place = Callable[[Path], Origin]


class Build:
    """Builds the objects of one document; `place` finds where a part stands."""

    def __init__(self, dialect: Dialect | None, place: Place) -> None:
        self._dialect = dialect
        # Expressions of no dialect are read as PostgreSQL's, the nearest to the standard.
        self._expressions: Dialect = dialect or "postgres"
        self._place = place

    def table(self, name: str, given: d.TableDef) -> Table:
        """A table."""
        at: Path = ("tables", name)
        in_key = frozenset(given.key.columns if given.key else ())
        columns = tuple(
            self._column(at, key, column, in_key=column.key or key in in_key) for key, column in given.columns.items()
        )
        primary = self._key(PrimaryKey, (*at, "key"), given.key) if given.key else None
        uniques = [self._key(Unique, (*at, "unique", index), key) for index, key in enumerate(given.unique)]
        foreign_keys = [
            self._foreign_key((*at, "references", i), key, key.columns) for i, key in enumerate(given.references)
        ]
        checks = self._checks((*at, "checks"), given.checks)
        beside_unique: list[Unique] = []
        beside_keys: list[ForeignKey] = []
        beside_checks: list[Check] = []
        for key, column in given.columns.items():
            here = (*at, "columns", key)
            if column.key and primary is None:
                primary = PrimaryKey(columns=(key,), origin=self._place(here))
            if column.unique:
                beside_unique.append(Unique(columns=(key,), origin=self._place(here)))
            if column.references:
                beside_keys.append(self._foreign_key(here, column.references, (key,)))
            if column.check:
                beside_checks.append(self._check(here, column.check))
        partitioning = given.partitioning
        parent = given.partition_of
        return Table(
            **self._named(at, name, given),
            columns=columns,
            primary_key=primary,
            uniques=(*beside_unique, *uniques),
            foreign_keys=(*beside_keys, *foreign_keys),
            checks=(*beside_checks, *checks),
            exclusions=tuple(self._exclusion((*at, "exclusions", i), each) for i, each in enumerate(given.exclusions)),
            indexes=self._indexes((*at, "indexes"), given.indexes),
            partitioning=self._partitioning((*at, "partitioning"), partitioning) if partitioning else None,
            partition_of=PartitionOf(parent=ref(parent.parent), bound=parent.bound) if parent else None,
            inherits=tuple(ref(name) for name in given.inherits),
            **_same(
                given,
                "persistence row_security module strict without_rowid engine charset collation owner options",
            ),
        )

    def enum(self, name: str, given: d.EnumDef) -> Enum:
        """An enum."""
        return Enum(**self._named(("enums", name), name, given), values=given.values)

    def domain(self, name: str, given: d.DomainDef) -> Domain:
        """A domain."""
        at: Path = ("domains", name)
        type_ = self._type(given.type)
        return Domain(
            **self._named(at, name, given),
            type=type_,
            nullable=given.nullable,
            default=default(given.default, type_, self._expressions) if given.default is not None else None,
            collation=given.collation,
            checks=self._checks((*at, "checks"), given.checks),
        )

    def composite_type(self, name: str, given: d.CompositeTypeDef) -> CompositeType:
        """A composite type."""
        at: Path = ("composite_types", name)
        attributes = tuple(
            Attribute(
                name=key,
                comment=each.comment,
                origin=self._place((*at, "attributes", key)),
                type=self._type(each.type),
                collation=each.collation,
            )
            for key, each in given.attributes.items()
        )
        return CompositeType(**self._named(at, name, given), attributes=attributes)

    def sequence(self, name: str, given: d.SequenceDef) -> Sequence:
        """A sequence."""
        *owner, column = split(given.owned_by) if given.owned_by else [""]
        return Sequence(
            **self._named(("sequences", name), name, given),
            type=self._type(given.type) if given.type else None,
            options=_numbers(given),
            owned_by=(Ref(name=owner[-1], namespace=owner[-2] if owner[1:] else None), column) if owner else None,
        )

    def view(self, name: str, given: d.ViewDef) -> View:
        """A view."""
        at: Path = ("views", name)
        return View(
            **self._named(at, name, given),
            indexes=self._indexes((*at, "indexes"), given.indexes),
            **_same(given, "query columns materialized with_data check_option options"),
        )

    def extension(self, name: str, given: d.ExtensionDef) -> Extension:
        """An extension."""
        origin = self._place(("extensions", name))
        return Extension(name=name, origin=origin, **_same(given, "comment version namespace"))

    def namespace(self, name: str, given: d.NamespaceDef) -> Namespace:
        """A namespace."""
        return Namespace(name=name, origin=self._place(("namespaces", name)), **_same(given, "comment options"))

    def routine(self, index: int, given: d.RoutineDef) -> Routine:
        """A routine."""
        named = self._named(("routines", index), given.name, given)
        return Routine(**named, **_same(given, "kind signature returns language definition"))

    def trigger(self, index: int, given: d.TriggerDef) -> Trigger:
        """A trigger."""
        return Trigger(
            table=ref(given.table),
            origin=self._place(("triggers", index)),
            condition=self._maybe(given.condition),
            **_same(given, "name comment timing events level definition"),
        )

    def policy(self, index: int, given: d.PolicyDef) -> Policy:
        """A policy."""
        return Policy(
            table=ref(given.table),
            origin=self._place(("policies", index)),
            using=self._maybe(given.using),
            check=self._maybe(given.check),
            **_same(given, "name comment command permissive roles"),
        )

    def other(self, index: int, given: d.OtherDef) -> Other:
        """An object of another kind."""
        named = self._named(("others", index), given.name, given)
        return Other(**named, **_same(given, "kind definition"))

    def _named(self, at: Path, name: str, given: d.Commented) -> dict[str, Any]:
        qualified = ref(name)
        return {
            "name": qualified.name,
            "namespace": qualified.namespace,
            "comment": given.comment,
            "origin": self._place(at),
        }

    def _column(self, at: Path, name: str, given: d.ColumnDef, *, in_key: bool) -> Column:
        type_ = self._type(given.type)
        # SQLite alone lets a column of a key be null.
        never_null = given.identity is not None or (in_key and self._dialect != "sqlite")
        nullable = not never_null if given.nullable is None else given.nullable
        return Column(
            name=name,
            origin=self._place((*at, "columns", name)),
            type=type_,
            nullable=nullable,
            default=default(given.default, type_, self._expressions) if given.default is not None else None,
            identity=_identity(given.identity) if given.identity else None,
            generated=Generated(
                expression=expression(given.generated.expression, self._expressions), storage=given.generated.storage
            )
            if given.generated
            else None,
            on_update=self._maybe(given.on_update),
            **_same(given, "comment collation charset visible options"),
        )

    def _key(self, kind: type[_C], at: Path, given: d.KeyDef) -> _C:
        found: dict[str, Any] = _same(given, "columns include prefix_lengths without_overlaps")
        if kind is Unique:
            found["nulls_not_distinct"] = given.nulls_not_distinct
        return kind(**self._constraint(at, given), **found)

    def _foreign_key(self, at: Path, given: d.ReferenceDef, columns: tuple[str, ...]) -> ForeignKey:
        return ForeignKey(
            **self._constraint(at, given),
            columns=columns,
            target=ref(given.table),
            referred_columns=given.to,
            **_same(given, "on_delete on_update on_delete_columns match ignored"),
        )

    def _check(self, at: Path, given: d.CheckDef) -> Check:
        condition = expression(given.expression, self._expressions)
        return Check(**self._constraint(at, given), expression=condition, no_inherit=given.no_inherit)

    def _checks(self, at: Path, given: Iterable[d.CheckDef]) -> tuple[Check, ...]:
        return tuple(self._check((*at, check.name or index), check) for index, check in enumerate(given))

    def _exclusion(self, at: Path, given: d.ExclusionDef) -> Exclusion:
        return Exclusion(
            **self._constraint(at, given),
            method=given.method,
            parts=tuple(self._part(part) for part in given.parts),
            operators=given.operators,
            predicate=self._maybe(given.where),
        )

    def _constraint(self, at: Path, given: d.ConstraintDef) -> dict[str, Any]:
        return {"origin": self._place(at), **_same(given, "name comment deferrable validated enforced options")}

    def _indexes(self, at: Path, given: _Indexes) -> tuple[Index, ...]:
        names = _index_names(str(at[1]), given)
        return tuple(
            Index(
                name=name,
                origin=self._place((*at, written if written is not None else position)),
                parts=tuple(self._part(part) for part in index.parts),
                predicate=self._maybe(index.where),
                **_same(index, "comment unique method include nulls_not_distinct only visible options"),
            )
            for position, ((written, index), name) in enumerate(zip(given, names, strict=True))
        )

    def _part(self, given: d.PartDef) -> IndexPart:
        return IndexPart(
            expression=self._maybe(given.expression),
            **_same(given, "column length order nulls operator_class collation"),
        )

    def _partitioning(self, at: Path, given: d.PartitioningDef) -> Partitioning:
        sub = given.subpartitioning
        return Partitioning(
            strategy=given.strategy,
            keys=tuple(self._part(part) for part in given.parts),
            count=given.count,
            subpartitioning=self._partitioning((*at, "subpartitioning"), sub) if sub else None,
            partitions=tuple(self._partition((*at, "partitions", i), each) for i, each in enumerate(given.partitions)),
        )

    def _partition(self, at: Path, given: d.PartitionDef) -> Partition:
        below = tuple(self._partition((*at, "subpartitions", i), each) for i, each in enumerate(given.subpartitions))
        return Partition(origin=self._place(at), subpartitions=below, **_same(given, "name comment bound options"))

    def _type(self, given: d.Type) -> DataType:
        return parse(given, self._dialect) if isinstance(given, str) else DataType(**given.model_dump())

    def _maybe(self, text: str | None) -> Expression | None:
        return None if text is None else expression(text, self._expressions)


def _index_names(table: str, given: _Indexes) -> list[str]:
    """The name of each index; one without gets what PostgreSQL would give it, numbered where that is taken."""
    taken = {name for name, _ in given if name is not None}
    numbers: Counter[str] = Counter()
    names = []
    for name, index in given:
        if name is not None:
            names.append(name)
            continue
        columns = tuple((part.column or "expr")[:_LONGEST_NAME] for part in index.parts[:_LONGEST_NAME])
        made_up = base = implied_name(ref(table).name[:_LONGEST_NAME], columns, "idx")
        while made_up in taken:
            numbers[base] += 1
            made_up = f"{base}{numbers[base]}"
        taken.add(made_up)
        names.append(made_up)
    return names


def _identity(given: d.IdentityDef) -> Identity:
    return Identity(
        style=given.style, options=_numbers(given), sequence=ref(given.sequence) if given.sequence else None
    )


def _numbers(given: d.NumbersDef) -> SequenceOptions:
    return SequenceOptions(**_same(given, "start increment minimum maximum cache cycle"))


def _same(given: d.Definition, names: str) -> dict[str, Any]:
    """The fields that the format and the model call by one name."""
    return {name: getattr(given, name) for name in names.split()}
