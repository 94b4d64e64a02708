"""What `renga status` tells of a cluster."""

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from renga_dev.deploy.readiness import Seen, seen
from renga_dev.deploy.standing import Standing, standing

CASES = Path(__file__).parent / "cases"


def service(name: str, newest: str, shares: dict[str, int], **more: Any) -> dict[str, Any]:
    """A Service whose requests go so."""
    traffic = [{"revisionName": revision, "percent": percent} for revision, percent in shares.items()]
    status = {"latestCreatedRevisionName": newest, "traffic": traffic, **more}
    labels = {"app.kubernetes.io/part-of": "renga"}
    return {"kind": "Service", "metadata": {"name": name, "labels": labels}, "status": status}


def pod(revision: str, *, ready: bool = True, ending: bool = False, container: dict[str, Any] | None = None) -> Any:
    """A pod of a revision."""
    metadata: dict[str, Any] = {"name": f"{revision}-1", "labels": {"serving.knative.dev/revision": revision}}
    if ending:
        metadata["deletionTimestamp"] = "2026-11-21T17:00:00Z"
    status = {
        "conditions": [{"type": "Ready", "status": str(ready)}],
        "containerStatuses": [{"name": "user-container", **(container or {})}],
    }
    return {"kind": "Pod", "metadata": metadata, "status": status}


def listed(*items: Any) -> Seen:
    """What kubectl said, read."""
    return seen(json.dumps({"kind": "List", "items": items}))


def test_awake_and_asleep() -> None:
    """Replicas that take requests count; those that begin are told apart, those that end do not count."""
    found = listed(
        service("a", "a-00001", {"a-00001": 100}),
        service("b", "b-00001", {"b-00001": 100}),
        pod("a-00001"),
        pod("a-00001", ready=False),
        pod("a-00001", ending=True),
        pod("b-00001", ending=True, container={"state": {"terminated": {"exitCode": 143}}}),
    )
    told = list(standing(found, ["a", "b"], {"demo/a": "a"}))
    assert told == [Standing("demo/a", "a", "a-00001", 100, 1, 1), Standing("b", "b", "b-00001", 100, 0, 0)]
    assert [each.awake for each in told] == ["1, 1 starting", "asleep"]
    assert Standing("b", "b", "b-00001", 100, 3, 0).awake == "3"


def test_shares_of_a_canary() -> None:
    """A line for each revision that has some, and for the newest without any."""
    found = listed(service("a", "a-00003", {"a-00001": 90, "a-00002": 10}), pod("a-00002"))
    told = [(each.revision, each.share, each.awake) for each in standing(found, ["a"], {})]
    assert told == [("a-00001", 90, "asleep"), ("a-00002", 10, "1"), ("a-00003", 0, "asleep")]


def test_what_is_not_there_and_what_is_no_more_wanted() -> None:
    """Both are told: a Service that the cluster lacks, and one of ours that the overlay has no more."""
    missing, left = standing(listed(service("old", "old-00001", {"old-00001": 100})), ["new"], {"demo/new": "new"})
    assert (missing.function, missing.error) == ("demo/new", "There is no such Service in the cluster.")
    assert left.function == "old"


@pytest.mark.parametrize(
    ("name", "error", "crashed"),
    [
        ("crash", "Its process ended with status 1 (Error), and was started again 3 times.", True),
        ("config", 'CreateContainerConfigError: configmap "renga-events" not found.', True),
        ("big", "No node has its pod: 0/1 nodes are available: 1 Insufficient memory.", False),
    ],
)
def test_what_failed_on_a_real_cluster(name: str, error: str, crashed: bool) -> None:
    """A crash loop, a missing key, no node: as the pods say."""
    found = seen(json.dumps(yaml.safe_load((CASES / "unwell.yaml").read_text())))
    (told,) = [each for each in standing(found, [name], {}) if each.service == name and each.error]
    assert told.error.startswith(error.rstrip("."))
    assert told.has_crashed is crashed


def test_a_revision_that_knative_gave_up() -> None:
    """In Knative's words when its pods are gone; who still serves is not blamed."""
    conditions = [{"type": "ConfigurationsReady", "status": "False", "message": "Container failed with: no database"}]
    old, new = standing(listed(service("a", "a-00002", {"a-00001": 100}, conditions=conditions)), ["a"], {})
    assert (old.error, new.error) == ("", "Container failed with: no database.")
