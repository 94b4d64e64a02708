"""What one project teaches: the rows of its examples, as they are and as others would have named them."""

import random
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links.features import FEATURES
from renga_infer.links.training import rows
from renga_infer.links.training.augment import augmented
from renga_infer.links.training.corpus import Project
from renga_infer.links.training.rows import Rows

VARIANTS: Final = 2
"""How often a project's largest example is named anew."""
_EASY: Final = 0.1
"""The share that is kept of the rows that nobody would take for a link."""
_STRONG: Final = 1.2


@dataclass(frozen=True, slots=True)
class Lesson:
    """Rows to learn from."""

    features: NDArray[np.float32]
    true: NDArray[np.bool_]
    weights: NDArray[np.float64]


def of(project: Project, seed: int, measured: Rows | None = None) -> Lesson | None:
    """What a project teaches; None where it declares no link.

    A project counts as the square root of its links: a large one more than a small one, but not for all.

    Args:
        project: with one example or more.
        seed: of what is drawn.
        measured: the rows of `project.measured`, where somebody has them: they take long.
    """
    random_ = random.Random(f"{seed} {project.name}")  # noqa: S311 - drawn again from the same seed
    numbers = np.random.default_rng(random_.getrandbits(64))
    taught = [
        measured if measured is not None and example is project.measured else rows.of(example)
        for example in project.examples
        if example.links
    ]
    if not taught:
        return None
    largest = max(project.examples, key=lambda example: len(example.links))
    taught += [rows.of(augmented(largest, random_)) for _ in range(VARIANTS)]
    parts = [_thinned(one, numbers, len(taught)) for one in taught if one.links]
    return joined(parts) if parts else None


def joined(lessons: list[Lesson]) -> Lesson:
    """Several lessons as one."""
    return Lesson(
        np.concatenate([lesson.features for lesson in lessons]),
        np.concatenate([lesson.true for lesson in lessons]),
        np.concatenate([lesson.weights for lesson in lessons]),
    )


def _thinned(taught: Rows, numbers: np.random.Generator, of: int) -> Lesson:
    """Without most of the rows that are easy; those that are kept stand for them."""
    columns = [(candidate.column.table, candidate.column.position) for candidate in taught.candidates]
    declared = {column for column, true in zip(columns, taught.true, strict=True) if true}
    hard = np.array([column in declared for column in columns])
    hard |= taught.features[:, FEATURES.index("best_alike")] > _STRONG
    hard |= taught.features[:, FEATURES.index("is_first")] > 0
    keep = (taught.trust > 0) & (hard | (numbers.random(len(hard)) < _EASY))
    weights = np.where(hard, 1.0, 1 / _EASY) * taught.trust / (max(1, int(taught.true.sum())) ** 0.5 * of)
    return Lesson(taught.features[keep], taught.true[keep], weights[keep])
