"""What a model read from PostgreSQL's SQL says, as plain facts; `postgres_catalogue` is the other side."""

from collections import Counter
from collections.abc import Iterator

from agreement import Fact, Facts, listed
from renga_schema.catalog import Catalog
from renga_schema.model import (
    Check,
    Column,
    Constraint,
    DataType,
    Exclusion,
    Expression,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Object,
    PrimaryKey,
    Ref,
    Schema,
    SequenceOptions,
    Table,
)
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.effort import Effort
from renga_schema.readers.sql.expressions import default, expression

_MOST = {"smallint": 2**15 - 1, "integer": 2**31 - 1, "bigint": 2**63 - 1}


def read(schema: Schema) -> Facts:
    """Everything that is compared about a model. What the engine makes of itself is not in it."""
    return dict(_Reading(schema).facts())


def canonical(text: str) -> str:
    """The form in which two spellings of one expression are the same."""
    return _shown(expression(text, "postgres"))


def canonical_default(text: str, type_: DataType) -> str:
    """The same for a default of a column of that type."""
    return _shown(default(text, type_, "postgres"))


def _draft(table: Table) -> TableDraft:
    values = {name: getattr(table, name) for name in type(table).model_fields if name not in {"columns", "indexes"}}
    values = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    columns = {column.name: column for column in table.columns}
    indexes = {index.name: index for index in table.indexes}
    return TableDraft(dialect="postgres", effort=Effort(), columns=columns, indexes=indexes, **values)


def _shown(found: Expression) -> str:
    return found.canonical or found.text


def type_name(type_: DataType) -> str:
    """A type without what goes without saying."""
    return str(type_.model_copy(update={"namespace": None}) if type_.namespace == "public" else type_)


def sequence_numbers(type_: str, options: SequenceOptions) -> str:
    """A sequence's type and numbers, with PostgreSQL's defaults filled in."""
    most = _MOST[type_]
    increment = options.increment or 1
    least, limit = (1, most) if increment > 0 else (-most - 1, -1)
    least = least if options.minimum is None else options.minimum
    limit = limit if options.maximum is None else options.maximum
    start = options.start if options.start is not None else least if increment > 0 else limit
    cycle = " cycle" if options.cycle else ""
    return f"{type_} {start} by {increment} in {least}..{limit} cache {options.cache or 1}{cycle}"


def _home(item: Object | Ref) -> str:
    return f"{item.namespace or 'public'}.{item.name}"


