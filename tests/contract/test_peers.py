"""Clients and functions in other languages: CloudEvents' SDKs for Go and JavaScript, functions-framework for Node."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from contract.playing import request
from contract.receiver import Heard, Receiver, receiving
from contract.rows import CASES, Row
from go import build
from hosts import free_port
from laptop import Laptop
from node import install

if TYPE_CHECKING:
    from tests.contract.conftest import Applied

pytestmark = pytest.mark.timeout(600)
"""The first of these tests on a machine fetches and builds; Go and npm may take 100 s for each step."""

PEERS = Path(__file__).parent / "peers"
REQUESTS = yaml.safe_load((CASES / "requests.yaml").read_text())
OURS = '''
"""Answer what the Go function said."""

from typing import ClassVar

from renga import function
from renga_events import Event


class Answered(Event):
    """What the Go function answers."""

    ce_type: ClassVar[str] = "peer.answered.v1"

    version: str
    number: int


class Repeated(Event):
    """The same, from us."""

    ce_type: ClassVar[str] = "peer.repeated.v1"

    version: str
    number: int


@function
def handle(answered: Answered) -> Repeated:
    """Say it once more."""
    return Repeated(version=answered.version, number=answered.number)
'''


@pytest.fixture(scope="module")
def go(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Go peer's program."""
    return build(PEERS / "go", tmp_path_factory.mktemp("go"))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the Node functions, with what they stand on."""
    return install(PEERS / "node", tmp_path_factory.mktemp("node"))


@contextmanager
def judging(go: Path) -> Iterator[str]:
    """The URL at which the Go SDK says what it takes a request for."""
    address = f"127.0.0.1:{free_port()}"
    process = subprocess.Popen([str(go), "judge", address])
    try:
        deadline = time.monotonic() + 60
        while request(f"http://{address}", "POST", "/", {}, b"").status == 0:
            assert time.monotonic() < deadline, "the judge does not answer"
            time.sleep(0.02)
        yield f"http://{address}"
    finally:
        process.terminate()
        process.wait(60)


@pytest.mark.connected
@pytest.mark.rule("B3")
def test_the_go_sdk_takes_what_we_take(go: Path, applied: "Applied", workload: dict[str, Any]) -> None:
    """What Knative's ingress refuses is refused, and what arrives is to the Go SDK, the event that was sent."""
    row = Row(id="requests", rule="B3", says="")
    idle = service("idle", workload["command"])
    wrong: list[str] = []
    with receiving() as receiver, judging(go) as judge:
        manifests = [idle, *row.manifests("default", receiver.url)]
        with applied(manifests, "--no-verify") as engine:
            for each in REQUESTS:
                body = each.get("body", "").encode()
                theirs = request(judge, "POST", "/", each["headers"], body)
                ours = request(engine.ingress, "POST", "/default/requests", each["headers"], body)
                if ours.status != each.get("here", theirs.status):
                    wrong.append(
                        f"{each['id']}: we say {ours.status} {ours.body!r}, they {theirs.status} {theirs.body!r}"
                    )
                elif ours.status == theirs.status == 202:
                    arrived = receiver.heard("requests/handler")[-1]
                    headers = {
                        name: value for name, value in arrived.headers.items() if name != "ce-knativearrivaltime"
                    }
                    seen = request(judge, "POST", "/", headers, arrived.body)
                    if as_text(seen.body) != as_text(theirs.body):
                        wrong.append(f"{each['id']}: {seen.body!r} arrives of {theirs.body!r}")
    assert wrong == []


def as_text(event: bytes) -> dict[str, Any]:
    """An event as the judge read it, its extensions as binary mode has them."""
    found: dict[str, Any] = json.loads(event)
    extensions = found["extensions"] or {}
    return found | {"extensions": {name: str(value).lower() for name, value in extensions.items()}}


def service(name: str, command: list[str], **env: str) -> dict[str, Any]:
    """A Service of another language, bound to the Broker."""
    container = {
        "image": f"example.org/{name}",
        "command": command,
        "env": [{"name": key, "value": value} for key, value in env.items()],
    }
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "annotations": {}},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }


