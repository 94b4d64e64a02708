"""The whole way from schemas to a version."""

from pathlib import Path

import pytest

from renga_infer.links import Design, Inquiry, Link
from renga_infer.links.training.corpus import Example
from renga_infer.links.training.making import train
from renga_infer.registry.versions import read_version
from undeclared import design

_THINGS = (
    ("customer", "invoice", "payment", "address", "country"),
    ("author", "book", "publisher", "shelf", "loan"),
    ("student", "course", "teacher", "room", "exam"),
    ("patient", "doctor", "ward", "visit", "drug"),
    ("player", "team", "match", "stadium", "league"),
    ("driver", "truck", "route", "depot", "parcel"),
)


def _project(things: tuple[str, ...]) -> Example:
    """A chain of tables, each of which refers to the two before it."""
    tables, links = {}, []
    for at, thing in enumerate(things):
        others = things[max(0, at - 2) : at]
        tables[f"{thing}s"] = " ".join(["id!", *(f"{other}_id" for other in others), "name:text", "position", "amount"])
        links += [Link(f"{thing}s", f"{other}_id", f"{other}s", "id") for other in others]
    return Example(things[0], design(**tables), tuple(sorted(links)))


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "links" / "1").iterdir())}


def test_training_twice_gives_the_same_version_which_finds_links(tmp_path: Path) -> None:
    """One seed and the same schemas give the same bytes, in any order; the version is whole and knows the obvious."""
    examples = [_project(things) for things in _THINGS]
    made = train(examples, tmp_path / "first", seed=5, trained_by="a test")
    train(examples[::-1], tmp_path / "second", seed=5, trained_by="a test")
    assert _files(tmp_path / "first") == _files(tmp_path / "second")
    assert made.card.seed == 5
    assert made.card.data_sha256 is not None
    assert made.qualities["all"]["links"].micro_f1.value > 0.9
    assert {metric.name for metric in made.card.metrics} >= {"all_micro_f1", "all_macro_recall"}

    version = read_version(tmp_path / "first" / "links" / "1", "links", "1")
    inquiry = Inquiry(design(pilots="id! name:text", planes="id! pilot_id name:text", flights="id! plane_id amount"))
    answers = version.model.compute({"features": inquiry.rows})
    found = {str(proposal.link) for proposal in inquiry.proposals(answers["probability"])}
    assert found == {"planes.pilot_id -> pilots.id", "flights.plane_id -> planes.id"}


def test_what_is_held_out_teaches_nothing_and_is_measured_by_the_version_itself(tmp_path: Path) -> None:
    """A project of its own changes no weight and has numbers of its own; a twin of one that teaches is left out."""
    *taught, apart = [_project(things) for things in _THINGS]
    twin = Example("twin", taught[0].design, taught[0].links)
    train(taught, tmp_path / "alone", seed=5)
    made = train(taught, tmp_path / "beside", seed=5, held_out=[apart, twin])
    weights = [(tmp_path / folder / "links" / "1" / "model.safetensors").read_bytes() for folder in ("alone", "beside")]
    assert weights[0] == weights[1]
    assert made.qualities["held_out"]["links"].projects == 1
    assert made.qualities["held_out"]["links"].micro_f1.value > 0.9
    said = {metric.name: metric for metric in made.card.metrics}
    assert "that the version never saw" in said["held_out_micro_f1"].note
    assert said["held_out_micro_f1"].baselines
    assert said["complete_micro_recall_at_0.3"].value >= said["complete_micro_recall_at_0.9"].value


def test_schemas_that_declare_nothing_teach_nothing(tmp_path: Path) -> None:
    """Without foreign keys to learn from there is a sentence that says so, and no version."""
    silent = [Example("one", _project(_THINGS[0]).design, ()), Example("two", Design(()), ())]
    with pytest.raises(ValueError, match="0 of 2 projects declare foreign keys"):
        train(silent, tmp_path, seed=1)
    assert not list(tmp_path.iterdir())
