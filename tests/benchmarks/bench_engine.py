"""Cold and warm on a real Knative: the functions, functions-framework and an empty static server in the same run."""

import json
import random
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import engine_images
import go
from contract.playing import request
from engine import Engine
from engine_chain import Chain
from engine_images import Workload
from engine_parts import Parts, cold
from engine_services import KIND, Pod, Services, manifest, services, until
from measuring import PEERS, TRIVIAL, say
from onenode import archive

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(1500)]

ROUNDS = 12
WARM = 400
ROLL_OUTS = 10
CHAINS = 10
STAYS = "platform-inference"
SOONER = """
  - target: {group: serving.knative.dev, kind: Service, labelSelector: app.kubernetes.io/part-of=renga}
    patch: |
      - op: replace
        path: /spec/template/metadata/annotations/autoscaling.knative.dev~1window
        value: 6s
      - op: replace
        path: /spec/template/spec/timeoutSeconds
        value: 20
"""
"""A patch of the overlay."""
MARGIN_S = 0.3
"""Ours is to be no more than this behind the static server."""
PYTHON = "PYTHONPATH=/function:/renga/code:/renga/core:/renga/extras:/renga/inference"
FRAMEWORK = "python3 -m functions_framework --asgi --target handle --source functions_framework_aio.py"
ASKED = {
    "ce-specversion": "1.0",
    "ce-source": "/bench",
    "ce-type": "bench.asked.v1",
    "content-type": "application/json",
}
QUICKLY = {"autoscaling.knative.dev/window": "6s", "features.knative.dev/http-full-duplex": "Enabled"}
"""To zero as soon as Knative allows; with a short timeout for the pod to go."""
PROBED = {"readinessProbe": {"httpGet": {"path": "/health/ready"}, "periodSeconds": 0}}
"""As every function's manifest has it."""


class Peer(NamedTuple):
    """One Service, and what it is asked."""

    container: dict[str, Any]
    headers: dict[str, str]
    body: bytes

    def ask(self, number: int) -> dict[str, str]:
        """The headers of one request: each event is another."""
        return self.headers | ({"ce-id": f"bench-{number}"} if "ce-type" in self.headers else {})


@pytest.fixture(scope="module")
def here(engine: Engine) -> Iterator[Services]:
    """The namespace of the peers; the parts of a start are read off the node's own log."""
    if engine.state is None:
        pytest.skip("RENGA_ENGINE names no node that was made on this machine")
    with services(engine, "bench") as found:
        yield found


@pytest.fixture(scope="module")
def peers(engine: Engine, base: str, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Peer]:
    """All of them; their images are on the node."""
    folder = tmp_path_factory.mktemp("peers")
    hook = PEERS / "engine" / "sitecustomize.py"
    workloads = {
        "parse": Workload((repository / "functions/schema/parse/main.py", hook), "renga[schema]"),
        "trivial": Workload((TRIVIAL / "main.py", hook)),
        "framework": Workload((PEERS / "functions_framework_aio.py", hook), "renga[framework]"),
    }
    images = engine_images.made(engine, repository, tmp_path_factory.mktemp("context"), base, workloads)
    name, file = "dev.local/probe-static:engine", folder / "static.tar"
    archive.of_program(file, name, go.build(PEERS / "engine" / "static", folder))
    subprocess.run(shlex.split(engine.load.replace("{}", str(file))), check=True, capture_output=True)
    ours = ["env", PYTHON, "python3", "-m", "renga.host"]
    sample = (repository / "events/samples/dev.renga.schema.submitted.v1.json").read_bytes()
    return {
        "static": Peer({"image": name}, ASKED, b"{}"),
        "trivial": Peer({"image": images["trivial"], "command": ours, **PROBED}, ASKED, b"{}"),
        "parse": Peer(
            {"image": images["parse"], "command": ours, **PROBED},
            {"content-type": "application/cloudevents+json"},
            sample,
        ),
        "framework": Peer({"image": images["framework"], "command": ["env", PYTHON, *FRAMEWORK.split()]}, ASKED, b"{}"),
    }


def test_cold(here: Services, peers: dict[str, Peer]) -> None:
    """From zero to the answer, each once a round, in another order each time: the first of a round waits longer."""
    here.apply(
        *(manifest(name, peer.container, annotations=QUICKLY, timeoutSeconds=10) for name, peer in peers.items())
    )
    here.ready(*peers)
    found: dict[str, list[Parts]] = {name: [] for name in peers}
    for number in range(ROUNDS):
        here.asleep(*peers)
        for name, peer in random.sample(list(peers.items()), len(peers)):
            # Kubelet looks at its containers once a second: nobody is to meet that moment each time.
            time.sleep(random.uniform(0, 1))  # noqa: S311
            found[name].append(cold(here, name, peer.ask(number), peer.body))
    floor = statistics.median(parts.whole for parts in found["static"])
    for name, starts in found.items():
        middle = {part: statistics.median(getattr(each, part) for each in starts) for part in Parts._fields}
        whole = statistics.median(each.whole for each in starts)
        say(f"0 -> answer, {name}", s=whole, of_static=whole / floor, **middle)
        if name in {"trivial", "parse"}:
            say("  beyond the static server", s=whole - floor, of_the_aim=(whole - floor) / MARGIN_S)


