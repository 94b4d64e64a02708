"""What a cold start on the node spends its time with, by what its daemons and the process itself wrote down."""

import json
import re
import time
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from contract.playing import request
from engine_services import Pod, Services

_SANDBOX = "RunPodSandbox for &PodSandboxMetadata{{Name:{pod},"
_STARTED = 'StartContainer for \\"{container}\\"'
_TIME = re.compile(r'time="(?P<second>[^".]+)\.(?P<fraction>\d{6})\d*Z"')
_MEASURED = re.compile(r"measured (\{.*\})")


class Parts(NamedTuple):
    """Seconds of one request to a Service at zero, one after the other; `interpreter` and `imports` are Python's."""

    scheduling: float
    """Until kubelet asks for the pod's sandbox: ingress, activator, autoscaler, controllers, scheduler, kubelet."""
    sandbox: float
    """Network namespace, addresses, pause container."""
    container: float
    """Until its program has been started."""
    interpreter: float
    """Until Python runs."""
    imports: float
    """Until it has bound its port."""
    first_answer: float
    """Until the caller has the answer: queue-proxy's probe, kubelet's look, activator, the request itself."""

    @property
    def whole(self) -> float:
        """All of it."""
        return sum(self)


def cold(here: Services, service: str, headers: dict[str, str], body: bytes) -> Parts:
    """One POST to a Service that has no pod.

    Raises:
        AssertionError: it has one, or its answer is no success.
    """
    assert not here.pods(service), f"{service} is awake"
    began = time.time()
    answer = request(f"http://{here.engine.via}", "POST", "/", headers | {"host": here.host(service)}, body)
    ended = time.time()
    assert 200 <= answer.status < 300, f"{service}: {answer}"
    (pod,) = here.pods(service)
    assert here.engine.state is not None
    log = here.engine.state / "log" / "containerd.log"
    asked, made = _at(log, _SANDBOX.format(pod=pod.name), 0), _at(log, _SANDBOX.format(pod=pod.name), 1)
    started = _at(log, _STARTED.format(container=pod.container), 1)
    up, bound = _said(here, pod) or (started, started)
    return Parts(asked - began, made - asked, started - made, up - started, bound - up, ended - bound)


def _at(log: Path, what: str, which: int) -> float:
    """When a line of containerd's was written, in seconds of the epoch."""
    lines = [line for line in log.read_text().splitlines() if what in line]
    found = _TIME.search(lines[which])
    assert found is not None
    moment = datetime.fromisoformat(f"{found['second']}.{found['fraction']}+00:00")
    return moment.timestamp()


def _said(here: Services, pod: Pod) -> tuple[float, float] | None:
    """When its Python was up and had bound its port; None where it has none."""
    found = _MEASURED.search(here.kubectl("logs", pod.name, "-c", "user-container"))
    if found is None:
        return None
    told = json.loads(found[1])
    return told["up"], told["bound"]
