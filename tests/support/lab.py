"""A real runtime over real sockets and real processes, on a loop whose time a test may move on: see leaping.py."""

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hosts import PATIENCE_S
from leaping import leap
from renga.http.client import Client, Response
from renga_dev.calls import ServiceName
from renga_dev.manifests import Document, Manifests, load
from renga_dev.runtime import Options, Runtime
from renga_dev.serving.clock import Clock
from renga_dev.serving.route import ServiceStatus

WORKLOADS = Path(__file__).parents[1] / "shared/renga_dev/workloads"
HOST = "subject.default.localhost"
Json = dict[str, Any]


@dataclass(slots=True)
class Heard:
    """An observer that remembers."""

    lines: list[tuple[str, str]] = field(default_factory=list)

    def of(self, kind: str) -> list[str]:
        """What was said of one kind."""
        return [said for heard, said in self.lines if heard == kind]

    def woke(self, service: ServiceName) -> None:
        """See Observer."""
        self.lines.append(("woke", service.name))

    def ready(self, service: ServiceName, milliseconds: float) -> None:
        """See Observer."""
        self.lines.append(("ready", service.name))
        assert milliseconds > 0

    def slept(self, service: ServiceName) -> None:
        """See Observer."""
        self.lines.append(("slept", service.name))

    def failed(self, service: ServiceName, sentence: str) -> None:
        """See Observer."""
        self.lines.append(("failed", sentence))

    def reloaded(self, service: ServiceName, revision: str) -> None:
        """See Observer."""
        self.lines.append(("reloaded", revision))


def subject(
    name: str = "subject",
    *,
    env: dict[str, str] | None = None,
    annotations: dict[str, str] | None = None,
    function: str | None = None,
    container: Json | None = None,
    pod: Mapping[str, Any] | None = None,
    **more: Any,
) -> Json:
    """A Service that runs workloads/subject.py; `annotations` are autoscaling ones without their prefix."""
    notes = {f"autoscaling.knative.dev/{key}": value for key, value in (annotations or {}).items()}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name, "annotations": {"renga.dev/function": function} if function else {}},
        "spec": {
            "template": {
                "metadata": {"annotations": notes},
                "spec": {
                    "containers": [
                        {
                            "image": "example.org/subject",
                            "command": [sys.executable, str(WORKLOADS / "subject.py")],
                            "env": [{"name": key, "value": value} for key, value in (env or {}).items()],
                            **(container or {}),
                        }
                    ],
                    **(pod or {}),
                    **more,
                },
            }
        },
    }


def read(*objects: Json) -> Manifests:
    """Manifests from objects."""
    return load([Document("test.yaml", value) for value in objects])


@dataclass(slots=True)
class Up:
    """A running runtime, and a client that talks to it."""

    runtime: Runtime
    heard: Heard
    client: Client

    async def get(self, path: str, *, host: str = HOST, **more: Any) -> Response:
        """GET by Host, as in a cluster."""
        headers = [("host", host), *more.pop("headers", ())]
        method = more.pop("method", "GET")
        return await self.client.request(method, self.runtime.url + path, headers=headers, **more)

    async def seen(self, path: str = "/look", **more: Any) -> Json:
        """What the workload saw of a request."""
        answer = await self.get(path, **more)
        assert answer.status == 200, answer.body
        found: Json = json.loads(answer.body)
        return found

    def status(self, name: str = "subject") -> ServiceStatus:
        """How a Service stands."""
        return next(found for found in self.runtime.services() if found.name.name == name)

    def log(self, name: str = "subject") -> str:
        """What its processes wrote so far."""
        path = self.runtime.options.state / "logs" / f"{name}.log"
        return path.read_text() if path.is_file() else ""

    async def waits_at(self, gate: str, count: int = 1) -> None:
        """Wait until so many requests have come to a gate of workloads/subject.py."""
        await self.until(lambda: self.log().count(f"waits at {gate}\n") >= count, f"{count} wait at {gate}")

    def open(self, gate: str) -> None:
        """Let what waits at a gate go on, and what comes to it later."""
        gates = self.runtime.options.state / "state" / "gates"
        gates.mkdir(parents=True, exist_ok=True)
        (gates / gate).touch()

    async def until(self, condition: Callable[[], object], what: str, *, leap_s: float = 0.0) -> None:
        """Wait for something to become true; with `leap_s`, time moves on by so much before each further look."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(
                    f"not within {PATIENCE_S:g} s: {what}; {self.runtime.services()}; {self.heard.lines}"
                )
            leap(leap_s)
            await asyncio.sleep(0.02)


class Lab:
    """Starts runtimes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @asynccontextmanager
    async def up(self, *objects: Json, speed: float = 1.0, **options: Any) -> AsyncIterator[Up]:
        """A runtime with these manifests, by default the one Service `subject`; stopped at the end."""
        heard = Heard()
        settings: Json = {"port": 0, "verify": "none", "drain_s": 2.0, "state": self.folder / ".renga"} | options
        runtime = Runtime(
            Options(read(*(objects or (subject(),))), self.folder, clock=Clock(speed), observer=heard, **settings)
        )
        await runtime.start()
        client = Client()
        try:
            yield Up(runtime, heard, client)
        finally:
            client.close()
            await runtime.stop()
