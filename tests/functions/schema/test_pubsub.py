"""The main job through Pub/Sub: the same functions, the same manifests, another way for events."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from laptop import Laptop, steps
from pubsub_server import PubSubServer
from renga_dev.pubsub.transport import PROJECT

pytestmark = [pytest.mark.connected, pytest.mark.timeout(300)]

DESIGNS = {
    "shop": None,
    "broken": "CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES nowhere (id));",
    "small": "CREATE TABLE t (id integer PRIMARY KEY, at timestamp NOT NULL);",
    "empty": "nothing that is SQL",
}


@pytest.fixture(scope="module")
def server(emulator: PubSubServer) -> Iterator[PubSubServer]:
    """The laptop's project on the emulator, which outlives the runtimes that use it."""
    with emulator.own(PROJECT) as project:
        yield project


@pytest.fixture(scope="module")
def by_pubsub(server: PubSubServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A runtime whose events go through it."""
    before = os.environ.get("PUBSUB_EMULATOR_HOST")
    os.environ["PUBSUB_EMULATOR_HOST"] = server.host
    laptop = Laptop(tmp_path_factory.mktemp("by-pubsub"))
    try:
        yield laptop.up("--broker", "pubsub")
    finally:
        laptop.down()
        os.environ.pop("PUBSUB_EMULATOR_HOST")
        if before is not None:
            os.environ["PUBSUB_EMULATOR_HOST"] = before


def told(laptop: Laptop, text: str) -> dict[str, Any]:
    """A run as the ledger projects it, without what differs from run to run: times, and a process's first event."""
    run = laptop.ended(laptop.submit(text, targets=["postgres", "sqlite"], schema_id="twin"), timeout_s=120)
    kept = ("event", "function", "attempt", "outcome", "error")
    timeline = [{name: entry[name] for name in kept} for entry in steps(run)]
    return {"state": run["state"], "awaited": run["awaited"], "timeline": timeline}


@pytest.mark.parametrize("name", DESIGNS)
def test_the_same_run(by_pubsub: Laptop, laptop: Laptop, repository: Path, name: str) -> None:
    """The ledger tells the same run, whichever way its events went."""
    text = DESIGNS[name] or (repository / "examples/shop.sql").read_text()
    through_pubsub = told(by_pubsub, text)
    assert through_pubsub == told(laptop, text)
    assert through_pubsub["state"] in {"well", "rejected"}


def test_published_from_outside(by_pubsub: Laptop) -> None:
    """An event that is sent to the Broker's address goes to its topic, and wakes the chain."""
    sample = Path(__file__).parents[3] / "events/samples/dev.renga.schema.submitted.v1.json"
    event = json.loads(sample.read_text()) | {"id": "from-outside", "correlationid": "from-outside"}
    body = json.dumps(event).encode()
    status, _, _ = by_pubsub.post("/default/default", body, content_type="application/cloudevents+json")
    assert status == 202
    assert by_pubsub.ended("from-outside")["state"] == "well"


@pytest.mark.parametrize(
    ("path", "event_type", "status", "said"),
    [
        ("/default/default", "dev.renga.schema.submited.v1", 400, "dev.renga.schema.submitted.v1"),
        ("/default/defualt", "dev.renga.schema.submitted.v1", 404, "default/default"),
    ],
)
def test_nowhere(by_pubsub: Laptop, path: str, event_type: str, status: int, said: str) -> None:
    """A type without a topic, or a Broker that is not there, is refused with what was perhaps meant."""
    attributes = {"ce_specversion": "1.0", "ce_id": "1", "ce_source": "/me", "ce_type": event_type}
    answer = by_pubsub.post(path, b"{}", content_type="application/json", **attributes)
    assert answer[0] == status
    assert said in answer[2].decode()


def test_a_dead_letter(by_pubsub: Laptop, server: PubSubServer) -> None:
    """An event that its function refuses is buried by the function, and the ledger hears of it from the desk."""
    attributes = {"ce_specversion": "1.0", "ce_id": "dead", "ce_source": "/me", "content_type": "application/json"}
    server.publish(
        "dev.renga.schema.submitted.v1", b'{"no": "such field"}', ce_type="dev.renga.schema.submitted.v1", **attributes
    )
    assert by_pubsub.ended("dead")["state"] == "failed"
    assert by_pubsub.buried("dead")["function"] == "schema/parse"


def test_down_and_up(server: PubSubServer, by_pubsub: Laptop) -> None:
    """What is published while the runtime is away waits in its subscriptions and is handled when it is back."""
    by_pubsub.down()
    sample = Path(__file__).parents[3] / "events/samples/dev.renga.schema.submitted.v1.json"
    event = json.loads(sample.read_text()) | {"id": "meanwhile", "correlationid": "meanwhile"}
    server.publish(
        "dev.renga.schema.submitted.v1", json.dumps(event).encode(), content_type="application/cloudevents+json"
    )
    by_pubsub.up("--broker", "pubsub")
    assert by_pubsub.ended("meanwhile")["state"] == "well"


def test_no_emulator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator that does not answer is named, and nothing is started."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:1")
    with pytest.raises(RuntimeError, match=r"127\.0\.0\.1:1.*nothing answers"):
        Laptop(tmp_path).up("--broker", "pubsub")
