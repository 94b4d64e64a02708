"""schema/relate under its real host, with a real inference service, without one, and with one that fails."""

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from contract.receiver import Answer, receiving
from hosts import HOSTS, Hosted, free_port, launch
from inference_server import InferenceServer, started
from links_model import write_links
from renga_events.schema import SchemaParsed, SchemaRelated
from renga_schema import read

SQL = """
CREATE TABLE customer (id int PRIMARY KEY, name text);
CREATE TABLE product (id int PRIMARY KEY);
CREATE TABLE sale (id int PRIMARY KEY, customer_id int NOT NULL, product_id int REFERENCES product (id));
"""
TABLES = [f"{first}o{second}i" for first, second in itertools.product("bdfghjklmnprst", repeat=2)]
Relate = Callable[..., Hosted]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InferenceServer]:
    """The inference service with a model `links`."""
    folder = tmp_path_factory.mktemp("service")
    write_links(folder / "models", version="3")
    with started(folder / "models", folder / "log") as running:
        running.until_ready()
        yield running


@pytest.fixture
def relate(repository: Path, tmp_path: Path) -> Iterator[Relate]:
    """Start the function; `url` is where it finds inference."""
    running: list[Hosted] = []

    def start(url: str = "", **env: str) -> Hosted:
        given = {"SCHEMA_RELATE_INFERENCE_URL": url, **env}
        hosted = launch(HOSTS["slim"], repository / "functions/schema/relate", tmp_path, tmp_path / "log", **given)
        running.append(hosted)
        hosted.until_ready()
        return hosted

    yield start
    for hosted in running:
        assert hosted.stop() == 0


def parsed(sql: str | bytes = SQL) -> bytes:
    """The data of a parsed design."""
    reading = read(sql)
    return SchemaParsed(schema_id="shop", name="shop.sql", model=reading.schema).to_json()


def related(hosted: Hosted, data: bytes) -> SchemaRelated:
    """What the function answers to a parsed design."""
    answer = hosted.deliver(data, type=SchemaParsed.ce_type)
    assert (answer.status, answer.headers.get("ce-type")) == (200, SchemaRelated.ce_type), answer
    return SchemaRelated.from_json(answer.body)


def told(event: SchemaRelated) -> list[tuple[str, ...]]:
    """The proposals in short."""
    return [(str(one.table), *one.columns, str(one.target), *one.target_columns) for one in event.proposals]


def test_the_model_proposes(relate: Relate, service: InferenceServer) -> None:
    """What nobody declared has a probability and reasons; what is declared is left alone; the version is named."""
    event = related(relate(service.url), parsed())
    assert told(event) == [("sale", "customer_id", "customer", "id")]
    (one,) = event.proposals
    assert one.probability == pytest.approx(0.982, abs=0.001)
    assert "the name's stem 'customer' is the table customer" in one.reasons
    assert (event.found_by, event.model, event.version, event.because) == ("model", "links", "3", None)
    assert (event.schema_id, event.name) == ("shop", "shop.sql")
    (finding,) = event.findings
    assert (finding.code, finding.object) == ("DSN-FK-MISSING", "sale.customer_id")
    assert "with a probability of 98%" in finding.message


def test_without_an_address_rules_answer(relate: Relate) -> None:
    """They know no degrees, and the event says why it was they."""
    event = related(relate(), parsed())
    assert told(event) == [("sale", "customer_id", "customer", "id")]
    (one,) = event.proposals
    assert (one.probability, one.reasons) == (None, ("the column is named after the table customer",))
    assert (event.found_by, event.model, event.version) == ("rules", None, None)
    assert event.because == "SCHEMA_RELATE_INFERENCE_URL names no inference service."


def test_while_the_service_is_away_rules_answer(relate: Relate) -> None:
    """The event says so; a design without a candidate needs no service, and has the model's answer: none."""
    hosted = relate(f"http://127.0.0.1:{free_port()}")
    event = related(hosted, parsed())
    assert (told(event), event.found_by) == ([("sale", "customer_id", "customer", "id")], "rules")
    assert "is away: Cannot connect" in str(event.because)
    lone = related(hosted, parsed("CREATE TABLE lone (id int PRIMARY KEY);"))
    assert (lone.proposals, lone.found_by, lone.version, lone.because) == ((), "model", None, None)


def test_the_service_is_told_numbers_and_not_waited_for_without_end(relate: Relate) -> None:
    """No name goes out; where the service fails or says nothing, the rules answer, with what it said."""
    path = "v2/models/links/infer"
    with receiving() as receiver:
        hosted = relate(receiver.url, SCHEMA_RELATE_PATIENCE_S="8")
        receiver.script(path, (Answer(status=500, body='{"error": "Out of order."}'),))
        failed = related(hosted, parsed())
        (asked,) = receiver.heard(path)
        receiver.script(path, (Answer(delay_s=60),))
        # What the first call imports is there: all of its patience is for the service.
        silent = related(hosted, parsed())
    assert (failed.found_by, failed.because) == ("rules", "Out of order.")
    header = json.loads(asked.body[: int(asked.headers["inference-header-content-length"])])
    assert [given["name"] for given in header["inputs"]] == ["features"]
    assert not any(name in asked.body for name in (b"customer", b"sale", b"product", b"shop"))
    assert silent.found_by == "rules"
    assert "did not answer within" in str(silent.because)


def test_hundreds_of_tables(relate: Relate, service: InferenceServer) -> None:
    """They are asked about in parts, within the memory that the function's manifest gives it."""
    sql = "".join(
        f"CREATE TABLE {name} (id int PRIMARY KEY, {other}_id int, a_id int, b_id int);\n"
        for name, other in itertools.pairwise([*TABLES, TABLES[0]])
    )
    hosted = relate(service.url)
    event = related(hosted, parsed(sql))
    assert (event.found_by, event.because) == ("model", None)
    assert len(event.proposals) == len(TABLES) == 196
    assert peak_bytes(hosted) < 512 * 1024**2


def peak_bytes(hosted: Hosted) -> int:
    """The most memory that a process had."""
    lines: dict[str, Any] = dict(
        line.split(":", 1) for line in Path(f"/proc/{hosted.process.pid}/status").read_text().splitlines()
    )
    return int(lines["VmHWM"].split()[0]) * 1024
