"""What a cluster says of a deployment: changes, readiness, and why there is none."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from renga_dev.deploy.differences import changes
from renga_dev.deploy.readiness import Seen, Unreadable, seen
from renga_dev.deploy.rollout import PATIENCE_S, Clock, NotReady, last_lines, until_ready, until_shared
from renga_dev.deploy.smoke import Door, NoWayIn, door

CASES = Path(__file__).parent / "cases"
GOOD: dict[str, Any] = {
    "apiVersion": "serving.knative.dev/v1",
    "kind": "Service",
    "metadata": {"name": "good", "generation": 2},
    "status": {
        "observedGeneration": 2,
        "conditions": [{"type": name, "status": "True"} for name in ("ConfigurationsReady", "Ready", "RoutesReady")],
        "latestCreatedRevisionName": "good-00002",
        "latestReadyRevisionName": "good-00002",
        "traffic": [{"latestRevision": True, "percent": 100, "revisionName": "good-00002"}],
        "url": "http://good.functions.example.org",
    },
}


def listed(*items: Any) -> Seen:
    """What kubectl said, read."""
    return seen(json.dumps({"apiVersion": "v1", "kind": "List", "items": items}))


def but(**status: Any) -> dict[str, Any]:
    """The good Service with another status."""
    return {**GOOD, "status": {**GOOD["status"], **status}}


@pytest.fixture(scope="module")
def unwell() -> Seen:
    """Services of a real cluster, none of them ready."""
    return seen(json.dumps(yaml.safe_load((CASES / "unwell.yaml").read_text())))


def test_ready_is_what_was_asked_for_last() -> None:
    """Knative has looked at the newest generation, and its newest revision is the one that became ready."""
    assert listed(GOOD).unready(["good"]) == []
    others: list[dict[str, Any]] = [
        {"observedGeneration": 1},
        {"latestReadyRevisionName": "good-00001"},
        {"conditions": [{"type": "Ready", "status": "Unknown"}]},
        {"conditions": []},
    ]
    for status in others:
        assert listed(but(**status)).unready(["good"]) == ["good"]
    assert listed({key: GOOD[key] for key in ("apiVersion", "kind", "metadata")}).unready(["good"]) == ["good"]
    assert listed().unready(["good"]) == ["good"]
    assert list(listed().waits("good")) == ["There is no such Service in the cluster."]
    assert list(listed(but(observedGeneration=1)).waits("good")) == ["Knative has not looked at it yet."]


@pytest.mark.parametrize(
    ("name", "troubles"),
    [
        ("crash", ["Its process ended with status 1 (Error), and was started again 3 times."]),
        ("config", ['CreateContainerConfigError: configmap "renga-events" not found.']),
        ("replaced", ["Its process ended with status 1 (Error), and was started again 2 times."]),
        ("big", []),
    ],
)
def test_pods_know_what_knative_does_not_say(name: str, troubles: list[str], unwell: Seen) -> None:
    """A crash and a missing key are told; a pod without a node may get one, so that is no trouble."""
    assert unwell.unready([name]) == [name]
    assert list(unwell.troubles(name)) == troubles


def test_an_image_that_nobody_has(unwell: Seen) -> None:
    """Kubernetes' own words, with the name of the image."""
    (trouble,) = unwell.troubles("image")
    assert trouble.startswith('ImagePullBackOff: Back-off pulling image "dev.local/nothing@sha256:0000')


def test_what_is_waited_for(unwell: Seen) -> None:
    """Knative's sentence, and the scheduler's where no node has room."""
    assert list(unwell.waits("crash")) == ['Configuration "crash" is waiting for a Revision to become ready.']
    failed, pending = unwell.waits("big")
    assert failed.startswith('Revision "big-00001" failed with message: 0/1 nodes are available: 1 Insufficient memory')
    assert pending.startswith("No node has its pod: 0/1 nodes are available")
    assert pending.endswith("helpful for scheduling.")


def test_who_serves_meanwhile(unwell: Seen) -> None:
    """The old revision where there was one; shares where there are several."""
    assert unwell.services["replaced"].serving == "replaced-00001"
    assert unwell.services["crash"].serving == ""
    shares = [{"revisionName": "a", "percent": 90}, {"revisionName": "b", "percent": 10}, {"tag": "c"}]
    assert listed(but(traffic=shares)).services["good"].serving == "a (90 %), b (10 %)"


def test_who_is_to_have_most() -> None:
    """By name, or whichever revision is the newest that is ready; of two halves the first."""
    tables: list[tuple[str, list[dict[str, Any]]]] = [
        ("good-00002", [{"latestRevision": True, "percent": 100}]),
        ("good-00001", [{"revisionName": "good-00001", "percent": 90}, {"revisionName": "good-00002", "percent": 10}]),
        ("good-00001", [{"revisionName": "good-00001", "percent": 50}, {"revisionName": "good-00002", "percent": 50}]),
        ("", []),
    ]
    for name, table in tables:
        assert listed({**GOOD, "spec": {"traffic": table}}).services["good"].main == name


def test_knative_giving_up_is_trouble() -> None:
    """In the words of the configuration, which knows more than what waits for it."""
    conditions = [
        {"type": "ConfigurationsReady", "status": "False", "message": "Container failed with: no database"},
        {"type": "Ready", "status": "False", "message": "does not have any ready Revision."},
    ]
    assert list(listed(but(conditions=conditions)).troubles("good")) == ["Container failed with: no database."]


def test_other_answers_are_refused() -> None:
    """What is no list of Services and pods."""
    with pytest.raises(Unreadable, match="something else than Services and pods"):
        seen("{}")


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.passed = 0.0

    def clock(self) -> Clock:
        """The same for who waits."""
        return Clock(lambda: self.passed, self.sleep)

    def sleep(self, seconds: float) -> None:
        """Pass."""
        self.passed += seconds