class _Reading:
    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._catalog = Catalog(schema)

    def facts(self) -> Iterator[tuple[Fact, str]]:
        schema = self._schema
        for table in schema.tables:
            if table.persistence != "temporary":
                yield from self._table(table)
        for view in schema.views:
            yield Fact(_home(view), "is"), "materialized view" if view.materialized else "view"
            for index in view.indexes:
                yield Fact(f"{_home(view)}/index {index.name}", "is"), _index(index)
        yield from self._types()
        yield from self._code()

    def _table(self, table: Table) -> Iterator[tuple[Fact, str]]:
        name = _home(table)
        yield Fact(name, "is"), "table"
        if table.persistence == "unlogged":
            yield Fact(name, "persistence"), "unlogged"
        if table.row_security != "off":
            yield Fact(name, "row security"), table.row_security
        if table.comment:
            yield Fact(name, "comment"), table.comment
        if table.partitioning:
            yield Fact(name, "partitioned by"), table.partitioning.strategy
        if table.partition_of:
            yield Fact(name, "partition of"), listed([_home(table.partition_of.parent)])
        if table.inherits:
            yield Fact(name, "inherits"), listed(map(_home, table.inherits))
        for column in table.columns:
            yield from _column(f"{name}/column {column.name}", column)
        yield from self._constraints(table)
        for index in table.indexes:
            if "partition of" not in index.options:
                yield Fact(f"{name}/index {index.name}", "is"), _index(index)

    def _constraints(self, table: Table) -> Iterator[tuple[Fact, str]]:
        named = _draft(table)
        named.settle_names()
        for constraint in named.constraints():
            if "partition of" not in constraint.options:
                yield Fact(f"{_home(table)}/constraint {constraint.name}", "is"), self._constraint(constraint)

    def _constraint(self, constraint: Constraint) -> str:
        said: list[str] = []
        match constraint:
            case Key():
                said += ["primary key" if isinstance(constraint, PrimaryKey) else "unique", listed(constraint.columns)]
                said += ["without overlaps" if constraint.without_overlaps else ""]
                said += ["nulls not distinct" if getattr(constraint, "nulls_not_distinct", False) else ""]
                said += [f"include {listed(constraint.include)}" if constraint.include else ""]
            case ForeignKey():
                referred = self._catalog.referred_columns(constraint)
                said += ["foreign key", listed(constraint.columns), "references", _home(constraint.target)]
                said += [listed(referred), f"match {constraint.match}", f"on delete {constraint.on_delete}"]
                said += [listed(constraint.on_delete_columns) if constraint.on_delete_columns else ""]
                said += [f"on update {constraint.on_update}"]
            case Check():
                said += ["check", _shown(constraint.expression), "no inherit" if constraint.no_inherit else ""]
            case Exclusion():
                parts = zip(constraint.parts, constraint.operators, strict=True)
                keys = [f"{_part_name(part)} with {operator}" for part, operator in parts]
                said += ["exclude", constraint.method, listed(keys)]
                said += [f"where {_shown(constraint.predicate)}" if constraint.predicate else ""]
        said.append(constraint.deferrable or "")
        said.append("not enforced" if not constraint.enforced else "" if constraint.validated else "not valid")
        return " ".join(filter(None, said))

    def _types(self) -> Iterator[tuple[Fact, str]]:
        for sequence in self._schema.sequences:
            yield Fact(_home(sequence), "is"), "sequence"
            type_ = sequence.type.name if sequence.type else "bigint"
            yield Fact(_home(sequence), "numbers"), sequence_numbers(type_, sequence.options)
            if sequence.owned_by:
                table, column = sequence.owned_by
                yield Fact(_home(sequence), "owned by"), f"{_home(table)}.{column}"
        for enum in self._schema.enums:
            yield Fact(_home(enum), "is"), f"enum {listed(enum.values)}"
        for domain in self._schema.domains:
            not_null = "" if domain.nullable else " not null"
            yield Fact(_home(domain), "is"), f"domain {type_name(domain.type)}{not_null}"
            if domain.default:
                yield Fact(_home(domain), "default"), _shown(domain.default)
            yield Fact(_home(domain), "checks"), listed(sorted(_shown(check.expression) for check in domain.checks))
        for composite in self._schema.composite_types:
            fields = [f"{each.name} {type_name(each.type)}" for each in composite.attributes]
            yield Fact(_home(composite), "is"), f"composite type {listed(fields)}"

    def _code(self) -> Iterator[tuple[Fact, str]]:
        for name, count in Counter(map(_home, self._schema.routines)).items():
            yield Fact(f"{name}()", "is"), f"{count} routines"
        for trigger in self._schema.triggers:
            said = f"{trigger.timing} {listed(sorted(trigger.events))} {trigger.level}"
            yield Fact(f"{_home(trigger.table)}/trigger {trigger.name}", "is"), said
        for policy in self._schema.policies:
            words = ["permissive" if policy.permissive else "restrictive", policy.command]
            words += [f"using {_shown(policy.using)}" if policy.using else ""]
            words += [f"check {_shown(policy.check)}" if policy.check else ""]
            yield Fact(f"{_home(policy.table)}/policy {policy.name}", "is"), " ".join(filter(None, words))
        for extension in {each.name for each in self._schema.extensions} | {"plpgsql"}:
            yield Fact(f"extension {extension}", "is"), "extension"


def _column(name: str, column: Column) -> Iterator[tuple[Fact, str]]:
    yield Fact(name, "is"), type_name(column.type)
    yield Fact(name, "null"), "yes" if column.nullable else "no"
    if column.identity:
        yield Fact(name, "identity"), column.identity.style
    elif column.generated:
        yield Fact(name, "generated"), f"{column.generated.storage} {_shown(column.generated.expression)}"
    elif column.default and _shown(column.default) != "NULL":
        yield Fact(name, "default"), _shown(column.default)
    if column.comment:
        yield Fact(name, "comment"), column.comment
    if column.collation:
        yield Fact(name, "collation"), column.collation


def _part_name(part: IndexPart) -> str:
    return part.column or (_shown(part.expression) if part.expression else "")


def _index(index: Index) -> str:
    keys = []
    for part in index.parts:
        usual = "first" if part.order == "desc" else "last"
        nulls = f"nulls {part.nulls}" if part.nulls not in {None, usual} else ""
        order = "desc" if part.order == "desc" else ""
        keys.append(" ".join(filter(None, [_part_name(part), part.operator_class, order, nulls])))
    said = ["unique" if index.unique else "", index.method or "btree", listed(keys)]
    said += [f"include {listed(index.include)}" if index.include else ""]
    said += ["nulls not distinct" if index.nulls_not_distinct else ""]
    said += [f"where {_shown(index.predicate)}" if index.predicate else ""]
    return " ".join(filter(None, said))
