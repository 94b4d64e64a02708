"""A real Pub/Sub emulator, as tests see it."""

import base64
import contextlib
import json
import os
import subprocess
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from hosts import PATIENCE_S, free_port
from renga_dev.pubsub.emulator import program


class Received(NamedTuple):
    """A message that was pulled."""

    attributes: dict[str, str]
    data: bytes
    ordering_key: str


@dataclass
class PubSubServer:
    """The emulator; each test has a project of its own."""

    host: str
    project: str = ""

    @contextlib.contextmanager
    def own(self, project: str | None = None) -> "Iterator[PubSubServer]":
        """The same emulator with a project of that name, or one that nobody else has; nothing is left in it."""
        own = PubSubServer(self.host, project or f"test-{uuid.uuid4().hex[:12]}")
        try:
            yield own
        finally:
            # Whatever pushes to a test that is over would be tried again and again.
            for kind in ("subscriptions", "topics"):
                for each in own.call("GET", f"{kind}?pageSize=1000").get(kind, []):
                    own.call("DELETE", each["name"].removeprefix(f"projects/{own.project}/"))

    def call(self, method: str, path: str, body: Any = None) -> Any:
        """One call below the project; the answer's JSON."""
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://{self.host}/v1/projects/{self.project}/{path}",
            content,
            {"content-type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=PATIENCE_S) as answer:
            return json.loads(answer.read() or b"{}")

    def topic(self, name: str) -> None:
        """Make a topic with a subscription of the same name that keeps what is published."""
        self.call("PUT", f"topics/{name}", {})
        self.subscribe(name, name)

    def subscribe(self, topic: str, name: str, **options: Any) -> None:
        """Make a subscription; options as in the REST API."""
        self.call("PUT", f"subscriptions/{name}", {"topic": f"projects/{self.project}/topics/{topic}", **options})

    def push(self, topic: str, name: str, endpoint: str, *, unwrapped: bool = True, **options: Any) -> None:
        """Make a subscription that pushes."""
        config: dict[str, Any] = {"pushEndpoint": endpoint}
        if unwrapped:
            config["noWrapper"] = {"writeMetadata": True}
        self.subscribe(topic, name, pushConfig=config, **options)

    def publish(self, topic: str, data: bytes, ordering_key: str = "", **attributes: str) -> None:
        """Publish one message; underscores in attribute names stand for hyphens."""
        given = {name.replace("_", "-"): value for name, value in attributes.items()}
        message = {"data": base64.b64encode(data).decode(), "attributes": given, "orderingKey": ordering_key}
        self.call("POST", f"topics/{topic}:publish", {"messages": [message]})

    def pulled(self, subscription: str, count: int, timeout_s: float = PATIENCE_S) -> list[Received]:
        """Wait for so many messages, acknowledge and return them; fewer where no more come in time."""
        found: list[Received] = []
        deadline = time.monotonic() + timeout_s
        while len(found) < count and time.monotonic() < deadline:
            path = f"subscriptions/{subscription}"
            said = self.call("POST", f"{path}:pull", {"maxMessages": 1000, "returnImmediately": True})
            messages = said.get("receivedMessages", [])
            if not messages:
                time.sleep(0.05)
                continue
            self.call("POST", f"{path}:acknowledge", {"ackIds": [each["ackId"] for each in messages]})
            for each in messages:
                message = each["message"]
                data = base64.b64decode(message.get("data", ""))
                found.append(Received(message.get("attributes", {}), data, message.get("orderingKey", "")))
        return found


@contextlib.contextmanager
def emulator(folder: Path) -> Iterator[PubSubServer]:
    """The Google Cloud CLI's emulator; skips where there is none."""
    path = program()
    if path is None:
        pytest.skip("there is no Pub/Sub emulator: `gcloud components install pubsub-emulator`, or Debian's package")
    host = f"127.0.0.1:{free_port()}"
    with (folder / "emulator.log").open("wb") as log:
        process = subprocess.Popen(
            [str(path), "--host=127.0.0.1", f"--port={host.rpartition(':')[2]}"],
            cwd=folder,
            stdout=log,
            stderr=log,
            env={**os.environ, "JAVA_OPTS": "-Xmx512m -XX:TieredStopAtLevel=1"},
        )
    try:
        _wait(host, process, folder / "emulator.log")
        yield PubSubServer(host)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)


def _wait(host: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            break
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://{host}/", timeout=2):
            return
        time.sleep(0.1)
    pytest.fail(f"the Pub/Sub emulator did not start: {log.read_text()[-2000:]}")
