"""The main job, end to end, through functions that were asleep."""

import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from laptop import CHAIN, Laptop, steps

TARGETS = ("postgres", "mysql", "sqlite", "markdown")


def types(run: dict[str, Any]) -> list[str]:
    """The short names of what was said in a run, in order."""
    return [entry["event"].split(".")[-2] for entry in steps(run) if entry["outcome"] == "done"]


def test_the_shop(laptop: Laptop, repository: Path, tmp_path: Path) -> None:
    """shop.sql goes in, and its documents for every target come out; the SQLite one is a database."""
    arguments = ("submit", "examples/shop.sql", "--to", ",".join(TARGETS), "--out", str(tmp_path))
    done = laptop.renga(*arguments)
    assert done.returncode == 0, done.stdout + done.stderr
    written = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert len(written) == len(TARGETS)
    database = sqlite3.connect(":memory:")
    database.executescript(next(text for name, text in written.items() if "sqlite" in name))
    tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    database.close()
    assert {"customer", "order", "order_line", "payment"} <= tables
    assert "erDiagram" in next(text for name, text in written.items() if name.endswith(".md"))
    assert (repository / "examples/shop.sql").is_file()


def test_the_timeline(laptop: Laptop, repository: Path) -> None:
    """A run says each event once, in the order of the chain, by the function that owes it."""
    run = laptop.ended(laptop.submit((repository / "examples/shop.sql").read_text(), name="shop.sql"))
    assert run["state"] == "well"
    assert run["awaited"] == []
    assert types(run) == list(CHAIN)
    functions = [entry["function"] for entry in steps(run)]
    assert functions == ["schema/submit", "schema/parse", "schema/validate", "schema/generate"]
    shown = laptop.renga("show", run["run"])
    assert shown.returncode == 0
    assert all(name in shown.stdout for name in functions)


def test_a_rejected_design(laptop: Laptop, tmp_path: Path) -> None:
    """A broken design ends rejected, exit status 1, with file, line, column and the line itself."""
    broken = tmp_path / "broken.sql"
    broken.write_text("CREATE TABLE a (id int PRIMARY KEY,\n  b int REFERENCES nowhere (id)\n);\n")
    done = laptop.renga("submit", str(broken), "--dialect", "postgres")
    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert "broken.sql:2:" in told
    assert "REFERENCES nowhere" in told


def test_for_machines(laptop: Laptop, tmp_path: Path) -> None:
    """With --json there is one JSON object and nothing else on standard output."""
    done = laptop.renga("submit", "examples/shop.sql", "--to", "markdown", "--out", str(tmp_path), "--json")
    assert done.returncode == 0
    (run,) = json.loads(done.stdout)["runs"]
    assert run["state"] == "well"


def test_misuse(laptop: Laptop) -> None:
    """An unknown target or a missing file is exit status 2 with a hint."""
    done = laptop.renga("submit", "examples/shop.sql", "--to", "postgress")
    assert done.returncode == 2
    assert "postgres" in done.stderr
    assert laptop.renga("submit", "no-such-file.sql").returncode == 2


def test_plain_http(laptop: Laptop) -> None:
    """One function by curl: plain JSON or text in, plain JSON out."""
    body = json.dumps({"text": "CREATE TABLE t (id int PRIMARY KEY);", "dialect": "sqlite"}).encode()
    status, _, answer = laptop.post("/schema/parse", body, content_type="application/json")
    assert status == 200
    assert json.loads(answer)["model"]["tables"][0]["name"] == "t"
    path = "/schema/parse?dialect=mysql"
    status, _, answer = laptop.post(path, b"CREATE TABLE `x` (`id` int);", content_type="text/plain")
    assert json.loads(answer)["model"]["tables"][0]["name"] == "x"


def test_an_event_from_outside(laptop: Laptop) -> None:
    """A CloudEvent that anybody publishes to the Broker begins a run."""
    headers = {"ce_specversion": "1.0", "ce_id": "outside-1", "ce_source": "/test", "content_type": "application/json"}
    data = b'{"text": "CREATE TABLE t (id int PRIMARY KEY);", "targets": ["sqlite"]}'
    status, _, _ = laptop.post("/default/default", data, ce_type="dev.renga.schema.submitted.v1", **headers)
    assert status == 202
    assert laptop.ended("outside-1")["state"] == "well"


def test_pagila(laptop: Laptop, shared_material: Path, tmp_path: Path) -> None:
    """A real dump ends well, with every statement in the model, kept, noted, or in the ledger of losses."""
    dump = shared_material / "corpus" / "large" / "pagila.sql"
    done = laptop.renga("submit", str(dump), "--to", "postgres,sqlite,markdown", "--out", str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    status, _, answer = laptop.post("/schema/parse", dump.read_bytes(), content_type="text/plain")
    assert status == 200
    statements = Counter(json.loads(answer)["statements"])
    total = statements.pop("total")
    assert statements.total() == total > 300
    assert statements["failed"] == 0


@pytest.mark.timeout(600)
def test_the_whole_corpus(laptop: Laptop, shared_material: Path) -> None:
    """Every real schema ends in a result or a clear rejection; nothing hangs and nothing falls over."""
    files = sorted((shared_material / "corpus").rglob("*.sql"))
    assert files
    runs = {}
    for path in files:
        text = path.read_bytes().decode("utf-8-sig", errors="replace").replace("\x00", "")
        runs[path.name] = laptop.submit(text, name=path.name)
    for name, run in runs.items():
        said = laptop.ended(run, timeout_s=120)
        assert said["state"] in {"well", "rejected"}, (name, said)
        attempts = [entry["attempt"] for entry in said["timeline"] if entry["attempt"]]
        assert set(attempts) == {1}, (name, said)
    assert laptop.alive()
