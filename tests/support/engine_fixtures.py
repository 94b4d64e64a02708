"""A real Kubernetes with a real Knative, with what a cloud has beside it.

It is named, never looked for: whoever has a cluster at hand does not want tests in it. `RENGA_ENGINE` is the folder of
one that was made on this machine, or the kubeconfig of any (docs/engine.md).
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import engine_base
import engine_echo
import engine_images
from engine import NAMESPACE, Engine, Renga
from engine_servers import PROJECT, Servers, servers
from environments import environment
from renga_dev.command import missing
from renga_dev.pubsub.admin import Admin
from renga_dev.pubsub.table import Table, read

VARIABLE = "RENGA_ENGINE"
MOST_ATTEMPTS = 100
"""That Pub/Sub takes."""


@pytest.fixture(scope="session")
def engine() -> Engine:
    """The one that is named; skips where none is, or what this needs of the machine is missing."""
    named = os.environ.get(VARIABLE)
    if not named:
        pytest.skip(f"{VARIABLE} names no cluster")
    path = Path(named).resolve()
    own = path.is_dir()
    wanted = ("kubectl", "buildah", "ctr", "nsenter") if own else ("kubectl", "buildah")
    if lacking := missing(wanted):
        pytest.skip(f"{', '.join(lacking)} is not installed")
    try:
        return Engine.of_node(path) if own else Engine.of_kubeconfig(path, os.environ)
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


@pytest.fixture(scope="session")
def beside(engine: Engine, repository: Path, cache: Path) -> Iterator[Servers]:
    """Redis, PostgreSQL, S3 and Pub/Sub, with the namespace and what functions are told of them."""
    table = read(repository)
    hosts = {f"{each.service}.{NAMESPACE}.{engine.domain}" for each in table.subscriptions}
    moto = environment(cache, repository / "tests/terraform/moto-requirements.txt") / "bin" / "python"
    with servers(engine.beside, moto, sorted(hosts), engine.via.rpartition(":")[0]) as running:
        for each in _objects(running):
            engine.kubectl("apply", "-f", "-", given=json.dumps(each))
        asyncio.run(_subscribe(engine, running, table))
        yield running
        # Their pods may take as long as a request may; nobody waits for that.
        engine.kubectl("-n", NAMESPACE, "delete", "services.serving.knative.dev", "--all", "--timeout=60s")


@pytest.fixture(scope="session")
def base(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The image that every function's image stands on, by digest."""
    return engine_base.made(tmp_path_factory.mktemp("base"))


@pytest.fixture(scope="session")
def subject(engine: Engine, base: str, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A container of the workload whose requests' paths say what happens to them; the node has its image."""
    source = repository / "tests/shared/renga_dev/workloads/subject.py"
    workloads = {"subject": engine_images.Workload((source,))}
    made = engine_images.made(engine, repository, tmp_path_factory.mktemp("workloads"), base, workloads)
    return {"image": made["subject"], "command": ["env", "HOST=0.0.0.0", "python3", f"/function/{source.name}"]}


@pytest.fixture(scope="session")
def project(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of this project: a deployment writes digests into it, and tests spoil it."""
    copy = tmp_path_factory.mktemp("project")
    for part in ("functions", "knative", "events", "shared"):
        shutil.copytree(repository / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("pyproject.toml", "constraints.txt", "examples/shop.sql"):
        (copy / part).parent.mkdir(exist_ok=True)
        shutil.copy(repository / part, copy / part)
    return copy


@pytest.fixture(scope="session")
def renga(engine: Engine, beside: Servers, project: Path) -> Renga:
    """Run `renga` with arguments in the project's copy, against the cluster."""
    variables = {
        "KUBECONFIG": str(engine.kubeconfig),
        "RENGA_URL": engine.functions,
        "RENGA_VIA": engine.via,
        **({"RENGA_LOAD": engine.load} if engine.load else {"REGISTRY": engine.registry}),
        "PUBSUB_EMULATOR_HOST": beside.pubsub,
        "BUILDAH_ISOLATION": "chroot",
        "TAG": "engine",
        "COLUMNS": "200",
    }

    def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-c", "from renga_dev.cli import main; main()", *arguments]
        return subprocess.run(
            command, cwd=project, env=os.environ | variables, capture_output=True, text=True, check=False, timeout=840
        )

    return run


@pytest.fixture(scope="session")
def deployed(renga: Renga, base: str) -> "subprocess.CompletedProcess[str]":
    """The whole project in the cluster: what `renga deploy` said."""
    return renga("deploy", "--overlay", "engine", "--builder", "buildah", "--base", base, "--timeout", "5m")


@pytest.fixture(scope="session")
def echo(
    engine: Engine, base: str, repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[engine_echo.Echo]:
    """A function that says which revision answers, with a project and a namespace of its own."""
    with engine_echo.echo(engine, repository, tmp_path_factory.mktemp("echo"), base) as found:
        yield found


def _objects(running: Servers) -> Iterator[dict[str, object]]:
    """What the environment provides: see docs/deploying.md."""
    strict = "pod-security.kubernetes.io/enforce"
    labels = {strict: "restricted", f"{strict}-version": "v1.34"}
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE, "labels": labels}}
    events, stores = ({"name": name, "namespace": NAMESPACE} for name in ("renga-events", "renga-stores"))
    yield {"apiVersion": "v1", "kind": "ConfigMap", "metadata": events, "data": running.events()}
    yield {"apiVersion": "v1", "kind": "Secret", "metadata": stores, "stringData": running.stores()}


async def _subscribe(engine: Engine, running: Servers, table: Table) -> None:
    """Topics, and subscriptions that push to functions through the ingress.

    The emulator repeats a push every second, so that the attempts of the table would cover six seconds in place of half
    a minute: a cold start may take longer here.
    """
    patient = [
        each if each.max_delivery_attempts is None else each.model_copy(update={"max_delivery_attempts": MOST_ATTEMPTS})
        for each in table.subscriptions
    ]
    admin = Admin(f"http://{running.pubsub}", PROJECT)
    whole = table.model_copy(update={"subscriptions": patient})
    await admin.establish(whole, lambda each: f"{engine.functions.format(service=each.service)}/")
    await admin.close()
