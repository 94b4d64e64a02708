"""Knative Services of tests, in a namespace of their own: made, awaited, looked at, and taken away."""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from engine import Engine

Json = dict[str, Any]
KIND = "services.serving.knative.dev"
SERVICE = "serving.knative.dev/service"
REVISION = "serving.knative.dev/revision"
ASLEEP_S = 400.0


class Pod(NamedTuple):
    """A pod of a Service."""

    name: str
    service: str
    revision: str
    ready: bool
    """Whether it takes requests."""
    ending: bool
    """Whether it was told to go."""
    container: str
    """What containerd calls its container; empty where that does not run."""


class Services(NamedTuple):
    """The Services of one namespace."""

    engine: Engine
    namespace: str

    def host(self, service: str) -> str:
        """What a request to the ingress has as its Host."""
        return f"{service}.{self.namespace}.{self.engine.domain}"

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """In this namespace."""
        return self.engine.kubectl("-n", self.namespace, *arguments, given=given)

    def apply(self, *manifests: Json) -> None:
        """Create or change Services; they need not be Ready after it."""
        self.kubectl("apply", "-f", "-", given=json.dumps({"kind": "List", "apiVersion": "v1", "items": manifests}))

    def ready(self, *services: str, within_s: int = 110) -> None:
        """Wait until they are.

        Raises:
            AssertionError: one is not; the message has what Knative says.
        """
        try:
            names = (f"{KIND}/{name}" for name in services)
            self.kubectl("wait", "--for=condition=Ready", f"--timeout={within_s}s", *names)
        except subprocess.CalledProcessError as error:
            told = self.kubectl("get", KIND, "-o", "wide")
            raise AssertionError(f"not Ready within {within_s} s: {error.stderr}\n{told}") from None

    def pods(self, service: str | None = None) -> list[Pod]:
        """Those that there are, of one Service or all, the ones that end too."""
        chosen = ("-l", SERVICE if service is None else f"{SERVICE}={service}")
        return [_pod(each) for each in json.loads(self.kubectl("get", "pods", *chosen, "-o", "json"))["items"]]

    def asleep(self, *services: str) -> float:
        """Wait until none of them has a pod; how long that took."""
        began = time.monotonic()
        while awake := {pod.service for pod in self.pods()} & set(services):
            assert time.monotonic() - began < ASLEEP_S, f"{sorted(awake)} are awake after {ASLEEP_S:g} s"
            time.sleep(1)
        return time.monotonic() - began

    def log(self, pod: str) -> "subprocess.Popen[str]":
        """What its container writes, to the end of it, once it has been heard: what is gone has no log any more."""
        config = ("kubectl", "--kubeconfig", str(self.engine.kubeconfig), "-n", self.namespace)
        command = (*config, "logs", "-f", pod, "-c", "user-container")
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        assert os.read(process.stdout.fileno(), 1 << 16), f"{pod} has no log"
        return process


@contextmanager
def services(engine: Engine, namespace: str) -> Iterator[Services]:
    """A namespace whose Services go when it ends; it stays itself."""
    engine.kubectl("apply", "-f", "-", given=json.dumps(_namespace(namespace)))
    try:
        yield Services(engine, namespace)
    finally:
        # Their pods may take as long as a request may; nobody waits for that.
        engine.kubectl("-n", namespace, "delete", KIND, "--all", "--timeout=60s")


def manifest(
    name: str,
    container: Json,
    *,
    annotations: dict[str, str] | None = None,
    env: dict[str, str] | None = None,
    **spec: Any,
) -> Json:
    """A Service of one container; `annotations` are the revision's, `spec` stands beside the container."""
    given = [{"name": key, "value": value} for key, value in (env or {}).items()]
    pod = {"containers": [container | {"env": given}], **spec}
    return {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"template": {"metadata": {"annotations": annotations or {}}, "spec": pod}},
    }


def until(condition: Callable[[], bool], what: str, within_s: float = 180, every_s: float = 0.5) -> None:
    """Wait for something to become true.

    Raises:
        AssertionError: it does not in time.
    """
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, f"not within {within_s:g} s: {what}"
        time.sleep(every_s)


def _namespace(name: str) -> Json:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def _pod(found: Json) -> Pod:
    metadata, status = found["metadata"], found["status"]
    conditions = {each["type"]: each["status"] for each in status.get("conditions", ())}
    labels = metadata["labels"]
    containers = {each["name"]: each for each in status.get("containerStatuses", ())}
    own = containers.get("user-container", {})
    return Pod(
        name=metadata["name"],
        service=labels[SERVICE],
        revision=labels[REVISION],
        ready=conditions.get("Ready") == "True",
        ending="deletionTimestamp" in metadata,
        container=own["containerID"].partition("://")[2] if "running" in own.get("state", {}) else "",
    )
