"""Columns: their types, defaults, identity and computed values in the target's terms."""

import re
from dataclasses import dataclass
from typing import Final

from renga_schema.identifiers import quote
from renga_schema.model import Check, Column, DataType, Domain, Enum, Expression, Generated, Identity, Ref, Table
from renga_schema.types import category
from renga_schema.writers.lowering.context import Context
from renga_schema.writers.lowering.types import enum_check, lower_type

_VALUE: Final = re.compile(r"\bvalue\b", re.IGNORECASE)
_ZERO_DATE: Final = re.compile(r"'0000-00-00.*'|'\d{4}-00-\d\d.*'")
_TRUTHS: Final = {"TRUE", "FALSE", "NULL"}
_EMPTY_ARRAYS: Final = {"'{}'", "ARRAY[]"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a column is to its table."""

    keyed: bool = False
    """Part of a primary key, a unique constraint or a foreign key, or referred to by one."""
    sole_key: bool = False
    """The primary key, alone."""
    leads: bool = False
    """The first column of a key or an index."""


@dataclass(frozen=True, slots=True)
class LoweredColumn:
    """A column of the target, with the checks and the enum that its type has become."""

    column: Column
    checks: tuple[Check, ...] = ()
    enum: Enum | None = None


def lower_column(context: Context, table: Table, column: Column, role: Role) -> LoweredColumn:
    """The column as the target can hold it."""
    path = f"{table.ref}.{column.name}"
    column, checks = _without_domain(context, table, column)
    type_, extra_check, enum = _type(context, table, column, role)
    identity = _identity(context, path, column, role)
    if identity and context.target == "sqlite":
        type_ = DataType(name="integer", written="INTEGER")
    elif context.target == "sqlite" and role.sole_key and type_.name == "integer":
        # INTEGER PRIMARY KEY would count up by itself; INT does not.
        type_ = DataType(name="integer", written="int")
    elif identity and type_.name not in {"smallint", "bigint", "integer", "tinyint", "mediumint"}:
        type_ = DataType(name="bigint", written="bigint")
    generated = _generated(context, path, column)
    lowered = column.model_copy(
        update={
            "type": type_,
            "identity": identity,
            "generated": generated,
            "default": None if identity or generated else _default(context, path, column, type_),
            "comment": _comment(context, path, column),
            **_storage(context, path, column),
        }
    )
    return LoweredColumn(lowered, checks + ((extra_check,) if extra_check else ()), enum)


def _without_domain(context: Context, table: Table, column: Column) -> tuple[Column, tuple[Check, ...]]:
    """The column with what its domain says written out, where the target has no domains."""
    checks: list[Check] = []
    seen: set[str] = set()
    while not context.can.user_types and (domain := _domain(context, column.type)) and domain.name not in seen:
        seen.add(domain.name)
        for check in domain.checks:
            name = quote(column.name, "sqlite" if context.source == "mssql" else context.translator.source)
            text = _VALUE.sub(name.replace("\\", r"\\"), check.expression.text)
            translated = context.translator.translate(Expression(text=text), "check")
            if translated:
                checks.append(Check(expression=translated, origin=column.origin))
            else:
                path = f"{table.ref}.{column.name}"
                context.lose(path, f"check of domain {domain.name}: {check.expression.text}", "left out", column.origin)
        dimensions = column.type.dimensions
        column = column.model_copy(
            update={
                "type": domain.type.model_copy(update={"dimensions": dimensions}) if dimensions else domain.type,
                "nullable": column.nullable and domain.nullable,
                "default": column.default or domain.default,
            }
        )
    return column, tuple(checks)


def _domain(context: Context, type_: DataType) -> Domain | None:
    return context.domains.get(context.catalog.key(Ref(name=type_.name, namespace=type_.namespace)))


def _type(context: Context, table: Table, column: Column, role: Role) -> tuple[DataType, Check | None, Enum | None]:
    """The target's type; perhaps a check that stands in for an enum, or an enum that the target wants named."""
    type_, target = column.type, context.target
    path = f"{table.ref}.{column.name}"
    enum = context.enum(type_)
    values = enum.values if enum else type_.values if type_.name == "enum" else ()
    if values and not type_.dimensions:
        if context.can.enums == "named":
            if enum:
                ref = context.ref(enum.ref)
                return DataType(name=ref.name, namespace=ref.namespace, written=str(ref)), None, None
            place = context.ref(table.ref)
            name = context.claim("type", place.namespace, f"{place.name}_{column.name}", place.name)
            named = Enum(name=name, namespace=place.namespace, values=values, origin=column.origin)
            return DataType(name=name, namespace=place.namespace, written=str(named.ref)), None, named
        if context.can.enums == "inline":
            return DataType(name="enum", values=values, written=""), None, None
        check = Expression(text=enum_check(quote(column.name, target), values, target))
        if not enum:
            context.lose(path, f"type {type_}", "text with a check", column.origin)
        return DataType(name="text", written="text"), Check(expression=check, origin=column.origin), None
    if context.can.user_types and category(type_) == "user" and context.describes(type_):
        ref = context.ref(Ref(name=type_.name, namespace=type_.namespace))
        return type_.model_copy(update={"name": ref.name, "namespace": ref.namespace, "written": ""}), None, None
    if type_.name == "boolean" and column.default and (column.default.canonical or "").upper() not in _TRUTHS:
        # MySQL's tinyint(1) with a default such as -1 counts something.
        type_ = type_.model_copy(update={"name": "tinyint"})
        context.lose(path, "type boolean", "an integer, as its default is no truth value", column.origin)
    lowered = lower_type(type_, context.source, target, keyed=role.keyed)
    if lowered.lossy:
        context.lose(path, f"type {type_}", str(lowered.type), column.origin)
    return lowered.type, None, None


def _identity(context: Context, path: str, column: Column, role: Role) -> Identity | None:
    identity = column.identity
    if identity is None:
        return None
    target, options = context.target, identity.options
    if target == "postgres":
        return Identity(style="by default", options=options)
    if (target == "sqlite" and not role.sole_key) or (target == "mysql" and not role.leads):
        wanted = "the whole primary key" if target == "sqlite" else "the first column of a key"
        context.lose(path, "identity", f"a plain column, because only {wanted} can count up", column.origin)
        return None
    if identity.style == "always":
        context.lose(path, "GENERATED ALWAYS", "counts up, but accepts a value that is given", column.origin)
    kept = options.model_copy(
        update={"minimum": None, "maximum": None, "cache": None, "increment": None, "cycle": False}
    )
    if target == "sqlite":
        kept = kept.model_copy(update={"start": None})
    if kept != options:
        context.lose(path, f"sequence options {_listed(options, kept)}", "the engine's own", column.origin)
    return Identity(style="auto_increment" if target == "mysql" else "autoincrement", options=kept)


def _listed(options: object, kept: object) -> str:
    before, after = dict(options), dict(kept)  # type: ignore[call-overload]  # a pydantic model iterates over its fields
    return ", ".join(f"{name} {value}" for name, value in before.items() if after[name] != value)


def _generated(context: Context, path: str, column: Column) -> Generated | None:
    generated = column.generated
    if generated is None:
        return None
    expression = context.translator.translate(generated.expression, "generated")
    if expression is None:
        context.lose(path, f"generated as {generated.expression.text}", "a plain column", column.origin)
        return None
    if generated.storage == "virtual" and not context.can.virtual_columns:
        context.lose(path, "virtual generated column", "stored", column.origin)
        return Generated(expression=expression, storage="stored")
    return Generated(expression=expression, storage=generated.storage)


def _default(context: Context, path: str, column: Column, type_: DataType) -> Expression | None:
    default = column.default
    if default is None:
        return None
    text = default.canonical or default.text
    if text == "'now'" and category(column.type) == "temporal":
        text = "CURRENT_TIMESTAMP"  # what PostgreSQL's special date means
    if column.type.dimensions and context.target != "postgres":
        if text in _EMPTY_ARRAYS:
            return Expression(text="'[]'")
        translated = None
    elif context.target == "postgres" and _ZERO_DATE.fullmatch(text):
        translated = None
    elif text == "CURRENT_TIMESTAMP":
        translated = Expression(text=_mysql_now(type_) if context.target == "mysql" else text, canonical=text)
    else:
        translated = context.translator.translate(default, "default")
    if translated is None:
        context.lose(path, f"default {default.text}", "no default", column.origin)
    return translated


def _mysql_now(type_: DataType) -> str:
    """The clock at the precision of the column, which MySQL insists on; other types take an expression."""
    digits = f"({type_.arguments[0]})" if type_.arguments else ""
    if type_.name in {"timestamp", "timestamptz"}:
        return f"CURRENT_TIMESTAMP{digits}"
    return "(CURRENT_DATE)" if type_.name == "date" else "(CURRENT_TIMESTAMP)"


def _comment(context: Context, path: str, column: Column) -> str | None:
    if column.comment and "column" not in context.can.comments:
        context.lose(path, "comment", "a comment in the script, which the engine does not keep", column.origin)
    return column.comment


def _storage(context: Context, path: str, column: Column) -> dict[str, object]:
    """Drop what only the source's engine knows, and say so."""
    dropped = [
        f"{label} {value}"
        for label, value in (
            ("collation", column.collation),
            ("character set", column.charset),
            ("ON UPDATE", column.on_update and column.on_update.text),
            *column.options.items(),
        )
        if value
    ]
    if not column.visible:
        dropped.append("invisible")
    if dropped:
        context.lose(path, ", ".join(dropped), "left out", column.origin)
    return {"collation": None, "charset": None, "on_update": None, "options": {}, "visible": True}
