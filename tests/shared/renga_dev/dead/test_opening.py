"""What a user names, and what follows from it."""

import asyncio
from pathlib import Path

import pytest

from renga_dev import endpoint
from renga_dev.dead.opening import Opened, Place, opened
from renga_dev.endpoint import NoRuntime, Refused
from scripted import Asked, Said, scripted


def found(place: Place) -> Opened:
    """Open and close it."""

    async def story() -> Opened:
        there = await opened(place)
        await there.source.close()
        return there

    return asyncio.run(story())


@pytest.fixture(autouse=True)
def _nothing_runs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("RENGA_URL", raising=False)
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("url", "runtime", "functions", "broker"),
    [
        ("https://platform-deadletter.default.example.org/", None, "https://{service}.default.example.org", None),
        ("https://desk.example.org", None, None, None),
        ("http://far:8080/platform/deadletter", "http://far:8080", None, "http://far:8080/default/default"),
    ],
)
def test_a_desk(url: str, runtime: str | None, functions: str | None, broker: str | None) -> None:
    """From the address of a desk follows where its functions are, where addresses are as Knative makes them."""
    assert found(Place(url))[1:] == (runtime, functions, broker)


def test_a_subscription(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is said goes back to its project; functions are those of a runtime, if one is named."""
    monkeypatch.setenv("PUBSUB_EMULATOR_HOST", "127.0.0.1:1")
    assert found(Place("pubsub://shop/dead"))[1:] == (None, None, "pubsub://shop")
    assert found(Place("pubsub://shop/dead", at="http://here:1/"))[1] == "http://here:1"


def test_a_runtime_that_is_named_must_be_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """By option or by variable: its letters are not looked for elsewhere."""
    with pytest.raises(NoRuntime):
        found(Place(at="http://127.0.0.1:1"))
    monkeypatch.setenv("RENGA_URL", "http://127.0.0.1:1")
    with pytest.raises(NoRuntime):
        found(Place())


def test_something_else_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a runtime would be by default: then none runs, and the state folder is looked into."""

    async def script(_: Asked) -> Said:
        return Said(200, {"content-type": "text/html"}, b"hello")

    with scripted(script) as url:
        monkeypatch.setattr(endpoint, "DEFAULT_URL", url)
        assert "the state in" in found(Place()).source.name
        with pytest.raises(Refused):
            found(Place(at=url))


@pytest.mark.parametrize(
    ("to", "runtime", "functions"),
    [(None, "a", "b"), ("https://{service}.org", None, "https://{service}.org"), ("http://x:1/", "http://x:1", None)],
)
def test_ways(tmp_path: Path, to: str | None, runtime: str | None, functions: str | None) -> None:
    """What is given for sending wins over what follows from the place."""
    there = found(Place(state=tmp_path))._replace(runtime="a", functions="b")
    way = there.way(to=to, broker=None, everyone=False)
    assert (way.runtime, way.functions, way.broker) == (runtime, functions, None)


@pytest.mark.parametrize(("to", "broker"), [("pubsub://shop", None), (None, "amqp://x"), (None, "pubsub://")])
def test_no_ways(tmp_path: Path, to: str | None, broker: str | None) -> None:
    """What is no address is refused."""
    with pytest.raises(ValueError, match=r"use http://|http or https URL"):
        found(Place(state=tmp_path)).way(to=to, broker=broker, everyone=False)