def wait(looks: Iterator[Seen], *wanted: str, timeout_s: float = 600) -> list[tuple[str, float]]:
    """Wait on a clock of our own; which became ready after how long."""
    ready: list[tuple[str, float]] = []
    until_ready(lambda: next(looks), wanted, timeout_s, lambda each, s: ready.append((each.name, s)), Time().clock())
    return ready


def test_waiting_ends_when_all_are_ready() -> None:
    """Each is told once, with its seconds."""
    waiting = but(conditions=[{"type": "Ready", "status": "Unknown"}])
    assert wait(iter([listed(), listed(waiting), listed(GOOD)]), "good") == [("good", 2.0)]


def test_trouble_that_stays_ends_the_wait(unwell: Seen) -> None:
    """Long before the time is over, with the reasons, the revision and who serves; who only waits is not blamed."""
    with pytest.raises(NotReady) as caught:
        wait(iter(lambda: unwell, None), "replaced", "big")
    assert caught.value.waited_s == PATIENCE_S
    (stuck,) = caught.value.services
    assert (stuck.name, stuck.revision, stuck.serving) == ("replaced", "replaced-00002", "replaced-00001")
    assert stuck.reasons == (
        "It waits for its newest revision.",
        "Its process ended with status 1 (Error), and was started again 2 times.",
    )


def test_trouble_that_passes_is_none(unwell: Seen) -> None:
    """A database that is late: the clock of its patience begins anew each time."""
    mended = but(conditions=[{"type": "Ready", "status": "Unknown"}])
    good = {**GOOD, "metadata": {**GOOD["metadata"], "name": "crash"}}
    mending = {**mended, "metadata": good["metadata"]}
    looks = [*[unwell] * 15, listed(mending), *[unwell] * 15, listed(good)]
    assert wait(iter(looks), "crash") == [("crash", 31.0)]


def test_a_table_holds_when_the_ingress_knows_it() -> None:
    """Knative has looked at it, names the shares that were asked for, and its route is ready."""
    shares = {"a": 90, "b": 10}
    traffic = [{"revisionName": name, "percent": percent} for name, percent in shares.items()]
    pending = [{"type": "RoutesReady", "status": "Unknown"}]
    looks = [
        listed(),
        listed(GOOD),
        listed(but(traffic=traffic, observedGeneration=1)),
        listed(but(traffic=traffic, conditions=pending)),
        listed(but(traffic=traffic)),
    ]
    time, coming = Time(), iter(looks)
    assert until_shared(lambda: next(coming), "good", shares, 60, time.clock()) is looks[-1]
    assert time.passed == 4
    with pytest.raises(NotReady, match=r"^good: not Ready after 60 s\.$"):
        until_shared(lambda: looks[1], "good", shares, 60, Time().clock())


def test_time_is_over(unwell: Seen) -> None:
    """Then all that are not ready are told, with what they wait for."""
    with pytest.raises(NotReady, match=r"^big, gone: not Ready after 60 s\.$") as caught:
        wait(iter(lambda: unwell, None), "big", "gone", timeout_s=60)
    assert [each.reasons[-1][:20] for each in caught.value.services] == ["No node has its pod:", "There is no such Ser"]


def test_the_end_of_a_log() -> None:
    """Three lines that say something."""
    assert list(last_lines("a\nb\n\nc  \nd\n\n")) == ["b", "c", "d"]
    assert list(last_lines("")) == []


def test_changes_are_told_by_object() -> None:
    """What goes and what comes; an object that is new is only named, and what a cluster counts is no change."""
    parse, validate, new = changes((CASES / "changes.diff").read_text())
    assert (str(new), new.is_new, new.lines) == ("ServiceAccount functions/schema-enrich", True, ())
    assert str(parse) == "Service functions/schema-parse"
    assert [line[:49] for line in parse.lines] == [
        "- image: dev.local/schema-parse@sha256:9fc79ebb4e",
        "+ image: dev.local/schema-parse@sha256:000000004e",
    ]
    assert validate.lines == ("- timeoutSeconds: 60", "+ timeoutSeconds: 70")
    assert changes("") == ()


DOOR = Door("schema-submit", "platform-ledger")


def addressed(submit: str, ledger: str) -> Seen:
    """The two Services with their addresses."""
    urls = zip(DOOR, (submit, ledger), strict=True)
    return listed(*({**but(url=url), "metadata": {"name": name}} for name, url in urls))


def test_the_address_is_what_services_say() -> None:
    """With the Service's name left open; however the domain is made of it."""
    for form in ("http://{service}.functions.example.org", "https://{service}-functions.example.org"):
        found = addressed(*(form.format(service=name) for name in DOOR))
        assert DOOR.address(found) == form


@pytest.mark.parametrize(
    ("ledger", "said"),
    [
        ("http://platform-ledger.functions.svc.cluster.local", "platform-ledger is reachable from within the cluster"),
        ("http://ledger.example.org", "have no form in common: name it with --to"),
    ],
)
def test_an_address_that_leads_nowhere(ledger: str, said: str) -> None:
    """The ledger must be reachable as the door is."""
    with pytest.raises(NoWayIn, match=said):
        DOOR.address(addressed("http://schema-submit.functions.example.org", ledger))


def test_without_door_or_ledger_there_is_no_smoke() -> None:
    """Both are needed: one takes the event, the other tells what came of it."""
    assert door({"schema/submit": "schema-submit", "platform/ledger": "platform-ledger"}) == DOOR
    assert door({"schema/submit": "schema-submit"}) is None
