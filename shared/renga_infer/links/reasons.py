"""Why a link is proposed, in sentences that a person can check by looking at the schema."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links.candidates import Candidate
from renga_infer.links.features import FEATURES, PAIRS, SINGLE
from renga_infer.links.lexed import PRIMARY, UNIQUE, LexedDesign
from renga_infer.links.naming import abbreviates, ends_alike, forms, split, tail_overlap
from renga_infer.links.words import ACTORS, PARENTS

MOST: Final = 4
"""Reasons of one proposal."""


def explain(lexed: LexedDesign, candidate: Candidate, contributions: NDArray[np.float64]) -> tuple[str, ...]:
    """The facts that speak for a candidate, the one that weighed most first.

    `contributions` [FEATURES or more] says what each feature gave to the score; of a product each factor has half. A
    fact that holds and weighed nothing or less is left out.
    """
    given = dict(zip(SINGLE, contributions[: len(SINGLE)].tolist(), strict=True))
    for (one, other), product in zip(PAIRS, contributions[len(SINGLE) : len(FEATURES)].tolist(), strict=True):
        given[one] += product / 2
        given[other] += product / 2
    found: list[tuple[float, str]] = []
    for features, fact in _REASONS:
        weight = sum(given[name] for name in features)
        sentence = fact(lexed, candidate) if weight > 0 else None
        if sentence:
            found.append((weight, sentence))
    found.sort(key=lambda one: -one[0])
    return tuple(sentence for _, sentence in found[:MOST])


def _names(lexed: LexedDesign, candidate: Candidate) -> str | None:
    column, table = candidate.column, lexed.tables[candidate.key.column.table]
    name, stem = table.table.name, "_".join(column.stem)
    if not stem:
        return None
    if not forms(column.stem_text).isdisjoint(forms(table.text)):
        return f"the name's stem {stem!r} is the table {name}"
    overlap = tail_overlap(column.stem, table.words)
    if overlap == len(table.words):
        return f"the name's stem {stem!r} ends with the table's name {name}"
    if overlap:
        return f"the table's name {name} ends with {'_'.join(column.stem[-overlap:])!r}, as the column's does"
    if ends_alike(column.stem_text, table.text):
        return f"{stem!r} and the table's name {name} end alike"
    if abbreviates(column.stem_text, table.text, table.words):
        return f"{stem!r} may be short for the table {name}"
    return f"{stem!r} looks like the table's name {name}" if candidate.alike > 0.3 else None


def _key_name(lexed: LexedDesign, candidate: Candidate) -> str | None:
    column, key = candidate.column, candidate.key.column
    target = f"{lexed.design.tables[key.table].name}.{key.column.name}"
    if column.whole == key.whole:
        return f"the column is called as {target} is"
    if column.whole.endswith(key.whole) and len(key.whole) > 3:
        return f"the column's name ends with that of {target}"
    return None


def _own_table(_: LexedDesign, candidate: Candidate) -> str | None:
    said = [word for word in candidate.column.words if word in PARENTS]
    if candidate.column.table != candidate.key.column.table:
        return None
    return f"{said[0]!r} points to another row of the same table" if said else "it is the column's own table"


def _people(lexed: LexedDesign, candidate: Candidate) -> str | None:
    said = [word for word in candidate.column.words if word in ACTORS]
    target = candidate.key.column.table
    if said and target in lexed.users:
        return f"{said[0]!r} names someone who acts, and {lexed.design.tables[target].name} are those who do"
    return None


def _tables(lexed: LexedDesign, candidate: Candidate) -> str | None:
    source, target = candidate.column.table, candidate.key.column.table
    if source != target and target in lexed.named_in[source]:
        return f"the table {lexed.design.tables[source].name} is named after {lexed.design.tables[target].name}"
    return None


def _types(_: LexedDesign, candidate: Candidate) -> str | None:
    column, key = candidate.column.column, candidate.key.column.column
    return f"both are {column.type}" if column.type == key.type else None


def _key(lexed: LexedDesign, candidate: Candidate) -> str | None:
    key = candidate.key
    target = f"{lexed.design.tables[key.column.table].name}.{key.column.column.name}"
    if key.kind == PRIMARY:
        return f"{target} is its table's primary key"
    return f"{target} is unique" if key.kind == UNIQUE else None


def _says_id(_: LexedDesign, candidate: Candidate) -> str | None:
    column = candidate.column
    return (
        f"{column.column.name} says by {'_'.join(column.keyed)!r} that it identifies something"
        if column.has_id
        else None
    )


def _alone(_: LexedDesign, _candidate: Candidate) -> str | None:
    return "no other key fits as well"


def _comment(lexed: LexedDesign, candidate: Candidate) -> str | None:
    said = split(candidate.column.column.comment)
    words = lexed.tables[candidate.key.column.table].words
    if words and said and all(any(not forms(word).isdisjoint(forms(other)) for other in said) for word in words):
        return "the column's comment names the table"
    return None


_REASONS: Final[tuple[tuple[tuple[str, ...], Callable[[LexedDesign, Candidate], str | None]], ...]] = (
    (
        (
            "alike",
            "stem_is_table",
            "stem_covered",
            "table_covered",
            "words_shared",
            "end_alike",
            "abbreviates",
            "column_is_table_key",
            "whole_is_table",
            "stem_is_tail",
            "best_alike",
        ),
        _names,
    ),
    (("key_is_column", "key_is_telling", "key_stem_alike", "ends_with_key"), _key_name),
    (("is_self", "says_parent", "parent_of_self"), _own_table),
    (("says_actor", "is_person", "is_user", "actor_to_user"), _people),
    (("rest_is_source", "named_in_source", "source_extends_target"), _tables),
    (("same_type", "same_length", "same_sign"), _types),
    (("key_kind", "key_is_primary", "key_counted", "key_first", "key_is_own", "key_is_foreign", "key_generic"), _key),
    (("says_id", "columns_say_id"), _says_id),
    (("is_first", "rank", "behind_best", "ahead_of_next", "ties"), _alone),
    (("comment_names_table", "comment_says_key"), _comment),
)
