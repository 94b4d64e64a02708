"""`renga deploy`, and the commands that talk to what it deployed, on a real Knative."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from engine import NAMESPACE, Engine, Renga
from engine_chain import CHAIN, told
from laptop import steps
from renga_dev.deploy.overlay import overlay

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

OVERLAY = Path("knative/overlays/engine")


def test_from_a_working_tree_to_an_answer(deployed: CompletedProcess[str], project: Path, engine: Engine) -> None:
    """Images by digest, written into the overlay, Ready, and a design that went through all of the chain."""
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    ready = re.findall(r"^  (\S+) +ready \1-00001, \d+ s$", deployed.stdout, re.MULTILINE)
    assert sorted(ready) == sorted(overlay(project, "engine").services)
    pins = dict(
        re.findall(r"name: (\S+), digest: \"(\S+)\"", (project / OVERLAY / "images/kustomization.yaml").read_text())
    )
    images = 'jsonpath={range .items[*]}{.metadata.name} {.spec.template.spec.containers[0].image}{"\\n"}{end}'
    running = engine.kubectl("-n", NAMESPACE, "get", "services.serving.knative.dev", "-o", images)
    assert dict(line.split() for line in running.splitlines()) == {
        name.rpartition("/")[2]: f"{name}@{digest}" for name, digest in pins.items()
    }
    assert [line.split()[0] for line in told(deployed.stdout)] == CHAIN
    assert re.search(r"taken after \d+\.\d s, ended well after \d+\.\d s: run \w+$", deployed.stdout)


@pytest.mark.usefixtures("deployed")
def test_commands_talk_to_a_cluster(renga: Renga, engine: Engine) -> None:
    """Runs, one run and one function, as on the laptop."""
    runs = json.loads(renga("runs", "--json").stdout)["runs"]
    assert {run["state"] for run in runs} == {"well"}
    shown = json.loads(renga("show", runs[-1]["run"], "--json").stdout)
    assert [entry["event"] for entry in steps(shown)] == [f"dev.renga.{event}.v1" for event in CHAIN]
    called = renga("invoke", "schema/parse", "-f", "examples/shop.sql", "--at", engine.functions)
    assert json.loads(called.stdout)["model"]["dialect"] == "postgres"


@pytest.mark.usefixtures("deployed")
def test_what_is_there_is_left_alone(renga: Renga) -> None:
    """Again without a change: nothing is applied anew, nothing becomes a new revision."""
    again = renga("deploy", "--overlay", "engine", "--no-build", "--no-smoke")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "  nothing: the cluster has it all\n" in again.stdout
    assert set(re.findall(r"ready \S+-(\d{5}),", again.stdout)) == {"00001"}


@pytest.fixture
def spoilt(project: Path, renga: Renga, deployed: CompletedProcess[str]) -> Iterator[None]:
    """The overlay with a setting that schema/validate cannot read; it is mended afterwards."""
    assert deployed.returncode == 0
    file = project / OVERLAY / "kustomization.yaml"
    text = file.read_text()
    patch = """
  - target: {group: serving.knative.dev, kind: Service, name: schema-validate}
    patch: |
      - op: add
        path: /spec/template/spec/containers/0/env/-
        value: {name: RENGA_MAX_REQUEST_BYTES, value: many}
"""
    file.write_text(text.rstrip() + patch)
    yield
    file.write_text(text)
    assert renga("deploy", "--overlay", "engine", "--no-build", "--no-smoke").returncode == 0


@pytest.mark.usefixtures("spoilt")
def test_a_revision_that_does_not_start_is_told(renga: Renga) -> None:
    """What Knative says, what the process said last, who goes on serving: and that one does."""
    done = renga("deploy", "--overlay", "engine", "--no-build", "--timeout", "5m")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "  changes Service functions/schema-validate\n" in done.stdout
    assert "      + - name: RENGA_MAX_REQUEST_BYTES\n" in done.stdout
    assert re.search(r"schema-validate +not ready schema-validate-00002\n", done.stdout)
    assert "Its process ended with status 1 (Error)" in done.stdout
    assert re.search(r"\| renga\.host: .*RENGA_MAX_REQUEST_BYTES='many'", done.stdout)
    assert "      schema-validate-00001 goes on serving.\n" in done.stdout
    assert "renga submit" not in done.stdout
    assert renga("submit", "examples/shop.sql").returncode == 0
