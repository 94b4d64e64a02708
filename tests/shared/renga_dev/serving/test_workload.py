"""Real function folders under the slim host, and where their sinks and logs are."""

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from lab import WORKLOADS, Lab, read, subject
from renga_dev.calls import ServiceName
from renga_dev.serving.services import RevisionsFailed
from renga_dev.serving.workload import Place, Workloads

MAIN = """
from pydantic import BaseModel
from renga import function

class Order(BaseModel):
    amount: int

@function
def handle(order: Order) -> None:
    print("order", order.amount)
"""


def function(tmp_path: Path, code: str) -> dict[str, Any]:
    """A Service whose function is a folder with this code."""
    folder = tmp_path / "functions/shop/order"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "main.py").write_text(code)
    probe = {"httpGet": {"path": "/health/ready"}, "periodSeconds": 0}
    service = subject(function="shop/order", env={"FUNCTION_TARGET": "handle"}, container={"readinessProbe": probe})
    del service["spec"]["template"]["spec"]["containers"][0]["command"]
    return service


async def test_a_function_folder_runs_under_the_slim_host(lab: Lab, tmp_path: Path) -> None:
    """A folder with a decorated function is all there is; its HTTP trigger answers by path, its prints are logged."""
    async with lab.up(function(tmp_path, MAIN), verify="new") as up:
        headers = [("content-type", "application/json")]
        answers = [
            await up.get("/shop/order", host="localhost", method="POST", headers=headers, body=body)
            for body in (b'{"amount": 3}', b'{"amount": "x"}')
        ]
        assert [answer.status for answer in answers] == [204, 422]
        assert "order 3" in up.log()


async def test_a_function_that_cannot_be_imported_fails_the_start_with_its_traceback(lab: Lab, tmp_path: Path) -> None:
    """The error that is shown is the function's own."""
    with pytest.raises(RevisionsFailed, match="No module named 'nonsense'"):
        async with lab.up(function(tmp_path, "import nonsense\n" + MAIN), verify="new"):
            pass


async def test_saving_a_function_makes_a_new_revision(lab: Lab, tmp_path: Path) -> None:
    """With reload on, the next request runs what was saved."""
    async with lab.up(function(tmp_path, MAIN), reload=True) as up:
        headers = [("content-type", "application/json")]
        for word in ("order", "changed"):
            if word == "changed":
                # Once: whoever writes it as it is, too, is reloaded for that.
                function(tmp_path, MAIN.replace('"order"', '"changed"'))
                await up.until(lambda: up.heard.of("reloaded"), "it is reloaded")
            await up.get("/shop/order", host="localhost", method="POST", headers=headers, body=b'{"amount": 1}')
        assert "order 1" in up.log()
        assert "changed 1" in up.log()


async def test_the_interpreter_of_an_image_is_ours_here(lab: Lab) -> None:
    """`python3` is the interpreter that runs the runtime: it has Renga, and the first one on the path need not."""
    async with lab.up(subject(container={"command": ["python3", str(WORKLOADS / "subject.py")]})) as up:
        await up.get("/")
        (replica,) = up.status().replicas
        run = Path(f"/proc/{replica.pid}/cmdline").read_bytes()  # noqa: ASYNC240 - it is no file on a disk
        assert run.startswith(sys.executable.encode() + b"\0")


def test_addresses_of_services_are_those_of_this_machine(tmp_path: Path) -> None:
    """A variable that holds the cluster's address of a Service has the one it has here; everything else stays."""
    given = {
        "THERE": "http://other.default.svc.cluster.local/v2",
        "ELSEWHERE": "http://nobody.default.svc.cluster.local",
        "OUTSIDE": "http://example.org/x",
        "TEXT": "30",
    }
    manifests = read(subject(env=given), subject("other", function="a/b"))
    env = (
        Workloads(manifests, Place(tmp_path, tmp_path), "http://127.0.0.1:1")
        .of(manifests.services[ServiceName("default", "subject")])
        .env
    )
    assert {name: env[name] for name in given} == {**given, "THERE": "http://127.0.0.1:1/a/b/v2"}


async def test_a_container_with_a_command_may_be_of_any_language(lab: Lab) -> None:
    """A Node server runs from the same kind of manifest, wakes and answers."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node")
    code = "require('http').createServer((q, a) => a.end(process.env.K_SERVICE)).listen(process.env.PORT)"
    async with lab.up(subject(container={"command": [node, "-e", code]}), verify="new") as up:
        assert (await up.get("/")).body == b"subject"


@pytest.mark.parametrize(
    ("sink", "address"),
    [
        ({"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default"}}, "/default/default"),
        ({"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "other"}}, "/a/b"),
        ({"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "other"}, "uri": "/x"}, "/a/b/x"),
        ({"uri": "http://broker-ingress.knative-eventing.svc.cluster.local/default/default"}, "/default/default"),
        ({"uri": "https://example.org/x"}, "https://example.org/x"),
    ],
)
def test_sinks_have_addresses_on_this_machine(tmp_path: Path, sink: dict[str, Any], address: str) -> None:
    """What a cluster would resolve inside itself is resolved to the one port; URLs outside stay as they are."""
    binding = {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "SinkBinding",
        "metadata": {"name": "x"},
        "spec": {
            "subject": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "subject"},
            "sink": sink,
        },
    }
    broker = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": {"name": "default"}}
    manifests = read(subject(), subject("other", function="a/b"), broker, binding)
    workloads = Workloads(manifests, Place(tmp_path, tmp_path), "http://127.0.0.1:1")
    env = workloads.of(manifests.services[ServiceName("default", "subject")]).env
    assert env["K_SINK"] == (address if "//" in address else f"http://127.0.0.1:1{address}")
    assert "K_CE_OVERRIDES" not in env


def test_logs_of_two_namespaces_do_not_meet(tmp_path: Path) -> None:
    """The default namespace goes without saying; others are in the name."""
    place = Place(tmp_path, tmp_path)
    assert place.log(ServiceName("default", "x")).name == "x.log"
    assert place.log(ServiceName("prod", "x")).name == "prod.x.log"
