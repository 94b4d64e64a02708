"""Examples as rows of numbers with what is true of each."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links import candidates, features
from renga_infer.links.candidates import Candidate
from renga_infer.links.design import Link
from renga_infer.links.lexed import PRIMARY, LexedDesign
from renga_infer.links.naming import forms
from renga_infer.links.rules import link
from renga_infer.links.training.corpus import Example
from renga_infer.links.words import GENERIC_KEYS

_OPEN: Final = 0.3
"""The trust in a link that looks evident and is not declared, where all others like it are."""
_FEW: Final = 0.3
"""A schema that declares a smaller share of its evident links teaches by those alone that it declares."""
_HINTS: Final = ("alike", "table_covered", "end_alike", "actor_to_user", "parent_of_self", "ends_with_key")
_HINT: Final = 0.45
"""One of the hints above that: it may be a link."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The candidates of one example."""

    features: NDArray[np.float32]
    """[rows, FEATURES]."""
    true: NDArray[np.bool_]
    """[rows]: whether the example declares the link."""
    trust: NDArray[np.float64]
    """[rows], 0 to 1: how far to believe that a link which is not declared is none."""
    links: list[Link]
    """[rows]."""
    candidates: list[Candidate]
    declared: float
    """The share that is declared of the columns whose names make a link evident."""


def of(example: Example) -> Rows:
    """The rows of an example.

    What looks like a link and is not declared may be one all the same: a column that is named after a table, or like
    another table's key. Such rows are trusted as far as the schema declares the others that look like this.
    """
    lexed = LexedDesign(example.design)
    found = candidates.find(lexed)
    links = [link(lexed, candidate.column, candidate.key) for candidate in found]
    declared = set(example.links)
    parts = {part for composite in example.composite for part in composite}
    declares = {(one.table, one.column) for one in declared | parts}
    true = np.array([one in declared for one in links], dtype=np.bool_)
    settled = np.array([(one.table, one.column) in declares for one in links], dtype=np.bool_)
    evident = np.array([_evident(lexed, candidate) for candidate in found], dtype=np.bool_)
    share = float(settled[evident].mean()) if evident.any() else 1.0
    numbers = features.compute(lexed, found)
    hinted = numbers[:, [features.FEATURES.index(name) for name in _HINTS]].max(axis=1, initial=0) > _HINT
    trust = np.ones(len(found))
    trust[hinted] = share**2
    trust[evident] = _OPEN * share**2
    trust[settled] = 1.0
    if share < _FEW:
        trust[~settled] = 0.0
    trust[[one in parts for one in links]] = 0.0
    if not example.links:
        trust[:] = 0.0
    return Rows(numbers, true, trust, links, found, share)


def _evident(lexed: LexedDesign, candidate: Candidate) -> bool:
    column, key = candidate.column, candidate.key.column
    table = lexed.tables[key.table]
    if column.table == key.table:
        return False
    named = column.has_id and bool(column.stem) and not forms(column.stem_text).isdisjoint(forms(table.text))
    named_as_key = candidate.key.kind == PRIMARY and column.whole == key.whole and key.whole not in GENERIC_KEYS
    return lexed.is_own(key) and (named or named_as_key)
