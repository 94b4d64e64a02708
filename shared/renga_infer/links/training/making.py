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
from renga_infer.links.training import corpus, crossing, lessons, rows
from renga_infer.links.training.corpus import Example, Project
from renga_infer.links.training.crossing import Judged, balanced, calibrated, counts
from renga_infer.links.training.measures import (
    Bin,
    Interval,
    Quality,
    calibration_error,
    count,
    quality,
    reliability,
)
from renga_infer.links.training.regression import Regression
from renga_infer.registry.package import write_version

COMPLETE: Final = 0.7
"""A project that declares this share of the links that its names make evident is complete."""
_GOLDEN: Final = 24
"""Rows of the golden set."""
_MOST: Final = 4096
"""Rows of one request."""


@dataclass(frozen=True, slots=True)
class Made:
    """A trained version and everything that its card could not hold."""

    card: Card
    projects: tuple[Project, ...]
    judgements: tuple[Judged, ...]
    chances: Mapping[str, NDArray[np.float64]]
    """By project, the probability of each candidate, from models that never saw it."""
    complete: frozenset[str]
    """The projects that declare nearly all they could."""
    qualities: Mapping[str, Mapping[str, Quality]]
    """By `complete` or `all`, then by who proposes."""
    bins: tuple[Bin, ...]
    """The reliability of the proposals in complete projects."""


def train(
    examples: Sequence[Example],
    out: Path,
    *,
    seed: int,
    version: str = "1",
    trained_by: str = "",
    said: Callable[[str], None] = lambda _: None,
) -> Made:
    """Train a version from examples, measure it on projects that it did not see, and write it to `out/links/<version>`.

    `said` hears of the progress, a line each.

    Raises:
        ValueError: no project declares enough links to measure anything, or fewer than two declare any.
    """
    found = corpus.projects(examples)
    taught = {project.name: lesson for project in found if (lesson := lessons.of(project, seed)) is not None}
    if len(taught) < 2:
        raise ValueError(
            f"{len(taught)} of {len(found)} projects declare foreign keys; at least 2 are needed to learn and to check."
        )
    measured = {project.name: rows.of(project.measured) for project in found if project.measured is not None}
    said(f"{len(examples)} schemas are {len(found)} projects: {len(taught)} teach, {len(measured)} are measured")
    judgements = crossing.judged(found, taught, measured, seed, said=said)
    chances = calibrated(judgements)
    complete = frozenset(name for name, one in measured.items() if one.declared >= COMPLETE)
    qualities = {
        "complete": _qualities([one for one in judgements if one.project.name in complete], chances, seed),
        "all": _qualities(judgements, chances, seed),
    }
    bins = _reliability([one for one in judgements if one.project.name in complete], chances)
    lesson = balanced(lessons.joined([taught[name] for name in sorted(taught)]))
    model = Regression(lesson)
    calibration = crossing.calibration([one for one in judgements if one.project.name in complete] or judgements)
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
        "metrics": _metrics(qualities, bins),
        "limits": limits(qualities, found, taught),
        "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, len(FEATURES)]}],
        "outputs": [
            {"name": "probability", "datatype": "FP64", "shape": [-1]},
            {"name": "contributions", "datatype": "FP64", "shape": [-1, len(FEATURES) + 1]},
        ],
        "batching": {"max_batch_size": _MOST},
        "options": {"link": "sigmoid", "features": list(FEATURES), "splits": _splits(found, taught, judgements)},
    }
    picked = np.random.default_rng(seed).choice(len(lesson.features), size=min(_GOLDEN, len(lesson.features)))
    card = write_version(out, fields, model.arrays(calibration), [{"features": lesson.features[np.sort(picked)]}])
    return Made(card, tuple(found), tuple(judgements), chances, complete, qualities, tuple(bins))


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


def _metrics(qualities: Mapping[str, Mapping[str, Quality]], bins: Sequence[Bin]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for group, of_group in qualities.items():
        if not of_group:
            continue
        own = of_group["links"]
        note = (
            f"{own.projects} projects, {own.links} declared links, each judged by a model that did not see it; "
            f"at a probability of {PROBABLE}; 95 % bootstrap over projects"
        )
        for name in ("micro_precision", "micro_recall", "micro_f1", "macro_precision", "macro_recall", "macro_f1"):
            value: Interval = getattr(own, name)
            found.append(
                {
                    "name": f"{group}_{name}",
                    "value": round(value.value, 4),
                    "low": round(value.low, 4),
                    "high": round(value.high, 4),
                    "baselines": {
                        other: round(getattr(one, name).value, 4) for other, one in of_group.items() if other != "links"
                    },
                    "note": note,
                }
            )
    if bins:
        found.append(
            {
                "name": "complete_expected_calibration_error",
                "value": round(calibration_error(bins), 4),
                "note": "; ".join(
                    f"{one.low:.1f}-{one.high:.1f}: said {one.said:.2f}, found {one.found:.2f} of {one.proposals}"
                    for one in bins
                ),
            }
        )
    return found


def limits(
    qualities: Mapping[str, Mapping[str, Quality]], found: Sequence[Project], taught: Mapping[str, object]
) -> str:
    """What the card says of where the version is weak, in words and numbers."""
    composite = sum(len(example.composite) for project in found for example in project.examples)
    single = sum(len(example.links) for project in found for example in project.examples)
    lines = [
        f"Links of several columns are not proposed; they are {composite} of the {composite + single} declared.",
        "Columns whose name says nothing of what they refer to are not found.",
        "Of two tables whose names fit equally one is guessed.",
        f"Trained on {len(taught)} projects. No neural model was tried.",
    ]
    complete = qualities.get("complete", {})
    if complete:
        own = complete["links"]
        rule = max(one.micro_f1.value for name, one in complete.items() if name in BASELINES)
        for what, value, aim in (
            ("F1", own.micro_f1.value, 0.87),
            ("Precision", own.micro_precision.value, 0.95),
            ("F1 over the best rules", own.micro_f1.value - rule, 0.05),
        ):
            if value < aim:
                lines.append(f"{what} is {value:.3f} and misses the aim of {aim:.2f} by {aim - value:.3f}.")
    return " ".join(lines)


def _splits(
    found: Sequence[Project], taught: Mapping[str, object], judgements: Sequence[Judged]
) -> list[dict[str, Any]]:
    folds = {one.project.name: one.fold for one in judgements}
    return [
        {
            "project": project.name,
            "schemas": [{"name": example.name, "sha256": example.sha256()} for example in project.examples],
            "links": max(len(example.links) for example in project.examples),
            "measured_in_fold": folds.get(project.name, -1),
        }
        for project in found
        if project.name in taught
    ]
