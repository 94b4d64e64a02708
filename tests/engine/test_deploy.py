"""`renga deploy`, and the commands that talk to what it deployed, on a real Knative."""

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest

from engine import NAMESPACE, Engine, Renga
from laptop import Laptop, steps
from renga_dev.deploy.overlay import overlay

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]

OVERLAY = Path("knative/overlays/engine")
CHAIN = ["schema.submitted", "schema.parsed", "schema.validated", "schema.generated"]
ASLEEP_S = 120


def asleep(engine: Engine) -> None:
    """Wait until no function has a pod; what stays is none."""
    until = time.monotonic() + ASLEEP_S
    functions = ("-l", "serving.knative.dev/service!=platform-inference")
    while engine.kubectl("-n", NAMESPACE, "get", "pods", *functions, "-o", "name").strip():
        assert time.monotonic() < until, f"functions are awake after {ASLEEP_S} s"
        time.sleep(1)


def told(output: str) -> list[str]:
    """The events of a run with how their functions were found, as they were printed; not what was said beside it."""
    found = re.findall(r"^ +(schema\.\w+) +schema/\w+ +(cold|warm)", output, re.MULTILINE)
    return [f"{event} {start}" for event, start in found if event != "schema.related"]


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


def without_times(shown: str) -> dict[str, Any]:
    """What the ledger tells of a run, without what differs between two runs of the same."""
    run = json.loads(shown)
    entries = [{key: entry[key] for key in ("event", "function", "attempt", "outcome")} for entry in steps(run)]
    return {"state": run["state"], "subject": run["subject"], "timeline": entries}


@pytest.fixture(params=["shop", "pagila"])
def design(request: pytest.FixtureRequest, repository: Path) -> Path:
    """A small design and a real one, whose events are too large for a broker and go by claim check."""
    if request.param == "shop":
        return repository / "examples/shop.sql"
    shared: Path = request.getfixturevalue("shared_material")
    return shared / "corpus/large/pagila.sql"


@pytest.mark.usefixtures("deployed")
def test_the_chain_from_zero(renga: Renga, engine: Engine, design: Path, tmp_path: Path) -> None:
    """Every function sleeps and is woken by its event; documents and ledger say what they say on the laptop."""
    asleep(engine)
    submit = ("submit", str(design), "--to", "postgres,markdown", "--out")
    done = renga(*submit, str(tmp_path / "engine"))
    assert done.returncode == 0, done.stdout + done.stderr
    assert told(done.stderr + done.stdout) == [f"{event} cold" for event in CHAIN]
    laptop = Laptop(tmp_path / "state").up()
    try:
        same = laptop.renga(*submit, str(tmp_path / "laptop"))
        assert same.returncode == 0, same.stdout + same.stderr
        there = without_times(laptop.renga("show", "--json").stdout)
    finally:
        assert laptop.down() == 0
    assert without_times(renga("show", "--json").stdout) == there
    for name in ("postgres.sql", "schema.md"):
        assert (tmp_path / "engine" / name).read_bytes() == (tmp_path / "laptop" / name).read_bytes()


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
