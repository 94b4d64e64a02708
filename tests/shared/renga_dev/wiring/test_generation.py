"""Generated files are written, compared, and refused where events would be lost."""

import json
import subprocess
from pathlib import Path
from typing import ClassVar, Literal

import pytest

from renga_dev.wiring.chain import BEGIN, END
from renga_dev.wiring.discovery import Project
from renga_dev.wiring.generation import Difference, Wiring, wire
from renga_events.base import Event
from renga_events.vocabulary import vocabulary

NOTHING = Project(())


class Before(Event):
    """A thing was done."""

    ce_type: ClassVar[str] = "test.generation.done.v1"

    name: str
    how: Literal["well", "badly"] = "well"


class Wider(Event):
    """A thing was done."""

    ce_type: ClassVar[str] = "test.generation.wider.v1"

    name: str
    how: Literal["well", "badly", "not"] = "well"
    more: int = 0


class Narrower(Event):
    """A thing was done."""

    ce_type: ClassVar[str] = "test.generation.narrower.v1"

    name: str
    how: Literal["well"] = "well"
    when: str


def done(root: Path, cls: type[Event], *accept: str) -> Wiring:
    """The wiring of a project whose vocabulary is one class under one name, whichever class that is today."""
    cls.ce_type = Before.ce_type
    return wire(root, types={Before.ce_type: cls}, project=NOTHING, accept=accept)


def test_writing_twice_changes_nothing(project: Path) -> None:
    """The second run writes no file and the check finds no difference."""
    (project / "README.md").write_text(f"# Mine\n\n{BEGIN}\n{END}\n")
    written = wire(project).write()
    assert {
        "README.md",
        "events/asyncapi.yaml",
        "events/renga_events/chain.json",
        "events/samples/dev.renga.schema.parsed.v1.json",
        "events/schemas/dev.renga.schema.parsed.v1.json",
        "knative/base/broker.yaml",
        "knative/base/kustomization.yaml",
        "knative/base/schema-parse.yaml",
    } <= set(written)
    again = wire(project)
    assert (again.differences(), again.faults, again.notes) == ([], [], [])
    assert again.write() == []


def test_a_page_without_markers_is_noted(tmp_path: Path) -> None:
    """The picture is left out, and that is said."""
    assert wire(tmp_path, project=NOTHING).notes == [
        f"README.md has no {BEGIN}, so the picture of the chain is not drawn."
    ]


def test_the_check_names_what_is_missing_changed_and_left_over(project: Path) -> None:
    """Each with a summary of how it differs."""
    wire(project).write()
    (project / "events/asyncapi.yaml").unlink()
    manifest = project / "knative/base/schema-parse.yaml"
    manifest.write_text(manifest.read_text().replace("containerConcurrency: 4", "containerConcurrency: 9"))
    (project / "knative/base/schema-gone.yaml").write_text("# Written by `renga wiring` from something.\n")
    (project / "knative/base/by-hand.yaml").write_text("# mine\n")
    (project / "events/samples/dev.renga.schema.parsed.v1.json").unlink()
    assert [(each.path, each.summary) for each in wire(project).differences()] == [
        ("events/asyncapi.yaml", "is missing"),
        ("events/samples/dev.renga.schema.parsed.v1.json", "is missing"),
        ("knative/base/schema-gone.yaml", "should not be there any more"),
        ("knative/base/schema-parse.yaml", "differs: 1 lines to add, 1 to remove"),
    ]
    wire(project).write()
    assert wire(project).differences() == []
    assert (project / "knative/base/by-hand.yaml").exists()


def test_a_difference_shows_its_lines() -> None:
    """Only the lines that come and go."""
    difference = Difference("a", "same\nold\nsame\n", "same\nnew\nsame\n")
    assert list(difference.lines()) == ["-old", "+new"]


def test_a_broken_function_leaves_alone_what_speaks_of_all(project: Path) -> None:
    """Its manifest and the overviews stay as they are; the manifests of the others are written; it is a fault."""
    wire(project).write()
    (project / "functions/schema/parse/main.py").write_text("raise ValueError('half written')")
    (project / "knative/base/platform-ledger.yaml").unlink()
    wiring = wire(project)
    assert wiring.faults == ["functions/schema/parse: ValueError: half written"]
    assert [each.path for each in wiring.differences()] == ["knative/base/platform-ledger.yaml"]