def test_warm(here: Services, peers: dict[str, Peer]) -> None:
    """One caller: straight to the process, through its queue-proxy, and through ingress and activator as well."""
    warm = QUICKLY | {"autoscaling.knative.dev/min-scale": "1"}
    here.apply(manifest("warm", peers["trivial"].container, annotations=warm, timeoutSeconds=10))
    here.ready("warm")
    until(lambda: any(pod.ready for pod in here.pods("warm")), "its pod is ready")
    (pod,) = here.pods("warm")
    address = here.kubectl("get", "pod", pod.name, "-o", "jsonpath={.status.podIP}")
    ways = {"process": f"{address}:8080", "queue_proxy": f"{address}:8012", "ingress": f"{here.engine.via}"}
    took = {name: _timed(here, f"http://{where}/") for name, where in ways.items()}
    for name, (p50, p95) in took.items():
        say(f"warm, {name}", p50_ms=p50 * 1000, p95_ms=p95 * 1000, of_the_process=p50 / took["process"][0])
    here.kubectl("delete", KIND, "warm", "--wait=false")


def _timed(here: Services, url: str) -> tuple[float, float]:
    """The median and the 95th percentile of a caller's seconds, who is on the node's own network."""
    program = Path(__file__).with_name("engine_caller.py")
    command = here.engine.beside.inside(sys.executable, program, url, here.host("warm"), str(WARM))
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    quantiles = statistics.quantiles(json.loads(told), n=20)
    return quantiles[9], quantiles[18]


def test_roll_out(here: Services, peers: dict[str, Peer]) -> None:
    """From a changed Service to the first answer of its new revision."""
    seconds = []
    for number in range(ROLL_OUTS):
        env = {"RENGA_BENCH": str(number)}
        changed = manifest("rolled", peers["trivial"].container, annotations=QUICKLY, env=env, timeoutSeconds=10)
        began = time.monotonic()
        here.apply(changed)
        name = f"rolled-{number + 1:05d}"
        path = "jsonpath={.status.traffic[0].revisionName} {.status.conditions[?(@.type=='Ready')].status}"
        until(
            lambda path=path, name=name: here.kubectl("get", f"{KIND}/rolled", "-o", path) == f"{name} True",  # type: ignore[misc]  # it is bound now
            name,
            every_s=0.1,
        )
        headers = peers["trivial"].ask(number) | {"host": here.host("rolled")}
        assert request(f"http://{here.engine.via}", "POST", "/", headers, b"{}").status == 204
        seconds.append(time.monotonic() - began)
    say("a revision rolled out", s=statistics.median(seconds), first_s=seconds[0])


def test_memory(here: Services, peers: dict[str, Peer]) -> None:
    """What each process holds once it has answered, and what its queue-proxy holds beside it."""
    for number, (name, peer) in enumerate(peers.items()):
        headers = peer.ask(1000 + number) | {"host": here.host(name)}
        assert request(f"http://{here.engine.via}", "POST", "/", headers, peer.body).status < 300
        (pod,) = [each for each in here.pods(name) if each.ready]
        own, beside = _held(here, pod)
        say(f"idle memory, {name}", MiB=own, beside_it_MiB=beside)


@pytest.fixture(scope="module")
def chain(engine: Engine, project: Path, request: pytest.FixtureRequest) -> Chain:
    """The project in the cluster, with windows and timeouts that let its functions go to zero sooner; nothing else."""
    overlay = project / "knative/overlays/engine/kustomization.yaml"
    overlay.write_text(f"{overlay.read_text().rstrip()}\n{SOONER}")
    done = request.getfixturevalue("deployed")
    assert done.returncode == 0, done.stdout + done.stderr
    return Chain(engine)


def test_chain(chain: Chain) -> None:
    """A small design from the door to the ledger's word that it ended; cold, with every function at zero, and warm."""
    seconds: dict[str, list[float]] = {"cold": [], "warm": []}
    for number in range(CHAINS):
        functions = {pod.service for pod in chain.pods.pods()} - {STAYS}
        chain.pods.asleep(*functions)
        seconds["cold"].append(_one_run_s(chain, f"bench-cold-{number}"))
        # The first functions of a cold run may be about to sleep again when its last one answers.
        _one_run_s(chain, f"bench-waking-{number}")
        seconds["warm"].append(_one_run_s(chain, f"bench-warm-{number}"))
    cold_s, warm_s = (statistics.median(seconds[start]) for start in ("cold", "warm"))
    say("the chain", cold_s=cold_s, warm_s=warm_s, cold_of_warm=cold_s / warm_s)
    awake = {pod.service: sum(_held(chain.pods, pod)) for pod in chain.pods.pods() if pod.container}
    say("memory of each, with its queue-proxy", **{name: f"{mib:.0f} MiB" for name, mib in sorted(awake.items())})
    chain.pods.asleep(*awake.keys() - {STAYS})
    say("memory of our part, nothing else awake", MiB=sum(sum(_held(chain.pods, pod)) for pod in chain.pods.pods()))
    assert {pod.service for pod in chain.pods.pods()} == {STAYS}


def _one_run_s(chain: Chain, run: str) -> float:
    began = time.monotonic()
    chain.submit(run)
    (told,) = chain.ended([run], every_s=0.02).values()
    assert told["state"] == "well"
    return time.monotonic() - began


def _held(here: Services, pod: Pod) -> tuple[float, float]:
    """MiB that a pod's process holds, and that what is beside it holds."""
    uid = here.kubectl("get", "pod", pod.name, "-o", "jsonpath={.metadata.uid}")
    (group,) = Path("/sys/fs/cgroup/memory").glob(f"*/kubepods/**/pod{uid}")
    held = {each.name: _resident_mib(each) for each in group.iterdir() if each.is_dir()}
    return held.pop(pod.container), sum(held.values())


def _resident_mib(group: Path) -> float:
    figures = dict(line.split() for line in (group / "memory.stat").read_text().splitlines())
    return int(figures["total_rss"]) / 2**20
