"""PostgreSQL's objects that are no tables, and the comments on all of them."""

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from renga_schema.model import CompositeType, Domain, Enum, Index, Ref, Routine, Schema, Sequence, Table, View
from renga_schema.writers.ddl import terminated
from renga_schema.writers.order import stable, words

if TYPE_CHECKING:
    from renga_schema.writers.postgres import PostgresWriter

_DEFAULT_ARGUMENT: Final = re.compile(r"\s*(?:\bdefault\b|=)(?:'[^']*'|\([^)]*\)|[^,'(])*", re.IGNORECASE)
_EARLY_KINDS: Final = ("type", "collation", "operator", "cast", "conversion", "text search", "server", "language")
"""Kinds without a class of their own that a table may depend on."""


def namespaces(writer: "PostgresWriter") -> Iterator[str]:
    """CREATE SCHEMA; every database has `public`."""
    for namespace in writer.schema.namespaces:
        name = writer.quote(namespace.name)
        created = f"CREATE SCHEMA {name};" if namespace.name != "public" else ""
        yield (created + comment(writer, f"SCHEMA {name}", namespace.comment)).strip()


def extensions(writer: "PostgresWriter") -> Iterator[str]:
    """CREATE EXTENSION, for those that are not there by themselves."""
    for extension in writer.schema.extensions:
        text = f"CREATE EXTENSION IF NOT EXISTS {writer.quote(extension.name)}"
        text += f" WITH SCHEMA {writer.quote(extension.namespace)}" if extension.namespace else ""
        text += f" VERSION {writer.literal(extension.version)}" if extension.version else ""
        yield text + ";" + comment(writer, f"EXTENSION {writer.quote(extension.name)}", extension.comment)


def types(writer: "PostgresWriter") -> Iterator[str]:
    """Enums, domains and composite types, each after those it is made of."""
    schema = writer.schema
    ordered: list[Enum | Domain | CompositeType] = stable(
        [*schema.enums, *schema.domains, *schema.composite_types], lambda item: item.name, _types_of
    )
    for item in ordered:
        name = writer.name(item.ref)
        if isinstance(item, Enum):
            labels = ", ".join(writer.literal(value) for value in item.values)
            yield f"CREATE TYPE {name} AS ENUM ({labels});" + comment(writer, f"TYPE {name}", item.comment)
        elif isinstance(item, Domain):
            yield _domain(writer, item) + comment(writer, f"DOMAIN {name}", item.comment)
        else:
            lines = ",\n    ".join(
                f"{writer.quote(attribute.name)} {writer.type(attribute.type)}"
                + (f" COLLATE {writer.quote(attribute.collation)}" if attribute.collation else "")
                for attribute in item.attributes
            )
            text = f"CREATE TYPE {name} AS (\n    {lines}\n);" + comment(writer, f"TYPE {name}", item.comment)
            for attribute in item.attributes:
                text += comment(writer, f"COLUMN {name}.{writer.quote(attribute.name)}", attribute.comment)
            yield text


def _types_of(item: Enum | Domain | CompositeType) -> list[str]:
    if isinstance(item, Domain):
        return [item.type.name]
    return [attribute.type.name for attribute in item.attributes] if isinstance(item, CompositeType) else []


def _domain(writer: "PostgresWriter", domain: Domain) -> str:
    text = f"CREATE DOMAIN {writer.name(domain.ref)} AS {writer.type(domain.type)}"
    text += f" COLLATE {writer.quote(domain.collation)}" if domain.collation else ""
    text += f" DEFAULT {domain.default.text}" if domain.default else ""
    text += "" if domain.nullable else " NOT NULL"
    text += "".join(f"\n    {writer.check(check)}" for check in domain.checks if check.validated) + ";"
    for check in domain.checks:
        if not check.validated:
            text += f"\nALTER DOMAIN {writer.name(domain.ref)} ADD {writer.check(check)};"
        if check.name:
            target = f"CONSTRAINT {writer.quote(check.name)} ON DOMAIN {writer.name(domain.ref)}"
            text += comment(writer, target, check.comment)
    return text


def sequence(writer: "PostgresWriter", item: Sequence) -> str:
    """CREATE SEQUENCE; whom it belongs to is said once the table is there."""
    from renga_schema.writers.postgres import sequence_options  # the two modules need one another

    name = writer.name(item.ref)
    options = sequence_options(item.options)
    text = f"CREATE SEQUENCE {name}"
    text += f" AS {writer.type(item.type)}" if item.type else ""
    return text + (f" {options}" if options else "") + ";" + comment(writer, f"SEQUENCE {name}", item.comment)


class RoutineOrder(NamedTuple):
    """Routines by when they can be created."""

    before_tables: list[Routine]
    """What defaults, checks, computed columns, indexes and domains call."""
    after_tables: list[Routine]
    after_views: list[Routine]
    """Those whose signature names a view."""