def test_a_compatible_change_is_written(tmp_path: Path) -> None:
    """The schema follows the class."""
    done(tmp_path, Before).write()
    wiring = done(tmp_path, Wider)
    assert wiring.faults == []
    wiring.write()
    schema = json.loads((tmp_path / f"events/schemas/{Before.ce_type}.json").read_text())
    assert "more" in schema["properties"]


def test_an_incompatible_change_is_refused(tmp_path: Path) -> None:
    """Every break is named, with what to do; the committed schema stays as it was."""
    done(tmp_path, Before).write()
    before = (tmp_path / f"events/schemas/{Before.ce_type}.json").read_text()
    wiring = done(tmp_path, Narrower)
    (fault,) = wiring.faults
    assert fault == (
        "test.generation.done.v1 would no longer fit events that were sent before: how can no longer be 'badly';"
        " when is new and required. Declare a .v2 class beside it, or pass --accept test.generation.done.v1 if no"
        " such event exists yet."
    )
    wiring.write()
    assert (tmp_path / f"events/schemas/{Before.ce_type}.json").read_text() == before


def test_a_change_that_is_meant_can_be_accepted(tmp_path: Path) -> None:
    """Type by type; a name that is no type is a fault."""
    done(tmp_path, Before).write()
    assert done(tmp_path, Narrower, Before.ce_type).faults == []
    assert done(tmp_path, Before, "test.generation.dune.v1").faults == [
        "test.generation.dune.v1 is no event type. Did you mean test.generation.done.v1?"
    ]


def test_the_committed_schema_is_the_measure(tmp_path: Path) -> None:
    """Deleting or rewriting the file on disk does not make an incompatible change compatible."""
    done(tmp_path, Before).write()
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    for arguments in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "a"]):
        subprocess.run(["git", "-C", tmp_path, *arguments], check=True, capture_output=True)
    (tmp_path / f"events/schemas/{Before.ce_type}.json").unlink()
    assert len(done(tmp_path, Narrower).faults) == 1


def test_a_type_that_is_gone_is_a_fault_until_its_schema_is_deleted(tmp_path: Path) -> None:
    """Its events may still be on their way."""
    done(tmp_path, Before).write()
    gone = wire(tmp_path, types={}, project=NOTHING)
    assert len(gone.faults) == 1
    assert "test.generation.done.v1 is declared nowhere any more" in gone.faults[0]
    (tmp_path / f"events/schemas/{Before.ce_type}.json").unlink()
    gone = wire(tmp_path, types={}, project=NOTHING)
    assert (gone.faults, gone.stale) == ([], [f"events/samples/{Before.ce_type}.json"])


def test_a_sample_that_fits_is_never_overwritten(tmp_path: Path) -> None:
    """What people made of it stays."""
    done(tmp_path, Before).write()
    sample = tmp_path / f"events/samples/{Before.ce_type}.json"
    event = json.loads(sample.read_text())
    event["data"]["name"] = "by hand"
    sample.write_text(json.dumps(event))
    done(tmp_path, Before).write()
    assert json.loads(sample.read_text())["data"]["name"] == "by hand"


@pytest.mark.parametrize("spoilt", ['{"specversion": "1.0"}', "no JSON", '{"data": 1}'])
def test_a_sample_that_does_not_fit_is_made_anew(tmp_path: Path, spoilt: str) -> None:
    """And it is said why."""
    done(tmp_path, Before).write()
    sample = tmp_path / f"events/samples/{Before.ce_type}.json"
    sample.write_text(spoilt)
    wiring = done(tmp_path, Before)
    assert [each.path for each in wiring.differences()] == [f"events/samples/{Before.ce_type}.json"]
    assert any("does not fit its type and is made anew" in note for note in wiring.notes)
    wiring.write()
    assert done(tmp_path, Before).differences() == []


def test_every_schema_says_where_it_comes_from(tmp_path: Path) -> None:
    """JSON has no comments; JSON Schema has `$comment`."""
    wiring = wire(tmp_path, project=NOTHING)
    for ce_type, cls in vocabulary().items():
        schema = json.loads(wiring.files[f"events/schemas/{ce_type}.json"])
        assert schema["$comment"] == f"Written by `renga wiring` from {cls.__module__}.{cls.__name__}; change it there."
