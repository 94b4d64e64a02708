"""What each target can hold, as data: the one place to look when a target learns something new."""

from dataclasses import dataclass
from typing import Final, Literal

from renga_schema.model import Action, Dialect


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a dialect's DDL can say: PostgreSQL 15, MySQL 8.0 and MariaDB 10.6 together, SQLite 3.37."""

    namespaces: bool = False
    enums: Literal["named", "inline", "check"] = "check"
    user_types: bool = False
    """Domains, composite types, extensions, sequences, routines' argument types."""
    materialized_views: bool = False
    inheritance: bool = False
    partitions: bool = False
    row_security: bool = False
    exclusions: bool = False
    deferrable: bool = False
    not_valid: bool = False
    nulls_not_distinct: bool = False
    match_full: bool = False
    actions: frozenset[Action] = frozenset({"no action", "restrict", "cascade", "set null"})
    index_methods: frozenset[str] = frozenset({"btree"})
    index_names: Literal["table", "namespace"] = "namespace"
    """Within what an index name is unique."""
    constraint_names: Literal["table", "namespace"] = "table"
    """Within what the names of foreign keys and checks are unique."""
    partial_indexes: bool = False
    expression_indexes: bool = False
    include: bool = False
    nulls_order: bool = False
    operator_classes: bool = False
    prefix_lengths: bool = False
    virtual_columns: bool = True
    comments: frozenset[str] = frozenset()
    """The kinds of objects that take a comment."""
    storage: bool = False
    """Table engine, character set, collation, `ON UPDATE`, invisible columns."""
    unlogged: bool = False


CAPABILITIES: Final[dict[Dialect, Capabilities]] = {
    "postgres": Capabilities(
        namespaces=True,
        enums="named",
        user_types=True,
        materialized_views=True,
        inheritance=True,
        partitions=True,
        row_security=True,
        exclusions=True,
        deferrable=True,
        not_valid=True,
        nulls_not_distinct=True,
        match_full=True,
        actions=frozenset({"no action", "restrict", "cascade", "set null", "set default"}),
        index_methods=frozenset({"btree", "hash", "gin", "gist", "spgist", "brin"}),
        partial_indexes=True,
        expression_indexes=True,
        include=True,
        nulls_order=True,
        operator_classes=True,
        virtual_columns=False,
        comments=frozenset({"namespace", "type", "table", "column", "constraint", "index", "view", "sequence"}),
        unlogged=True,
    ),
    "mysql": Capabilities(
        namespaces=True,
        enums="inline",
        index_methods=frozenset({"btree", "hash", "fulltext", "spatial"}),
        index_names="table",
        constraint_names="namespace",
        prefix_lengths=True,
        comments=frozenset({"table", "column", "index"}),
        storage=True,
    ),
    "sqlite": Capabilities(
        deferrable=True,
        actions=frozenset({"no action", "restrict", "cascade", "set null", "set default"}),
        partial_indexes=True,
        expression_indexes=True,
    ),
}
