"""The whole way from examples to a committed version: lessons, crossed judgement, the last fit, the card."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.card import Card
from renga_infer.links import rules
from renga_infer.links.design import Link
from renga_infer.links.features import FEATURES
from renga_infer.links.proposals import PROBABLE
from renga_infer.links.training import card, corpus, crossing, lessons, rows
from renga_infer.links.training.corpus import Example, Project
from renga_infer.links.training.crossing import Judged, balanced, calibrated, counts
from renga_infer.links.training.measures import Bin, Quality, count, quality, reliability
from renga_infer.links.training.regression import Regression
from renga_infer.registry.package import write_version

COMPLETE: Final = 0.7
"""A project that declares this share of the links that its names make evident is complete."""
_GOLDEN: Final = 24
"""Rows of the golden set."""
_THRESHOLDS: Final = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Where the card says what another threshold would give."""
_MOST: Final = 4096
"""Rows of one request."""


@dataclass(frozen=True, slots=True)
class Made:
    """A trained version, and of what its card was made that the card does not hold."""

    card: Card
    judgements: tuple[Judged, ...]
    chances: Mapping[str, NDArray[np.float64]]
    """By project, the probability of each candidate, from models that never saw it."""
    qualities: Mapping[str, Mapping[str, Quality]]
    """By `complete`, `all` or `held_out`, then by who proposes; held out are complete projects that taught nothing."""


def train(
    examples: Sequence[Example],
    out: Path,
    *,
    seed: int,
    held_out: Sequence[Example] = (),
    version: str = "1",
    trained_by: str = "",
    said: Callable[[str], None] = lambda _: None,
) -> Made:
    """Train a version from examples, measure it on projects that it did not see, and write it to `out/links/<version>`.

    `held_out` teaches nothing and chooses nothing: the finished version itself is measured on those of its projects
    that are complete and of which no schema is among `examples`. `said` hears of the progress, a line each.

    Raises:
        ValueError: no project declares enough links to measure anything, or fewer than two declare any.
    """
    found = corpus.projects(examples)
    known = {example.sha256() for example in examples}
    both = corpus.projects([*examples, *held_out])
    unseen = [project for project in both if known.isdisjoint(example.sha256() for example in project.examples)]
    measured = {project.name: rows.of(project.measured) for project in found if project.measured is not None}
    taught = {
        project.name: lesson
        for project in found
        if (lesson := lessons.of(project, seed, measured.get(project.name))) is not None
    }
    if len(taught) < 2:
        raise ValueError(
            f"{len(taught)} of {len(found)} projects declare foreign keys; at least 2 are needed to learn and to check."
        )
    said(f"{len(examples)} schemas are {len(found)} projects: {len(taught)} teach, {len(measured)} are measured")
    judgements = crossing.judged(found, taught, measured, seed, said=said)
    complete = [one for one in judgements if one.rows.declared >= COMPLETE]
    chances = calibrated(judgements, by=complete or judgements)
    lesson = balanced(lessons.joined([taught[name] for name in sorted(taught)]))
    model = Regression(lesson)
    calibration = crossing.calibration(complete or judgements)
    apart = crossing.judged_apart(unseen, model)
    apart = [one for one in apart if one.rows.declared >= COMPLETE]
    apart_chances = {one.project.name: crossing.apply(calibration, one.margins) for one in apart}
    said(f"{len(unseen)} projects are held out, {len(apart)} of them complete")
    qualities = {
        "complete": _qualities(complete, chances, seed),
        "all": _qualities(judgements, chances, seed),
        "held_out": _qualities(apart, apart_chances, seed),
    }
    bins = {"complete": _reliability(complete, chances), "held_out": _reliability(apart, apart_chances)}
    thresholds = {at: quality(counts(complete, chances, at), seed) for at in _THRESHOLDS} if complete else {}
    fields = {
        "name": "links",
        "version": version,
        "runtime": "linear",
        "description": (
            "Which column refers to which key, in schemas that declare no foreign keys. One row is one candidate: a "
            "column and a key, described by names, types, keys, places and comments. The first output is the "
            "calibrated probability that they are linked, the second what each feature gave to the score before link "
            "and calibration, beside the average candidate (the last column: what none gave)."
        ),
        "licence": "As Renga's own. The weights hold no text of the schemas that were learned from.",
        "data_sha256": corpus.sha256(found),
        "seed": seed,
        "trained_by": trained_by,
        "metrics": card.metrics(qualities, bins, thresholds),
        "limits": card.limits(qualities, found, taught),
        "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, len(FEATURES)]}],
        "outputs": [
            {"name": "probability", "datatype": "FP64", "shape": [-1]},
            {"name": "contributions", "datatype": "FP64", "shape": [-1, len(FEATURES) + 1]},
        ],
        "batching": {"max_batch_size": _MOST},
        "options": {
            "link": "sigmoid",
            "features": list(FEATURES),
            "splits": _splits([project for project in found if project.name in taught], judgements),
            "held_out": _splits([one.project for one in apart], ()),
        },
    }
    picked = np.random.default_rng(seed).choice(len(lesson.features), size=min(_GOLDEN, len(lesson.features)))
    written = write_version(out, fields, model.arrays(calibration), [{"features": lesson.features[np.sort(picked)]}])
    return Made(written, tuple(judgements), chances, qualities)


def _qualities(
    judgements: Sequence[Judged], chances: Mapping[str, NDArray[np.float64]], seed: int
) -> dict[str, Quality]:
    if not judgements:
        return {}
    found = {"links": quality(counts(judgements, chances, PROBABLE), seed)}
    for name, propose in BASELINES.items():
        examples = [one.project.measured for one in judgements]
        found[name] = quality([count(example, propose(example)) for example in examples if example is not None], seed)
    return found


def _both(example: Example) -> list[Link]:
    """Naming first; equality where naming is silent."""
    found = {(link.table, link.column): link for link in rules.by_equality(example.design)}
    found |= {(link.table, link.column): link for link in rules.by_naming(example.design)}
    return list(found.values())


BASELINES: Final[Mapping[str, Callable[[Example], list[Link]]]] = {
    "naming rules": lambda example: rules.by_naming(example.design),
    "name and type equality": lambda example: rules.by_equality(example.design),
    "both rules": _both,
}


def _reliability(judgements: Sequence[Judged], chances: Mapping[str, NDArray[np.float64]]) -> list[Bin]:
    said, true = [np.zeros(0)], [np.zeros(0, dtype=np.bool_)]
    for one in judgements:
        best = one.best
        said.append(chances[one.project.name][best])
        true.append(one.rows.true[best])
    return reliability(np.concatenate(said), np.concatenate(true))


def _splits(projects: Sequence[Project], judgements: Sequence[Judged]) -> list[dict[str, Any]]:
    folds = {one.project.name: one.fold for one in judgements}
    return [
        {
            "project": project.name,
            "schemas": [{"name": example.name, "sha256": example.sha256()} for example in project.examples],
            "links": max(len(example.links) for example in project.examples),
            **({"measured_in_fold": folds[project.name]} if project.name in folds else {}),
        }
        for project in projects
    ]
