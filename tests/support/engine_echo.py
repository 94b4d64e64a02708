"""A function that says which revision answers, deployed from a project of its own that has nothing else."""

import asyncio
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import engine_images
from engine import Engine
from renga.http.client import Client

NAMESPACE = "canary"
SERVICE = "probe-echo"
FUNCTION = "probe/echo"
OVERLAY = "canary"
SOURCE = Path(__file__).parents[1] / "engine/echo"
_CALLERS = 8
_PAUSE_S = 0.02
_PROJECT = {
    "kustomization.yaml": (
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [service.yaml]\n"
        "components: [images]\n"
    ),
    "images/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages:\n",
}


class Echo:
    """The function, as who deploys it sees it.

    Args:
        engine: whose cluster.
        project: an empty folder.
        image: what it runs, by digest.
    """

    def __init__(self, engine: Engine, project: Path, image: str) -> None:
        self.engine = engine
        self.project = project
        name, _, digest = image.partition("@")
        overlay = project / "knative/overlays" / OVERLAY
        for path, text in _PROJECT.items():
            (overlay / path).parent.mkdir(parents=True, exist_ok=True)
            (overlay / path).write_text(text)
        with (overlay / "images/kustomization.yaml").open("a") as images:
            images.write(f'  - {{name: {name}, digest: "{digest}"}}\n')
        self._service = shutil.copy(SOURCE / "service.yaml", overlay)
        function = project / "functions" / FUNCTION
        function.mkdir(parents=True)
        shutil.copy(SOURCE / "main.py", function)
        self._notes = 0

    def becomes(self, mood: str) -> None:
        """What its next revision does: `well`, `errors`, `slow` or `dead`; it differs from all before."""
        self._notes += 1
        text = Path(self._service).read_text()
        text = re.sub(r"(ECHO_MOOD, value: )\w+", rf"\g<1>{mood}", text)
        text = re.sub(r'(ECHO_NOTE, value: )"\d+"', rf'\g<1>"{self._notes}"', text)
        Path(self._service).write_text(text)

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """`renga` with arguments, in the project; its lines come as it writes them."""
        # Its image is on the node: what would load it has nothing to do.
        given = {"KUBECONFIG": str(self.engine.kubeconfig), "RENGA_LOAD": "true {}", "COLUMNS": "200"}
        command = [sys.executable, "-c", "from renga_dev.cli import main; main()", *arguments]
        return subprocess.Popen(
            command,
            cwd=self.project,
            env=os.environ | given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def renga(self, *arguments: str) -> tuple[int, str]:
        """The same to its end: its exit status, and what it wrote."""
        with self.start(*arguments) as process:
            said, _ = process.communicate(timeout=240)
        return process.returncode, said

    def deploy(self, *arguments: str) -> tuple[int, str]:
        """`renga deploy` of what the node has already."""
        return self.renga("deploy", "--overlay", OVERLAY, "--no-build", "--no-smoke", "--timeout", "2m", *arguments)

    def canary(self, *arguments: str) -> tuple[int, str]:
        """The same with a first share of 10 %."""
        return self.deploy("--canary", "10", FUNCTION, *arguments)

    @property
    def table(self) -> dict[str, int]:
        """Who has which share."""
        found = self.kubectl("get", f"services.serving.knative.dev/{SERVICE}", "-o", "jsonpath={.status.traffic}")
        return {each["revisionName"]: each["percent"] for each in json.loads(found)}

    def kubectl(self, *arguments: str) -> str:
        """In its namespace."""
        return self.engine.kubectl("-n", NAMESPACE, *arguments)

    @contextmanager
    def called(self) -> Iterator["Counter[str]"]:
        """Some callers, each with one request at a time; who answered how often, or which status."""
        answers: Counter[str] = Counter()
        done = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._call(answers, done)))
        thread.start()
        try:
            yield answers
        finally:
            done.set()
            thread.join()

    async def _call(self, answers: "Counter[str]", done: threading.Event) -> None:
        client = Client()
        headers = [("host", f"{SERVICE}.{NAMESPACE}.{self.engine.domain}"), ("content-type", "application/json")]

        async def caller() -> None:
            while not done.is_set():
                url = f"http://{self.engine.via}/"
                try:
                    answer = await client.request("POST", url, headers=headers, body=b"{}", timeout_s=40)
                except ConnectionError as error:
                    answers[type(error).__name__] += 1
                    continue
                well = answer.status == 200
                answers[json.loads(answer.body)["revision"] if well else str(answer.status)] += 1
                await asyncio.sleep(_PAUSE_S)

        try:
            await asyncio.gather(*(caller() for _ in range(_CALLERS)))
        finally:
            client.close()


@contextmanager
def echo(engine: Engine, repository: Path, folder: Path, base: str) -> Iterator[Echo]:
    """Its image on the node, its namespace in the cluster, its first revision Ready; all but the image goes again."""
    workloads = {"echo": engine_images.Workload((SOURCE / "main.py",))}
    (folder / "image").mkdir()
    images = engine_images.made(engine, repository, folder / "image", base, workloads)
    found = Echo(engine, folder / "project", images["echo"])
    engine.kubectl("create", "namespace", NAMESPACE)
    try:
        status, said = found.deploy()
        assert status == 0, said
        yield found
    finally:
        engine.kubectl("delete", "namespace", NAMESPACE, "--wait=false")
