"""What the card of a trained version says of it: measures, reliability, and where it is weak."""

from collections.abc import Mapping, Sequence
from typing import Any

from renga_infer.links.proposals import PROBABLE
from renga_infer.links.training.corpus import Project
from renga_infer.links.training.measures import Bin, Interval, Quality, calibration_error


def metrics(
    qualities: Mapping[str, Mapping[str, Quality]],
    bins: Mapping[str, Sequence[Bin]],
    thresholds: Mapping[float, Quality],
) -> list[dict[str, Any]]:
    """The measures of each group with their baselines, those at other thresholds, and the reliability."""
    found: list[dict[str, Any]] = []
    for group, of_group in qualities.items():
        if not of_group:
            continue
        own = of_group["links"]
        how = "that the version never saw" if group == "held_out" else "each judged by a model that did not see it"
        note = (
            f"{own.projects} projects, {own.links} declared links, {how}; "
            f"at a probability of {PROBABLE}; 95 % bootstrap over projects"
        )
        for name in ("micro_precision", "micro_recall", "micro_f1", "macro_precision", "macro_recall", "macro_f1"):
            others = {other: round(getattr(one, name).value, 4) for other, one in of_group.items() if other != "links"}
            found.append(_metric(f"{group}_{name}", getattr(own, name), note, others))
    for at, of_threshold in thresholds.items():
        note = f"{of_threshold.projects} complete projects, at a probability of {at}"
        found += [
            _metric(f"complete_{name}_at_{at}", getattr(of_threshold, name), note, {})
            for name in ("micro_precision", "micro_recall", "micro_f1")
        ]
    for group, of_bins in bins.items():
        if of_bins:
            rows = (
                f"{one.low:.1f}-{one.high:.1f}: said {one.said:.2f}, found {one.found:.2f} of {one.proposals}"
                for one in of_bins
            )
            error = round(calibration_error(of_bins), 4)
            found.append({"name": f"{group}_expected_calibration_error", "value": error, "note": "; ".join(rows)})
    return found


def _metric(name: str, value: Interval, note: str, baselines: Mapping[str, float]) -> dict[str, Any]:
    numbers = {"value": round(value.value, 4), "low": round(value.low, 4), "high": round(value.high, 4)}
    return {"name": name, **numbers, "baselines": dict(baselines), "note": note}


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
        f"Trained on {len(taught)} projects.",
    ]
    complete = qualities.get("complete", {})
    if complete:
        own = complete["links"]
        rule = max(one.micro_f1.value for name, one in complete.items() if name != "links")
        for what, value, aim in (
            ("F1", own.micro_f1.value, 0.87),
            ("Precision", own.micro_precision.value, 0.95),
            ("F1 over the best rules", own.micro_f1.value - rule, 0.05),
        ):
            if value < aim:
                lines.append(f"{what} is {value:.3f} and misses the aim of {aim:.2f} by {aim - value:.3f}.")
    return " ".join(lines)
