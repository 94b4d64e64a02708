"""Foreign keys that a schema does not declare, as far as somebody proposes them: no rule here guesses by itself."""

from collections.abc import Iterator

from renga_schema.catalog import Catalog
from renga_schema.lint.rule import Example, Finding, rule
from renga_schema.model import Ref, Table
from renga_schema.report import Proposal

_SALES = "CREATE TABLE customer (id int PRIMARY KEY);\nCREATE TABLE sale (id int PRIMARY KEY, customer_id int{});"
_PROPOSED = Proposal(
    table=Ref(name="sale"),
    columns=("customer_id",),
    target=Ref(name="customer"),
    target_columns=("id",),
    probability=0.97,
    reasons=("the name's stem 'customer' is the table customer",),
)


@rule(
    "DSN-FK-MISSING",
    title="Column that looks like a reference, without a foreign key",
    severity="warning",
    rationale="Without the constraint nothing keeps a row from referring to one that does not exist, and neither the "
    "planner nor a reader of the schema knows what belongs together.",
    fix="Look at the reasons; where they hold, declare the foreign key: on PostgreSQL NOT VALID first, then VALIDATE.",
    bad=[
        Example("postgres", _SALES.format(""), (_PROPOSED,)),
        Example("mysql", _SALES.format(""), (_PROPOSED,)),
    ],
    good=[
        Example("postgres", _SALES.format(" REFERENCES customer (id)"), (_PROPOSED,)),
        Example("postgres", _SALES.format("")),
    ],
)
def missing(catalog: Catalog) -> Iterator[Finding]:
    """Yield each proposal that fits the schema and is not declared in it."""
    for proposal in catalog.proposals:
        table, target = catalog.table(proposal.table), catalog.table(proposal.target)
        if table is None or target is None or _declared(catalog, table, proposal):
            continue
        columns = [catalog.column(table, name) for name in proposal.columns]
        if not all(columns) or not all(catalog.column(target, name) for name in proposal.target_columns):
            continue
        path = f"{table.ref}.{proposal.columns[0]}" if len(columns) == 1 else str(table.ref)
        yield Finding(path, _sentence(table, target, proposal), (columns[0] and columns[0].origin) or table.origin)


def _declared(catalog: Catalog, table: Table, proposal: Proposal) -> bool:
    """Whether any of the columns takes part in a foreign key, to whatever table."""
    taken = {name for key in table.foreign_keys for name in catalog.fold_all(key.columns)}
    return not taken.isdisjoint(catalog.fold_all(proposal.columns))


def _sentence(table: Table, target: Table, proposal: Proposal) -> str:
    columns, keys = ", ".join(proposal.columns), ", ".join(proposal.target_columns)
    chance = "" if proposal.probability is None else f" with a probability of {proposal.probability:.0%}"
    because = f": {'; '.join(proposal.reasons)}" if proposal.reasons else ""
    return f"{table.ref} ({columns}) refers to {target.ref} ({keys}){chance}, and no foreign key says so{because}"
