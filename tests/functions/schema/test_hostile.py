"""Input that means harm: each gets its status and one paragraph, and everything lives on."""

import json

import pytest

from laptop import Laptop, steps

BINARY = {"ce_specversion": "1.0", "ce_id": "h", "ce_source": "/hostile", "content_type": "application/json"}
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + level)}: &{chr(98 + level)} [{', '.join(['*' + chr(97 + level)] * 9)}]\n" for level in range(9)
)


@pytest.fixture(autouse=True)
def everything_lives(laptop: Laptop) -> object:
    """After each test the runtime answers as before and a sane design still ends well."""
    yield
    assert laptop.alive()
    assert laptop.ended(laptop.submit("CREATE TABLE sane (id int PRIMARY KEY);", targets=["sqlite"]))["state"] == "well"


def rejected(laptop: Laptop, text: str, **fields: object) -> str:
    """Submit and expect a rejection; its diagnostics' sentences."""
    run = laptop.ended(laptop.submit(text, **fields))
    assert run["state"] == "rejected", run
    last = steps(run)[-1]
    _, event = laptop.get(f"/platform/ledger/runs/{run['run']}/events/{last['id']}")
    sentences = [diagnostic["message"] for diagnostic in event["data"]["diagnostics"]]
    assert sentences
    assert all(len(sentence) < 1000 for sentence in sentences)
    return " ".join(sentences)


def test_not_utf8(laptop: Laptop) -> None:
    """Bytes that are no text are refused at the door, with where they stop being text."""
    status, _, answer = laptop.post("/schema/submit", b"CREATE TABLE \xff\xfe (id int);", content_type="text/plain")
    assert status == 422
    assert b"not UTF-8" in answer


def test_a_byte_order_mark(laptop: Laptop) -> None:
    """A byte-order mark is no part of the design."""
    body = b"\xef\xbb\xbfCREATE TABLE t (id int PRIMARY KEY);"
    status, headers, _ = laptop.post("/schema/submit?targets=sqlite,markdown", body, content_type="text/plain")
    assert status == 200
    assert laptop.ended(headers["renga-run"])["state"] == "well"


def test_fifty_megabytes(laptop: Laptop) -> None:
    """A design of 50 MB is refused with the limit; one of 80 MB does not even get in."""
    line = "INSERT INTO t VALUES (1, 'some text that stands for data');\n"
    assert "at most 32 MiB" in rejected(laptop, line * (50_000_000 // len(line)))
    status, _, answer = laptop.post("/schema/submit", b"x" * 80_000_000, content_type="text/plain")
    assert status == 413
    assert b"bytes" in answer


def test_a_yaml_bomb(laptop: Laptop) -> None:
    """Aliases that would unfold to gigabytes are refused before they do."""
    assert rejected(laptop, BOMB, format="yaml")


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE t (a int DEFAULT " + "(" * 50_000 + "1" + ")" * 50_000 + ");",
        "[" * 100_000,
        "CREATE TABLE t (a int CHECK (" + "NOT " * 20_000 + "true));",
    ],
    ids=["parentheses", "brackets", "operators"],
)
def test_deep_nesting(laptop: Laptop, text: str) -> None:
    """Nesting without end is a diagnostic, not a stack overflow."""
    run = laptop.ended(laptop.submit(text))
    assert run["state"] in {"rejected", "well"}
    assert [entry["attempt"] for entry in run["timeline"]] == [1] * len(run["timeline"])


def test_a_nul_byte(laptop: Laptop) -> None:
    """A NUL byte is named with its place."""
    assert "NUL" in rejected(laptop, "CREATE TABLE t (id int);\x00 more")


@pytest.mark.parametrize("text", ["", "   \n", "-- nothing but a comment"])
def test_nothing_at_all(laptop: Laptop, text: str) -> None:
    """An empty design is rejected as such."""
    assert rejected(laptop, text)


def test_an_unknown_type(laptop: Laptop) -> None:
    """An event that nobody takes is accepted by the Broker, kept by the ledger, and begins nothing."""
    status, _, _ = laptop.post("/default/default", b"{}", **BINARY, ce_type="org.example.unknown")
    assert status == 202
    status, _, answer = laptop.post("/schema/parse", b"{}", **BINARY, ce_type="org.example.unknown")
    assert status == 422
    assert b"dev.renga.schema.submitted.v1" in answer


@pytest.mark.parametrize("path", ["/default/default", "/schema/parse"])
def test_events_that_are_none(laptop: Laptop, path: str) -> None:
    """A lying content type or a missing id is 400 with a sentence, at the Broker and at a function."""
    lying = laptop.post(path, b"CREATE TABLE t (id int);", content_type="application/cloudevents+json")
    assert lying[0] == 400
    headers = {name: value for name, value in BINARY.items() if name != "ce_id"}
    missing = laptop.post(path, b"{}", **headers, ce_type="dev.renga.schema.submitted.v1")
    assert missing[0] == 400
    assert b"id" in missing[2]
    assert all(len(answer[2]) <= 768 for answer in (lying, missing))


def test_data_of_the_wrong_shape(laptop: Laptop) -> None:
    """An event whose data breaks its type becomes a dead letter, and its run ends failed with the reason."""
    data = json.dumps({"text": 7}).encode()
    headers = BINARY | {"ce_id": "wrong-shape"}
    assert laptop.post("/default/default", data, **headers, ce_type="dev.renga.schema.submitted.v1")[0] == 202
    run = laptop.ended("wrong-shape")
    assert run["state"] == "failed"
    assert any("text: input should be a valid string" in (entry["error"] or "") for entry in run["timeline"])
