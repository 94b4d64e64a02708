"""A real runtime over real sockets and real processes, with a clock that may run fast."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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

    async def get(self, path: str, *, host: str = HOST, timeout_s: float = 15, **more: Any) -> Response:
        """GET by Host, as in a cluster."""
        headers = [("host", host), *more.pop("headers", ())]
        method = more.pop("method", "GET")
        return await self.client.request(method, self.runtime.url + path, headers=headers, timeout_s=timeout_s, **more)

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
        """What its processes wrote."""
        return (self.runtime.options.state / "logs" / f"{name}.log").read_text()

    async def until(self, condition: Any, what: str) -> None:
        """Wait a moment for something to become true."""
        for _ in range(300):
            if condition():
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"not within 6 s: {what}; {self.runtime.services()}; {self.heard.lines}")


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
