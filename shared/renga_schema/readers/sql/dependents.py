"""What cannot live without something else, and goes away with it in PostgreSQL's DROP ... CASCADE."""

import re
from typing import Final

from renga_schema.model import DataType, Key, PrimaryKey, Ref, Routine, Sequence, View
from renga_schema.readers.sql.builder import Builder, UserType
from renga_schema.readers.sql.counting import may_count
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.lexer import NAME, Token, tokens
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.names import fold, unquote_name
from renga_schema.readers.sql.routines import types_of
from renga_schema.readers.sql.shelf import same

_OPEN: Final = {"FROM", "JOIN"}
"""After these, relations are named, and after each comma."""
_CLOSE: Final = {
    "SELECT", "WHERE", "ON", "USING", "GROUP", "ORDER", "HAVING", "WINDOW", "LIMIT", "UNION", "EXCEPT", "INTERSECT",
}  # fmt: skip
_TOKENIZE: Final = 5
_ASK: Final = 30
"""The steps that it takes to read a character of a query, and to ask whether it names something."""
_BEFORE_NAMES: Final = {"FROM", "JOIN", ",", "(", "ONLY", "LATERAL"}


def relations(query: str) -> frozenset[Ref]:
    """The tables and views that a query names."""
    found = set()
    listing = [False]
    before = ""
    written = tokens(query, 0, len(query), Lexicon.of("postgres"))
    for at, token in enumerate(written):
        key = token.key
        if key == "(":
            listing.append(listing[-1])
        elif key == ")":
            del listing[1 if len(listing) == 1 else -1 :]
        elif key in _OPEN:
            listing[-1] = True
        elif key in _CLOSE:
            listing[-1] = False
        elif listing[-1] and before in _BEFORE_NAMES and (key == NAME or key[0].isalpha() or key[0] == "_"):
            found.add(_reference(query, written[at : at + 3]))
        before = key
    return frozenset(found)


def _reference(query: str, written: list[Token]) -> Ref:
    first = _name(query, written[0])
    if len(written) == 3 and written[1].key == ".":
        return Ref(name=_name(query, written[2]), namespace=first)
    return Ref(name=first)


def _name(query: str, token: Token) -> str:
    text = query[token.start : token.end]
    return unquote_name(text) if token.key == NAME else fold(text, "postgres")


def drop_views_of(builder: Builder, ref: Ref, column: str | None = None) -> None:
    """Remove the views of a relation, or of one column of it, and the views of those."""
    waiting = [(ref, column)]
    while waiting:
        gone, used = waiting.pop()
        for view in builder.views:
            if _is_of(builder, view, gone) and (used is None or _uses(builder, view, used)):
                drop_view(builder, view)
                waiting.append((view.ref, None))


def _is_of(builder: Builder, view: View, ref: Ref) -> bool:
    if same(view, ref):
        return False
    named = builder.relations.get(view.query)
    if named is None:
        builder.effort.spend(_TOKENIZE * len(view.query))
        named = builder.relations[view.query] = relations(view.query)
    builder.effort.spend(_ASK)
    return Ref(name=ref.name) in named or Ref(name=ref.name, namespace=ref.namespace or "public") in named


def _uses(builder: Builder, view: View, column: str) -> bool:
    builder.effort.spend(len(view.query))
    words = rf"(?<![\w$]){re.escape(column)}(?![\w$])|\*"
    return re.search(words, view.query, re.IGNORECASE) is not None


def drop_view(builder: Builder, view: View) -> None:
    """Remove a view with what is attached to it."""
    builder.views.remove(view)
    ref = view.ref
    for trigger in builder.triggers_of(ref):
        builder.triggers.remove(trigger)


def drop_uses_of_type(builder: Builder, type_: UserType) -> None:
    """Remove the columns and routines of a type that is gone."""
    for table, column in builder.columns(lambda each: each.type.name == type_.name):
        if _is(column.type, type_):
            table.drop_column(column.name)
            drop_views_of(builder, table.ref, column.name)
    builder.effort.spend(5 * len(builder.routines))
    builder.routines.keep(lambda each: not _speaks_of(each, type_))


def _speaks_of(routine: Routine, type_: UserType) -> bool:
    name = type_.name.casefold()
    if name not in routine.signature.casefold() and name not in (routine.returns or "").casefold():
        return False  # at once: a script may drop thousands of types, and have as many routines
    plain = {name.removesuffix("[]") for name in types_of(routine)}
    return type_.name in plain or _plain(routine.returns) == type_.name


def _plain(returns: str | None) -> str | None:
    return returns and returns.lower().removeprefix("setof ").removesuffix("[]").rpartition(".")[2].strip('"')


def _is(written: DataType, type_: UserType) -> bool:
    return written.name == type_.name and (written.namespace or "public") == (type_.namespace or "public")


def stop_counting(builder: Builder, sequence: Sequence) -> None:
    """Take away the defaults that count up a sequence."""
    nextval = re.compile(rf"""\bnextval\s*\(\s*\(?'(?:"?[\w$]+"?\.)?"?{re.escape(sequence.name)}"?'""", re.IGNORECASE)
    ref = sequence.ref
    for table, column in builder.columns(may_count(sequence.name)):
        counted = column.identity is not None and column.identity.sequence == ref
        if counted or (column.default is not None and nextval.search(column.default.text)):
            table.put(column.model_copy(update={"default": None, "identity": None}))


def drop_table(builder: Builder, table: TableDraft) -> None:
    """Remove a table with its heirs and all views of them."""
    waiting = [table]
    while waiting:
        gone = waiting.pop()
        ref = gone.ref
        related = builder.referrers.of(ref)
        waiting += [each for each in related if any(same(parent, ref) for parent in each.inherits)]
        drop_views_of(builder, ref)
        builder.drop_table(gone, cascade=True)


def drop_references(builder: Builder, table: TableDraft, key: Key) -> None:
    """Remove the foreign keys that refer to a table by a key that is gone."""
    meant = {key.columns, ()} if isinstance(key, PrimaryKey) else {key.columns}
    ref = table.ref
    for other in builder.referring(ref):
        other.foreign_keys = [
            each for each in other.foreign_keys if not same(each.target, ref) or each.referred_columns not in meant
        ]
