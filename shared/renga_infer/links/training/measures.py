"""How good proposals are: precision, recall and F1 over projects, and whether probabilities mean what they say."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links.design import Link
from renga_infer.links.training.corpus import Example

Floats = NDArray[np.float64]

_RESAMPLES: Final = 2000
_BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Counts:
    """What was found of one project's links."""

    right: int
    wrong: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of the proposals that are declared; 1 where nothing was proposed."""
        return self.right / (self.right + self.wrong) if self.right + self.wrong else 1.0

    @property
    def recall(self) -> float:
        """Share of the declared links that were proposed."""
        return self.right / (self.right + self.missed) if self.right + self.missed else 1.0

    @property
    def f1(self) -> float:
        """The harmonic mean of the two."""
        return 2 * self.right / (2 * self.right + self.wrong + self.missed) if self.right else 0.0


@dataclass(frozen=True, slots=True)
class Interval:
    """A number with the 95 % interval of a bootstrap over projects."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Quality:
    """Of one way to propose links, over projects. Micro: over all links; macro: the mean over projects."""

    projects: int
    links: int
    micro_precision: Interval
    micro_recall: Interval
    micro_f1: Interval
    macro_precision: Interval
    macro_recall: Interval
    macro_f1: Interval


@dataclass(frozen=True, slots=True)
class Bin:
    """One row of a reliability table."""

    low: float
    high: float
    proposals: int
    said: float
    """The mean probability."""
    found: float
    """The share that is declared."""


def count(example: Example, proposed: Iterable[Link]) -> Counts:
    """The proposals against what the example declares.

    A part of a declared link of several columns is neither right nor wrong: it is no link of its own, and no mistake.
    """
    declared = set(example.links)
    parts = {part for links in example.composite for part in links}
    found = set(proposed) - (parts - declared)
    return Counts(len(found & declared), len(found - declared), len(declared - found))


def quality(counts: Sequence[Counts], seed: int) -> Quality:
    """The measures over projects, one entry of `counts` each.

    Raises:
        ValueError: there is no project.
    """
    if not counts:
        raise ValueError("Nothing to measure: no project declares enough links.")
    table = np.array([(one.right, one.wrong, one.missed) for one in counts], dtype=np.float64)
    single = np.array([(one.precision, one.recall, one.f1) for one in counts])
    draws = np.random.default_rng(seed).integers(0, len(counts), size=(_RESAMPLES, len(counts)))
    micro = _measures(table[draws].sum(axis=1))
    macro = single[draws].mean(axis=1)
    intervals = [
        Interval(float(value), *(float(end) for end in np.percentile(spread, (2.5, 97.5))))
        for value, spread in zip(
            (*_measures(table.sum(axis=0, keepdims=True))[0], *single.mean(axis=0)), (*micro.T, *macro.T), strict=True
        )
    ]
    return Quality(len(counts), int(table[:, 0].sum() + table[:, 2].sum()), *intervals)


def _measures(table: Floats) -> Floats:
    right, wrong, missed = table.T
    precision = right / np.maximum(right + wrong, 1)
    recall = right / np.maximum(right + missed, 1)
    return np.stack([precision, recall, 2 * right / np.maximum(2 * right + wrong + missed, 1)], axis=1)


def reliability(said: Floats, declared: NDArray[np.bool_]) -> list[Bin]:
    """Probabilities by tenths beside the share that is declared; empty tenths are left out."""
    place = np.minimum((said * _BINS).astype(int), _BINS - 1)
    return [
        Bin(
            at / _BINS,
            (at + 1) / _BINS,
            int((place == at).sum()),
            float(said[place == at].mean()),
            float(declared[place == at].mean()),
        )
        for at in range(_BINS)
        if (place == at).any()
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: the mean distance of what was said from what was found, weighted by proposals."""
    total = sum(one.proposals for one in bins)
    return sum(one.proposals * abs(one.said - one.found) for one in bins) / total if total else 0.0


def table(qualities: Mapping[str, Quality]) -> str:
    """The measures as a Markdown table, one row each."""
    rows = ["| | precision | recall | F1 | macro precision | macro recall | macro F1 |", "| --- " * 7 + "|"]
    for name, one in qualities.items():
        numbers = (
            one.micro_precision,
            one.micro_recall,
            one.micro_f1,
            one.macro_precision,
            one.macro_recall,
            one.macro_f1,
        )
        cells = (f"{number.value:.3f} ({number.low:.2f}-{number.high:.2f})" for number in numbers)
        rows.append(f"| {name} | " + " | ".join(cells) + " |")
    return "\n".join(rows)
