"""Everything that is not a table, in the target's terms."""

from renga_schema.model import Enum, Namespace, Object, Ref, Schema, Sequence, View
from renga_schema.types import category
from renga_schema.writers.lowering.context import Context
from renga_schema.writers.lowering.types import lower_type


def lower_enums(context: Context) -> tuple[Enum, ...]:
    """The enums, where the target names them."""
    named = context.can.enums == "named"
    for enum in context.schema.enums:
        place = context.ref(enum.ref)
        context.claim("type", place.namespace, place.name, place.name)
        if not named:
            instead = (
                "its labels in each column" if context.can.enums == "inline" else "text with a check in each column"
            )
            context.lose(str(enum.ref), "enum type", instead, enum.origin)
            if enum.comment:
                context.lose(str(enum.ref), "comment", "left out", enum.origin)
    if not named:
        return ()
    return tuple(enum.model_copy(update=context.placed(enum)) for enum in context.schema.enums)


def lower_sequences(context: Context) -> tuple[Sequence, ...]:
    """The sequences, where the target has any."""
    if context.can.user_types:
        return tuple(sequence.model_copy(update=context.placed(sequence)) for sequence in context.schema.sequences)
    for sequence in context.schema.sequences:
        context.lose(str(sequence.ref), "sequence", "left out", sequence.origin)
    return ()


def lower_view(context: Context, view: View) -> View | None:
    """The view with its query in the target's words, or None."""
    path = str(view.ref)
    query = context.translator.sql(
        view.query, "query", lambda namespace, name: context.locate(namespace, name, view.namespace)
    )
    if query is None:
        context.lose(path, "view", "left out: its query cannot be carried over", view.origin)
        return None
    if view.materialized and not context.can.materialized_views:
        context.lose(path, "materialized view", "a view", view.origin)
        for index in view.indexes:
            context.lose(f"{path}.{index.name}", "index of a materialized view", "left out", index.origin)
    if view.check_option and context.target == "sqlite":
        context.lose(path, f"WITH {view.check_option.upper()} CHECK OPTION", "left out", view.origin)
    if view.options:
        listed = ", ".join(f"{name} {value}" for name, value in view.options.items())
        context.lose(path, listed, "left out", view.origin)
    if view.comment and "view" not in context.can.comments:
        context.lose(path, "comment", "left out", view.origin)
    materialized = view.materialized and context.can.materialized_views
    return view.model_copy(
        update={
            **context.placed(view),
            "query": query,
            "materialized": materialized,
            "with_data": view.with_data or not materialized,
            "indexes": view.indexes if materialized else (),
            "check_option": None if context.target == "sqlite" else view.check_option,
            "comment": view.comment if "view" in context.can.comments else None,
            "options": {},
        }
    )


def lose_the_rest(context: Context) -> None:
    """Note each object whose very kind belongs to its dialect."""
    schema = context.schema
    for extension in schema.extensions:
        context.lose(extension.name, "extension", "left out", extension.origin)
    for domain in schema.domains:
        context.lose(str(domain.ref), "domain", "its type and checks in each column", domain.origin)
    for composite in schema.composite_types:
        context.lose(str(composite.ref), "composite type", "long text in each column", composite.origin)
    for routine in schema.routines:
        context.lose(f"{routine.ref}({routine.signature})", routine.kind, "left out", routine.origin)
    for trigger in schema.triggers:
        context.lose(f"{trigger.table}.{trigger.name}", "trigger", "left out", trigger.origin)
    for policy in schema.policies:
        context.lose(f"{policy.table}.{policy.name}", "row-level security policy", "left out", policy.origin)
    for other in schema.others:
        context.lose(str(other.ref), other.kind, "left out", other.origin)


def lower_namespaces(context: Context, objects: list[Object]) -> tuple[Namespace, ...]:
    """The namespaces that are described or used, where the target has them."""
    described = {namespace.name: namespace for namespace in context.schema.namespaces}
    if not context.can.namespaces:
        for namespace in described.values():
            if context.catalog.key(Ref(name="", namespace=namespace.name))[0]:
                context.lose(
                    namespace.name, "namespace", "its objects carry its name, or it is the file", namespace.origin
                )
        return ()
    used = {item.namespace: None for item in objects if item.namespace}
    for namespace in described.values():
        if namespace.comment and "namespace" not in context.can.comments:
            context.lose(namespace.name, "comment", "left out", namespace.origin)
    kept = [name for name in described if context.catalog.key(Ref(name="", namespace=name))[0]]
    names = dict.fromkeys([*kept, *used])
    return tuple(
        Namespace(
            name=name,
            comment=described[name].comment if name in described and "namespace" in context.can.comments else None,
            origin=described[name].origin if name in described else None,
        )
        for name in names
    )


def lower_neutral(context: Context) -> Schema:
    """The kinds that PostgreSQL has in common with a schema of no dialect; another dialect's are lost."""
    schema = context.schema
    if not context.can.user_types:
        lose_the_rest(context)
        return Schema()
    for trigger in schema.triggers:
        context.lose(f"{trigger.table}.{trigger.name}", "trigger", "left out", trigger.origin)
    for routine in schema.routines:
        context.lose(f"{routine.ref}({routine.signature})", routine.kind, "left out", routine.origin)
    for other in schema.others:
        context.lose(str(other.ref), other.kind, "left out", other.origin)
    domains = []
    for domain in schema.domains:
        type_ = domain.type
        if category(type_) != "user":
            type_ = lower_type(type_, context.source, context.target).type
        domains.append(domain.model_copy(update={**context.placed(domain), "type": type_}))
    composites = tuple(item.model_copy(update=context.placed(item)) for item in schema.composite_types)
    return Schema(
        domains=tuple(domains), composite_types=composites, policies=schema.policies, extensions=schema.extensions
    )