def order_routines(schema: Schema) -> RoutineOrder:
    """Sort the routines by need; a body is not looked at when a function is created."""
    mentioned = {routine.name: words(routine.definition) for routine in schema.routines}
    ordered = stable(
        schema.routines,
        lambda routine: (routine.name, routine.signature),
        lambda routine: [
            (other.name, other.signature)
            for other in schema.routines
            if other.name != routine.name and other.name in mentioned[routine.name]
        ],
    )
    called = _called(schema)
    early: set[str] = set()
    pending = [name for name in mentioned if name in called]
    while pending:
        name = pending.pop()
        if name not in early:
            early.add(name)
            pending += [other for other in mentioned if other in mentioned[name]]
    tables = {table.name for table in schema.tables}
    views = {view.name for view in schema.views}
    order = RoutineOrder([], [], [])
    for routine in ordered:
        head = words(f"{routine.signature} {routine.returns or ''}")
        if head & views:
            order.after_views.append(routine)
        elif routine.name in early and not head & tables:
            order.before_tables.append(routine)
        else:
            order.after_tables.append(routine)
    return order


def _called(schema: Schema) -> frozenset[str]:
    """Every word of the expressions that are resolved when types and tables are created."""
    texts: list[str] = []
    for domain in schema.domains:
        texts += [check.expression.text for check in domain.checks]
        texts += [domain.default.text] if domain.default else []
    for table in schema.tables:
        texts += [check.expression.text for check in table.checks]
        for column in table.columns:
            texts += [column.default.text] if column.default else []
            texts += [column.generated.expression.text] if column.generated else []
        for index in table.indexes:
            texts += [part.expression.text for part in index.parts if part.expression]
            texts += [index.predicate.text] if index.predicate else []
    return words(" ".join(texts))


def definitions(writer: "PostgresWriter", routines: Iterable[Routine]) -> Iterator[str]:
    """Routines as they were written."""
    for routine in routines:
        arguments = _DEFAULT_ARGUMENT.sub("", routine.signature)
        target = (
            f"{routine.kind.upper()} {writer.name(routine.ref)}({arguments or '*' * (routine.kind == 'aggregate')})"
        )
        yield terminated(routine.definition) + comment(writer, target, routine.comment)


def views(writer: "PostgresWriter") -> Iterator[str]:
    """Views, each after those that its query names."""
    names = {view.name for view in writer.schema.views}
    for view in stable(writer.schema.views, lambda view: view.name, lambda view: sorted(words(view.query) & names)):
        yield _view(writer, view)


def _view(writer: "PostgresWriter", view: View) -> str:
    kind = "MATERIALIZED VIEW" if view.materialized else "VIEW"
    name = writer.name(view.ref)
    text = f"CREATE {kind} {name}"
    text += f" ({writer.quote_all(view.columns)})" if view.columns else ""
    text += writer.storage(view.options) + writer.tablespace(view.options)
    text += f" AS\n{view.query.strip().rstrip(';')}"
    text += f"\nWITH {view.check_option.upper()} CHECK OPTION" if view.check_option else ""
    text += "" if view.with_data else "\nWITH NO DATA"
    text += ";" + "".join("\n" + writer.index(view.ref, index) for index in view.indexes)
    text += comment(writer, f"{kind} {name}", view.comment)
    for index in view.indexes:
        text += index_comment(writer, view.namespace, index)
    return text


def policies(writer: "PostgresWriter") -> Iterator[str]:
    """Row-level security policies."""
    for policy in writer.schema.policies:
        name = f"{writer.quote(policy.name)} ON {writer.name(policy.table)}"
        text = f"CREATE POLICY {name}"
        text += "" if policy.permissive else " AS RESTRICTIVE"
        text += f" FOR {policy.command.upper()}" if policy.command != "all" else ""
        text += f" TO {', '.join(policy.roles)}" if policy.roles else ""
        text += f" USING ({policy.using.text})" if policy.using else ""
        text += f" WITH CHECK ({policy.check.text})" if policy.check else ""
        yield text + ";" + comment(writer, f"POLICY {name}", policy.comment)


def early_others(writer: "PostgresWriter") -> Iterator[str]:
    """Kinds without a class that tables may need."""
    for other in writer.schema.others:
        if other.kind.startswith(_EARLY_KINDS):
            yield terminated(other.definition)


def late_others(writer: "PostgresWriter") -> Iterator[str]:
    """Kinds without a class that need tables, or nothing."""
    for other in writer.schema.others:
        if not other.kind.startswith(_EARLY_KINDS):
            yield terminated(other.definition)


def table_comments(writer: "PostgresWriter", table: Table) -> list[str]:
    """COMMENT ON for a table and all that is part of it."""
    name = writer.name(table.ref)
    text = comment(writer, f"{'FOREIGN ' * ('server' in table.options)}TABLE {name}", table.comment)
    for column in table.columns:
        text += comment(writer, f"COLUMN {name}.{writer.quote(column.name)}", column.comment)
    for constraint in (*writer.keys(table), *table.foreign_keys, *table.checks, *table.exclusions):
        if constraint.name:
            text += comment(writer, f"CONSTRAINT {writer.quote(constraint.name)} ON {name}", constraint.comment)
    for index in table.indexes:
        if not index.only:
            text += index_comment(writer, table.namespace, index)
    return [text.strip()] if text else []


def index_comment(writer: "PostgresWriter", namespace: str | None, index: Index) -> str:
    """COMMENT ON for an index in this namespace."""
    return comment(writer, f"INDEX {writer.name(Ref(name=index.name, namespace=namespace))}", index.comment)


def comment(writer: "PostgresWriter", target: str, text: str | None) -> str:
    """COMMENT ON, on a line of its own, or nothing."""
    return f"\nCOMMENT ON {target} IS {writer.literal(text)};" if text else ""
