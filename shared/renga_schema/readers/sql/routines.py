"""PostgreSQL's routines are known by their name and the types of their arguments; this tells which one is meant."""

import re
from functools import lru_cache
from typing import Final

from renga_schema.model import Ref, Routine, Trigger
from renga_schema.readers.source import Source
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor, Unparsed
from renga_schema.readers.sql.datatypes import take_type
from renga_schema.readers.sql.lexer import tokens
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.types import parse

KINDS: Final = frozenset({"FUNCTION", "PROCEDURE", "ROUTINE", "AGGREGATE"})
"""What the statements about routines call them."""

_MODES: Final = {"IN", "INOUT", "VARIADIC"}
_EXECUTED = re.compile(r'\bEXECUTE\s+(?:FUNCTION|PROCEDURE)\s+(?P<name>[\w$."]+)\s*\(', re.IGNORECASE)


@lru_cache(maxsize=4096)
def argument_types(signature: str, *, outputs: bool = False) -> tuple[str, ...]:
    """The types of the arguments that tell a routine from others of its name, without their namespaces.

    Those that only come out do not count, except for procedures: `outputs`.
    """
    source = Source(signature)
    lexicon = Lexicon.of("postgres")
    found = tokens(signature, 0, len(signature), lexicon)
    return tuple(
        written
        for item in Cursor(source, found, lexicon, 0, len(found)).items()
        if (written := _type(item, outputs=outputs)) is not None
    )


def _type(item: Cursor, *, outputs: bool) -> str | None:
    mark = item.here
    if item.accept("OUT"):
        if not outputs:
            return None
    elif item.accept_any(_MODES) == "IN":
        item.accept("OUT")
    mark = item.here
    item.skip_to({"DEFAULT", "=", ":="})
    end = item.here
    for skipped in (0, 1):  # `a integer` has a name; `double precision` has none
        item.back_to(mark + skipped)
        try:
            written = take_type(item)
        except Unparsed:
            continue
        if item.here == end:
            type_ = parse(written, "postgres")
            return type_.name + "[]" * bool(type_.dimensions)
    item.back_to(mark)
    return " ".join(item.rest().split()).lower()


def types_of(routine: Routine) -> tuple[str, ...]:
    """The types of a routine's arguments."""
    return argument_types(routine.signature, outputs=routine.kind == "procedure")


def _meant(builder: Builder, ref: Ref, signature: str | None) -> list[Routine]:
    """The routines that a name with or without a list of arguments means, along the search path."""
    for namespace in (ref.namespace,) if ref.namespace else (*builder.path, None):
        named = [each for each in builder.routines.named(ref.name) if _home(each) == (namespace or "public")]
        if named:
            if signature is None:
                return named[:1] if len(named) == 1 else []
            return [
                each
                for each in named
                if {argument_types(signature, outputs=outputs) for outputs in (False, True)}
                & {argument_types(each.signature), types_of(each)}
            ]
    return []


def _home(routine: Routine) -> str:
    return routine.namespace or "public"


def same(one: Routine, other: Routine) -> bool:
    """Whether two routines cannot both be there."""
    return (one.name, _home(one), types_of(one)) == (other.name, _home(other), types_of(other))


def _reference(cursor: Cursor, builder: Builder) -> list[Routine]:
    ref = cursor.qualified()
    return _meant(builder, ref, cursor.group().rest() if cursor.key == "(" else None)


def drop_routines(cursor: Cursor, builder: Builder) -> Outcome:
    """DROP FUNCTION, PROCEDURE, ROUTINE or AGGREGATE, up to CASCADE."""
    meant = _reference(cursor, builder)
    while cursor.accept(","):
        meant += _reference(cursor, builder)
    if cursor.accept("CASCADE"):
        builder.effort.spend(5 * len(meant) * len(builder.triggers))
        builder.triggers.keep(lambda each: not any(_executes(each, routine) for routine in meant))
    for routine in {id(each): each for each in meant}.values():
        builder.routines.remove(routine)
    return "applied" if meant else "noted"


def _executes(trigger: Trigger, routine: Routine) -> bool:
    if routine.name.casefold() not in trigger.definition.casefold():
        return False  # at once: a script may drop thousands of routines, and have as many triggers
    match = _EXECUTED.search(trigger.definition)
    if match is None:
        return False
    *path, name = match["name"].replace('"', "").split(".")
    return name.lower() == routine.name.lower() and (not path or path[-1] == _home(routine))


def alter_routine(cursor: Cursor, builder: Builder) -> Outcome:
    """ALTER FUNCTION, PROCEDURE, ROUTINE or AGGREGATE: a new name or namespace."""
    meant = _reference(cursor, builder)
    if cursor.accept("RENAME", "TO"):
        changed = {"name": cursor.name()}
    elif cursor.accept("SET", "SCHEMA"):
        changed = {"namespace": cursor.name()}
    else:
        return "noted"
    for routine in meant:
        builder.routines.replace(routine, routine.model_copy(update=changed))
    return "applied" if meant else "noted"


def comment_on_routine(cursor: Cursor, builder: Builder) -> Outcome:
    """COMMENT ON FUNCTION name (types) IS text."""
    meant = _reference(cursor, builder)
    cursor.expect("IS")
    text = None if cursor.accept("NULL") else cursor.string() or None
    for routine in meant:
        builder.routines.replace(routine, routine.model_copy(update={"comment": text}))
    return "applied" if meant else "noted"
