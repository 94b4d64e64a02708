"""Keys, foreign keys and checks in the target's terms."""

from typing import Any, TypeVar

from renga_schema.model import Action, Check, Constraint, Exclusion, ForeignKey, Key, PrimaryKey, Table, Unique
from renga_schema.writers.lowering.context import Context

_Key = TypeVar("_Key", bound=Key)


def lower_key(context: Context, table: Table, key: _Key) -> _Key:
    """The primary key or unique constraint as the target can hold it."""
    path = f"{table.ref}.{key.name or ','.join(key.columns)}"
    update = _plain(context, path, key)
    if key.include and not context.can.include:
        context.lose(path, f"included columns {', '.join(key.include)}", "the key alone", key.origin)
        update["include"] = ()
    if key.prefix_lengths:
        context.lose(path, "prefix lengths of a key", "the whole values", key.origin)
        update["prefix_lengths"] = {}
    if key.without_overlaps:
        context.lose(path, "WITHOUT OVERLAPS", "an ordinary key", key.origin)
        update["without_overlaps"] = False
    if isinstance(key, Unique) and key.nulls_not_distinct and not context.can.nulls_not_distinct:
        context.lose(path, "NULLS NOT DISTINCT", "nulls are distinct", key.origin)
        update["nulls_not_distinct"] = False
    if isinstance(key, PrimaryKey) and context.target == "mysql":
        if key.name and key.name != f"{table.name}_pkey":
            context.lose(path, "name of a primary key", "PRIMARY", key.origin)
        update["name"] = None
    elif key.name:
        update["name"] = _key_name(context, table, key.name)
    return key.model_copy(update=update)


def lower_foreign_key(context: Context, table: Table, key: ForeignKey) -> ForeignKey | None:
    """The foreign key as the target can hold it, or None."""
    path = f"{table.ref}.{key.name or ','.join(key.columns)}"
    if reason := _refused(context, key):
        context.lose(path, f"foreign key to {key.target}", f"left out, because {reason}", key.origin)
        return None
    update = _plain(context, path, key)
    update["target"] = context.ref(key.target)
    for field in ("on_delete", "on_update"):
        action: Action = getattr(key, field)
        if action not in context.can.actions or _nulls_what_cannot_be_null(context, table, key, action):
            context.lose(path, f"{field.replace('_', ' ').upper()} {action.upper()}", "NO ACTION", key.origin)
            update[field] = "no action"
    if key.match != "simple" and not context.can.match_full:
        context.lose(path, f"MATCH {key.match.upper()}", "MATCH SIMPLE", key.origin)
        update["match"] = "simple"
    if key.on_delete_columns and context.target != "postgres":
        context.lose(path, f"SET on {', '.join(key.on_delete_columns)} alone", "on every column", key.origin)
        update["on_delete_columns"] = ()
    if not key.referred_columns and context.target == "mysql":
        update["referred_columns"] = context.catalog.referred_columns(key)
    if key.name:
        update["name"] = _name(context, table, key.name)
    return key.model_copy(update=update)


def _refused(context: Context, key: ForeignKey) -> str | None:
    """Why the target cannot have the foreign key at all, or None."""
    target = context.catalog.table(key.target)
    if key.ignored:
        return "MySQL ignores an inline reference too"
    if target is None:
        return "its target is not in the schema"
    if target.partition_of and not context.can.partitions:
        return "its target is a partition"
    if context.target != "mysql" and not _is_key(context, target, key):
        return "its target is not unique"
    return None


def lower_check(context: Context, table: Table, check: Check) -> Check | None:
    """The check as the target can hold it, or None."""
    path = f"{table.ref}.{check.name or 'check'}"
    expression = context.translator.translate(check.expression, "check")
    if expression is None:
        context.lose(path, f"check {check.expression.text}", "left out", check.origin)
        return None
    update = _plain(context, path, check)
    if check.no_inherit and not context.can.inheritance:
        context.lose(path, "NO INHERIT", "an ordinary check", check.origin)
        update["no_inherit"] = False
    if check.name:
        update["name"] = _name(context, table, check.name)
    return check.model_copy(update=update | {"expression": expression})


def lose_exclusion(context: Context, table: Table, exclusion: Exclusion) -> None:
    """No target but PostgreSQL has exclusion constraints."""
    context.lose(f"{table.ref}.{exclusion.name or 'exclusion'}", "exclusion constraint", "left out", exclusion.origin)


def _plain(context: Context, path: str, constraint: Constraint) -> dict[str, Any]:
    """The update that drops what the target's constraints cannot say."""
    update: dict[str, Any] = {"options": {}}
    deferrable = context.can.deferrable and (context.target != "sqlite" or isinstance(constraint, ForeignKey))
    if constraint.deferrable and not deferrable:
        context.lose(path, f"DEFERRABLE {constraint.deferrable.upper()}", "checked at once", constraint.origin)
        update["deferrable"] = None
    if not constraint.validated and not context.can.not_valid:
        context.lose(path, "NOT VALID", "valid for every row", constraint.origin)
        update["validated"] = True
    if not constraint.enforced and context.target != "mysql":
        context.lose(path, "NOT ENFORCED", "enforced", constraint.origin)
        update["enforced"] = True
    if constraint.comment and "constraint" not in context.can.comments:
        context.lose(path, "comment", "left out", constraint.origin)
        update["comment"] = None
    if constraint.options:
        listed = ", ".join(f"{name} {value}" for name, value in constraint.options.items())
        context.lose(path, listed, "left out", constraint.origin)
    return update


def _is_key(context: Context, target: Table, key: ForeignKey) -> bool:
    referred = context.catalog.referred_columns(key)
    return frozenset(context.catalog.fold_all(referred)) in context.catalog.unique_keys(target)


def _nulls_what_cannot_be_null(context: Context, table: Table, key: ForeignKey, action: Action) -> bool:
    """MySQL refuses SET NULL on a NOT NULL column; the others fail later, when it happens."""
    if action != "set null" or context.target != "mysql":
        return False
    columns = [context.catalog.column(table, name) for name in key.columns]
    return any(column is not None and not column.nullable for column in columns)


def _name(context: Context, table: Table, wanted: str) -> str:
    """A name for a foreign key or check; MySQL wants it unique in the database, the others in the table."""
    place = context.ref(table.ref)
    space = "constraint" if context.can.constraint_names == "namespace" else f"constraint of {place}"
    name = context.claim(space, place.namespace, wanted, place.name)
    if name != wanted:
        context.lose(f"{table.ref}.{wanted}", "constraint name, which is taken or too long", f"called {name}")
    return name


def _key_name(context: Context, table: Table, wanted: str) -> str:
    """A name for a key: in PostgreSQL it is also that of an index, which shares the names of tables."""
    place = context.ref(table.ref)
    if context.can.index_names == "table":
        name = context.claim(f"index of {place}", None, wanted, place.name)
    else:
        name = context.claim("relation", place.namespace, wanted, place.name)
    if name != wanted:
        context.lose(f"{table.ref}.{wanted}", "constraint name, which is taken or too long", f"called {name}")
    return name
