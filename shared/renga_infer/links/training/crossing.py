"""Every project judged by a model that never saw it."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links.design import Link
from renga_infer.links.proposals import best_of_each
from renga_infer.links.training import lessons
from renga_infer.links.training.calibration import rising_curve
from renga_infer.links.training.corpus import Project
from renga_infer.links.training.lessons import Lesson
from renga_infer.links.training.measures import Counts, count
from renga_infer.links.training.regression import Regression
from renga_infer.links.training.rows import Rows
from renga_infer.links.training.rows import of as rows_of
from renga_infer.runtimes.scores import sigmoid

Floats = NDArray[np.float64]
FOLDS: Final = 5


@dataclass(frozen=True, slots=True)
class Judged:
    """A project, and what a model that never saw it says of each candidate of its measured example."""

    project: Project
    fold: int
    rows: Rows
    margins: Floats
    """[rows], before the link."""

    @property
    def best(self) -> list[int]:
        """The place of each column's best candidate."""
        return best_of_each(self.rows.candidates, self.margins)


def judged(
    projects: Sequence[Project],
    taught: Mapping[str, Lesson],
    measured: Mapping[str, Rows],
    seed: int,
    *,
    said: Callable[[str], None],
) -> list[Judged]:
    """All measured projects, each judged by the model of the folds that it is not in."""
    fold_of = _folds(projects, seed)
    found: list[Judged] = []
    for fold in range(FOLDS):
        inside = [project for project in projects if fold_of[project.name] == fold and project.name in measured]
        outside = [taught[name] for name in taught if fold_of[name] != fold]
        if not inside or not outside:
            continue
        model = Regression(balanced(lessons.joined(outside)))
        for project in inside:
            rows = measured[project.name]
            found.append(Judged(project, fold, rows, model.margins(rows.features)))
        said(f"fold {fold + 1} of {FOLDS}: {len(outside)} projects taught, {len(inside)} judged")
    return found


def judged_apart(projects: Sequence[Project], model: Regression) -> list[Judged]:
    """Those of the projects that can be measured, judged by a finished model; they are of no fold."""
    measured = [(project, rows_of(project.measured)) for project in projects if project.measured is not None]
    return [Judged(project, -1, rows, model.margins(rows.features)) for project, rows in measured]


def balanced(lesson: Lesson) -> Lesson:
    """The same rows, each of weight 1 on average."""
    return Lesson(lesson.features, lesson.true, lesson.weights * (len(lesson.weights) / lesson.weights.sum()))


def _folds(projects: Sequence[Project], seed: int) -> dict[str, int]:
    """Projects spread over the folds, so that each fold has large and small ones."""
    shuffled = sorted(projects, key=lambda project: project.name)
    random.Random(seed).shuffle(shuffled)  # noqa: S311 - drawn again from the same seed
    shuffled.sort(key=lambda project: -max(len(example.links) for example in project.examples))
    return {project.name: at % FOLDS for at, project in enumerate(shuffled)}


def calibration(judgements: Sequence[Judged]) -> tuple[Floats, Floats]:
    """Points of a calibration of each column's best candidate; a project counts as the root of its links."""
    said, true, weights = [np.zeros(0)], [np.zeros(0, dtype=np.bool_)], [np.zeros(0)]
    for one in judgements:
        best = one.best
        said.append(one.margins[best])
        true.append(one.rows.true[best])
        weights.append(np.full(len(best), 1 / max(1, int(one.rows.true.sum())) ** 0.5))
    return rising_curve(np.concatenate(said), np.concatenate(true), np.concatenate(weights))


def apply(curve: tuple[Floats, Floats], margins: Floats) -> Floats:
    """The probabilities that a calibration makes of scores, as the runtime does."""
    x, y = curve
    chances: Floats = np.interp(sigmoid(margins), x, y)
    return chances


def calibrated(judgements: Sequence[Judged], *, by: Sequence[Judged]) -> dict[str, Floats]:
    """The probabilities of each project's candidates [rows], calibrated on those of `by` that are of other folds."""
    found: dict[str, Floats] = {}
    for fold in range(FOLDS):
        curve = calibration([one for one in by if one.fold != fold] or by)
        found |= {one.project.name: apply(curve, one.margins) for one in judgements if one.fold == fold}
    return found


def proposed(one: Judged, chances: Floats, at_least: float) -> list[Link]:
    """What would be proposed."""
    return [one.rows.links[at] for at in best_of_each(one.rows.candidates, chances) if chances[at] >= at_least]


def counts(judgements: Sequence[Judged], chances: Mapping[str, Floats], at_least: float) -> list[Counts]:
    """The counts of each project."""
    found: list[Counts] = []
    for one in judgements:
        example = one.project.measured
        assert example is not None  # noqa: S101 - only measured projects are judged
        found.append(count(example, proposed(one, chances[one.project.name], at_least)))
    return found
