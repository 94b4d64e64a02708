"""The inference service in a cluster: found by its address there, and rolled out without a failed request."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from contract.playing import request
from engine import NAMESPACE, Engine, Renga
from engine_load import calling
from engine_services import Services
from measuring import say

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

SERVICE = "platform-inference"
ADDRESS = f"{SERVICE}.{NAMESPACE}.svc.cluster.local"
DESIGN = (
    "CREATE TABLE customer (id int PRIMARY KEY);\nCREATE TABLE sale (id int PRIMARY KEY, customer_id int NOT NULL);"
)
RELATED = "dev.renga.schema.related.v1"
BACK_S = 420.0


@pytest.fixture(scope="module")
def here(engine: Engine) -> Services:
    """The namespace of the functions."""
    return Services(engine, NAMESPACE)


@pytest.mark.usefixtures("deployed")
def test_functions_find_it_by_its_address(
    renga: Renga, here: Services, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What relates a design asks the model, in the cluster as on the laptop, and nobody outside can."""
    design = tmp_path_factory.mktemp("design") / "sale.sql"
    design.write_text(DESIGN)
    related = asked(renga, here, design)
    assert (related["found_by"], related.get("model")) == ("model", "links"), related
    assert [(each["columns"], each["target_columns"]) for each in related["proposals"]] == [(["customer_id"], ["id"])]
    outside = request(f"http://{here.engine.via}", "GET", "/v2", {"host": here.host(SERVICE)}, b"")
    assert outside.status == 404


def asked(renga: Renga, here: Services, design: Path) -> dict[str, Any]:
    """What was related of a design, by the model once it is there.

    Tests before this one kill processes. While the service comes back, for which kubelet takes up to five minutes, the
    rules answer, as they should, and those who asked in vain leave it alone for a while: the design is handed in again.
    Whether Knative calls it Ready says nothing: that stays False (ExitCode137) after a kill, though it answers again.
    """
    deadline = time.monotonic() + BACK_S
    while True:
        done = renga("submit", str(design), "--to", "sqlite")
        assert done.returncode == 0, done.stdout + done.stderr
        run = json.loads(renga("runs", "--json").stdout)["runs"][0]["run"]
        related = said(here, run, RELATED)
        if related["found_by"] == "model" or time.monotonic() > deadline:
            return related
        time.sleep(2)


def said(here: Services, run: str, event: str) -> dict[str, Any]:
    """The data of an event of a run, once the ledger has it."""
    ledger = f"http://{here.engine.via}"
    deadline = time.monotonic() + 180
    while True:
        told = json.loads(request(ledger, "GET", f"/runs/{run}", {"host": here.host("platform-ledger")}, b"").body)
        found = [entry["id"] for entry in told["timeline"] if (entry["event"], entry["outcome"]) == (event, "done")]
        if found:
            break
        assert time.monotonic() < deadline, f"no {event} in {told}"
        time.sleep(1)
    path = f"/runs/{run}/events/{found[0]}"
    answer = request(ledger, "GET", path, {"host": here.host("platform-ledger")}, b"")
    data: dict[str, Any] = json.loads(answer.body)["data"]
    return data


@pytest.mark.usefixtures("deployed")
def test_a_roll_out_fails_no_request(here: Services) -> None:
    """Its next revision takes over when it is ready, and the one before answers what it has."""
    if not here.engine.internal:
        pytest.skip("RENGA_INTERNAL does not say where the ingress takes what comes from within the cluster")
    asyncio.run(under_load(here))


async def under_load(here: Services) -> None:
    """Two callers ask for the model's card from within the cluster, while it becomes another revision."""
    before = {pod.revision for pod in here.pods(SERVICE)}
    assert len(before) == 1
    path = "/v2/models/links"
    async with calling(
        here, SERVICE, path, host=ADDRESS, at=here.engine.internal, method="GET", pause_s=0.02
    ) as callers:
        await callers.be(2)
        began = time.monotonic()
        patch = [{"op": "add", "path": "/spec/template/metadata/annotations/renga.dev~1rolled", "value": str(began)}]
        target = f"services.serving.knative.dev/{SERVICE}"
        await asyncio.to_thread(here.kubectl, "patch", target, "--type=json", "-p", json.dumps(patch))
        gone = "the revision before has gone"
        await callers.until(lambda: {pod.revision for pod in here.pods(SERVICE)}.isdisjoint(before), gone, 600)
        took = time.monotonic() - began
        await callers.until(lambda: len(callers.seconds) > 100, "a hundred answers")
        await callers.be(0)
        say("inference rolled out", s=took, answers=len(callers.seconds))
        assert callers.failures == []