def trigger(name: str, event_type: str, subscriber: dict[str, Any]) -> dict[str, Any]:
    """Who hears events of one type."""
    spec = {"broker": "default", "filters": [{"exact": {"type": event_type}}], "subscriber": subscriber}
    return {"apiVersion": "eventing.knative.dev/v1", "kind": "Trigger", "metadata": {"name": name}, "spec": spec}


def of(name: str) -> dict[str, Any]:
    """A Service as a subscriber."""
    return {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": name}}


@pytest.mark.connected
def test_a_chain_through_three_languages(go: Path, node: Path, tmp_path: Path) -> None:
    """The Go SDK publishes; a Go, a Python and two Node functions, all at zero, hear and answer one after another."""
    folder = tmp_path / "functions" / "peer" / "ours"
    folder.mkdir(parents=True)
    (folder / "main.py").write_text(OURS)
    framework = str(node / "node_modules/@google-cloud/functions-framework/build/src/main.js")
    ours = service("ours", [])
    ours["metadata"]["annotations"] = {"renga.dev/function": "peer/ours"}
    del ours["spec"]["template"]["spec"]["containers"][0]["command"]
    broker = {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Broker",
        "metadata": {"name": "default"},
        "spec": {"delivery": {"retry": 1}},
    }
    binding = {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "SinkBinding",
        "metadata": {"name": "publish"},
        "spec": {
            "subject": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "node-publish"},
            "sink": {"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default"}},
        },
    }
    with receiving() as receiver:
        objects = [
            broker,
            binding,
            service("go-answer", [str(go), "answer"]),
            ours,
            service("node-answer", ["node", framework, f"--source={node}", "--target=answer"]),
            service("node-publish", ["node", framework, f"--source={node}", "--target=publish"]),
            trigger("asked", "peer.asked.v1", of("go-answer")),
            trigger("answered", "peer.answered.v1", of("ours")),
            trigger("repeated", "peer.repeated.v1", of("node-answer")),
            trigger("noted", "peer.noted.v1", of("node-publish")),
            *(trigger(f"see-{name}", f"peer.{name}.v1", {"uri": f"{receiver.url}/{name}"}) for name in SEEN),
        ]
        path = tmp_path / "manifests.yaml"
        path.write_text("\n---\n".join(json.dumps(item) for item in objects))
        laptop = Laptop(tmp_path / "state", project=tmp_path).up("-f", str(path), "--no-verify")
        try:
            said = subprocess.run(
                [str(go), "send", f"{laptop.url}/default/default"],
                check=True, capture_output=True, text=True, timeout=60,
            )  # fmt: skip
            assert said.stdout.split() == [word for mode in SENT for word in (mode, "202")]
            judge(receiver)
        finally:
            log = "".join(file.read_text() for file in sorted((tmp_path / "state" / "logs").glob("*.log")))
            assert laptop.down() == 0, log


SENT = ("binary-1.0", "structured-1.0", "binary-0.3", "structured-0.3")
SEEN = ("answered", "repeated", "noted", "done")


def judge(receiver: Receiver) -> None:
    """What each link of the chain said, in what it heard."""
    deadline = time.monotonic() + 60
    while len(receiver.heard("done")) < 2 * len(SENT):
        assert time.monotonic() < deadline, {name: len(receiver.heard(name)) for name in SEEN}
        time.sleep(0.05)
    answered = {each.headers["ce-id"]: each for each in receiver.heard("answered")}
    assert set(answered) == {f"go-{name}" for name in SENT}
    for name in SENT:
        mode, _, version = name.partition("-")
        each = answered[f"go-{name}"]
        assert each.headers["ce-heard"] == "Gr%C3%BC%C3%9Fe", "a subject travels whole"
        assert json.loads(each.body) == {"version": version, "number": "5", "data": {"mode": mode}}
    assert all(each.headers["ce-causationid"] in answered for each in receiver.heard("repeated"))
    noted = [told(each)["said"] for each in receiver.heard("noted")]
    assert sorted(each["version"] for each in noted) == ["0.3", "0.3", "1.0", "1.0"]
    done = sorted(each.headers["ce-id"].partition("-")[0] for each in receiver.heard("done"))
    assert done == ["binary"] * 4 + ["structured"] * 4


def told(heard: Heard) -> Any:
    """The data of an event."""
    return json.loads(heard.body)
