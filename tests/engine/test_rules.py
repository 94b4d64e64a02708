"""The rules of serving, S1 to S10, as a real Knative has them: the very rows that `renga up` is held against."""

import json
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from contract.playing import Engine as Played
from contract.playing import play_calls, request
from contract.rows import AdmissionRow, ServingRow, admission, serving
from engine import Engine
from engine_services import KIND, Services, manifest, services, until

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

NAMESPACE = "default"
"""As on the laptop: rows look for it."""
AT_ONCE = 6
"""Rows that are played side by side: each wakes a pod, on a machine that may have two cores."""
LINGER_S = 50.0
"""A pod goes half a minute after the autoscaler has let it go: queue-proxy drains that long."""
SERVING = [pytest.param(row.under("knative"), id=row.id) for row in serving()]
REFUSED = [
    pytest.param(row, id=row.id)
    for row in admission()
    if {(each["kind"], each["apiVersion"].partition("/")[0]) for each in row.objects}
    == {("Service", "serving.knative.dev")}
]


@pytest.fixture(scope="module")
def here(engine: Engine) -> Iterator[Services]:
    """The namespace of these Services."""
    with services(engine, NAMESPACE) as found:
        yield found


@pytest.fixture(scope="module")
def called(request: pytest.FixtureRequest, here: Services, subject: dict[str, Any]) -> dict[str, list[str]]:
    """What was otherwise than each row has it, by the row's id; all of them begin at zero, or at their min-scale."""
    found = [item.callspec.params.get("row") for item in request.session.items if hasattr(item, "callspec")]
    rows = [row for row in found if isinstance(row, ServingRow)]
    names = [row.id for row in rows]
    here.apply(*(row.manifest(NAMESPACE, subject) for row in rows))
    here.ready(*names)
    here.asleep(*(row.id for row in rows if "min-scale" not in row.annotations))
    there = Played("", f"http://{here.engine.via}", here.engine.domain, NAMESPACE, LINGER_S)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        wrong = dict(zip(names, pool.map(lambda row: play_calls(row, there), rows), strict=True))
    here.kubectl("delete", KIND, *names, "--wait=false")
    return wrong


@pytest.mark.parametrize("row", SERVING)
def test_serving(row: ServingRow, called: dict[str, list[str]]) -> None:
    """What is asked of a Service is held, queued, answered and ended as the row says."""
    assert not called[row.id], row.says


@pytest.mark.parametrize("refusal", REFUSED)
def test_refused(refusal: AdmissionRow, here: Services) -> None:
    """Admission refuses what `renga up` refuses, and names the same."""
    given = json.dumps({"kind": "List", "apiVersion": "v1", "items": refusal.objects})
    with pytest.raises(subprocess.CalledProcessError) as error:
        here.kubectl("apply", "--dry-run=server", "-f", "-", given=given)
    assert refusal.refused in error.value.stderr, refusal.says


def test_a_revision_that_never_becomes_ready(here: Services, subject: dict[str, Any]) -> None:
    """S4: a container that ends at once fails its revision."""
    deadline = {"serving.knative.dev/progress-deadline": "20s"}
    here.apply(manifest("s4-broken", subject, env={"CRASH": "always"}, annotations=deadline))

    def failed() -> bool:
        told = here.kubectl("get", f"{KIND}/s4-broken", "-o", "json")
        conditions = json.loads(told).get("status", {}).get("conditions", ())
        return any(each["type"] == "Ready" and each["status"] == "False" for each in conditions)

    until(failed, "the Service is told not to be Ready", 90)
    host = {"host": here.host("s4-broken")}
    assert request(f"http://{here.engine.via}", "GET", "/look", host, b"").status in {404, 503}


def test_what_is_in_flight_survives_the_stop(here: Services, subject: dict[str, Any]) -> None:
    """S10: a request in flight is answered, and only then is its process asked to end; half a minute must be quiet."""
    here.apply(manifest("s10-slow", subject, annotations={"autoscaling.knative.dev/min-scale": "1"}))
    here.ready("s10-slow")
    via, host = f"http://{here.engine.via}", {"host": here.host("s10-slow")}
    (pod,) = here.pods("s10-slow")
    log = here.log(pod.name)
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(request, via, "GET", "/sleep/10", host, b"")
        # The most that were in flight: beside that which asks, the other one.
        until(lambda: request(via, "GET", "/most", host, b"").body == b"2", "it is in flight")
        began = time.monotonic()
        here.kubectl("delete", "pod", pod.name, "--wait=false")
        assert answer.result().status == 200
    said, _ = log.communicate(timeout=180)
    assert "SIGTERM with 0 in flight" in said
    assert "ended in order" in said
    # The laptop ends it at once: see docs/knative.md.
    assert time.monotonic() - began > 30


def test_what_ignores_its_signal_is_killed(here: Services, subject: dict[str, Any]) -> None:
    """S10: timeoutSeconds after it was told to go."""
    env, warm = {"IGNORE_TERM": "1"}, {"autoscaling.knative.dev/min-scale": "1"}
    here.apply(manifest("s10-deaf", subject, env=env, annotations=warm, timeoutSeconds=5))
    here.ready("s10-deaf")
    (pod,) = here.pods("s10-deaf")
    log = here.log(pod.name)
    here.kubectl("delete", "pod", pod.name, "--wait=false")
    said, _ = log.communicate(timeout=180)
    assert "ended in order" not in said
    until(lambda: pod.name not in {each.name for each in here.pods("s10-deaf")}, "the pod is gone", 120)
