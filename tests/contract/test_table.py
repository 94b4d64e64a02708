"""Every row of Knative's contract holds under `renga up`: real processes, real sockets, both delivery profiles."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from contract.playing import play, play_calls
from contract.receiver import receiving
from contract.rows import Profile, Row, ServingRow, admission, events, serving
from renga_dev.parity import report

if TYPE_CHECKING:
    from tests.contract.conftest import Applied

AT_ONCE = 16
"""Rows that are played side by side: they mostly wait."""
EVENTS = [pytest.param(row, marks=pytest.mark.rule(row.rule), id=row.id) for row in events()]
SERVING = [pytest.param(row, marks=pytest.mark.rule(row.rule), id=row.id) for row in serving()]


def selected(request: pytest.FixtureRequest, name: str) -> list[Any]:
    """The rows that this module is to judge, each once."""
    ours = [item for item in request.session.items if item.path == request.path and hasattr(item, "callspec")]
    return list({row.id: row for item in ours if (row := item.callspec.params.get(name)) is not None}.values())


@pytest.fixture(scope="module", params=["mt", "kafka"])
def heard(request: pytest.FixtureRequest, applied: "Applied", workload: dict[str, Any]) -> Any:
    """What was otherwise than each row of eventing has it, by the row's id."""
    profile: Profile = request.param
    rows: list[Row] = [row.under(profile) for row in selected(request, "row")]
    # A runtime is there for Services: this one sleeps.
    idle = ServingRow(id="idle", rule="", says="", calls=[]).manifest("default", workload)
    with receiving() as receiver:
        manifests = [item for row in rows for item in row.manifests("default", receiver.url)]
        with applied([idle, *manifests], "--no-verify", "--profile", profile) as engine:
            with ThreadPoolExecutor(AT_ONCE) as pool:
                wrong = list(pool.map(lambda row: play(row, engine, receiver), rows))
            return {row.id: faults for row, faults in zip(rows, wrong, strict=True)}


@pytest.fixture(scope="module")
def called(request: pytest.FixtureRequest, applied: "Applied", workload: dict[str, Any]) -> Any:
    """What was otherwise than each row of serving has it, by the row's id."""
    rows: list[ServingRow] = selected(request, "serving_row")
    with applied([row.manifest("default", workload) for row in rows], "--no-verify") as engine:
        with ThreadPoolExecutor(AT_ONCE) as pool:
            wrong = list(pool.map(lambda row: play_calls(row, engine), rows))
        return {row.id: faults for row, faults in zip(rows, wrong, strict=True)}


@pytest.mark.parametrize("row", EVENTS)
def test_eventing(row: Row, heard: dict[str, list[str]]) -> None:
    """What is sent to a Broker is answered, delivered, retried, replied to and buried as the row says."""
    assert not heard[row.id], row.says


@pytest.mark.parametrize("serving_row", SERVING)
def test_serving(serving_row: ServingRow, called: dict[str, list[str]]) -> None:
    """What is asked of a Service is held, queued, answered and ended as the row says."""
    assert not called[serving_row.id], serving_row.says


def test_differences_have_their_reason() -> None:
    """A row that holds otherwise in Knative is about a rule whose difference the report explains."""
    explained = {row.id for row in report() if row.status == "different"}
    assert {row.rule for row in events() if row.knative} <= explained
    assert {row.rule for row in serving() if row.knative} <= explained
    assert [row.id for row in serving() if bool(row.knative) != bool(row.why)] == []


def test_differences_of_serving_are_documented(repository: Path) -> None:
    """Each row that a real Knative showed to be otherwise stands in docs/engine.md, with its reason, and no other."""
    page = (repository / "docs/engine.md").read_text()
    rows = [f"| `{row.id}` | {row.rule} | {row.says} | {row.why} |" for row in serving() if row.why]
    assert re.findall(r"^\| `s\d.*$", page, re.MULTILINE) == rows


@pytest.mark.parametrize("profile", ["mt", "kafka"])
def test_every_rule_is_played(profile: Profile) -> None:
    """No rule is said to hold, or to be different, that is not played against a whole runtime."""
    marks = [re.findall(r'mark\.rule\("(\w+)"\)', path.read_text()) for path in Path(__file__).parent.glob("test_*.py")]
    rows = (events(), serving(), admission())
    played = {row.rule for table in rows for row in table}.union(*marks)
    assert {row.id for row in report(profile) if row.status != "absent"} == played
