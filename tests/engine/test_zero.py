"""The chain from zero, last of all: functions fall asleep while the other tests of a cluster run."""

import json
from pathlib import Path
from typing import Any

import pytest

from engine import NAMESPACE, Engine, Renga
from engine_chain import CHAIN, told
from engine_services import SERVICE, until
from laptop import Laptop, steps

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

ASLEEP_S = 400


def asleep(engine: Engine) -> None:
    """Wait until no function has a pod; what stays is none."""
    pods = ("-n", NAMESPACE, "get", "pods", "-l", f"{SERVICE}!=platform-inference", "-o", "name")
    until(lambda: not engine.kubectl(*pods).strip(), "functions are asleep", ASLEEP_S, every_s=1)


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
