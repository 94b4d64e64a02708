"""Letters on their way: to whom, in what shape, and what the answers mean."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from renga.deadletters import PUBSUB, Failure, with_failure
from renga.desk.letter import Letter, Replayed, WholeLetter
from renga.desk.store import Store
from renga.sinks import sink_for
from renga.wire import WireEvent, decode
from renga_dev.dead.desk import DeskOnDisk
from renga_dev.dead.replay import NoWay, Result, Tally, Way, replay
from renga_events.envelope import Envelope
from scripted import Asked, Said, scripted

PARSE = "http://schema-parse.default.svc.cluster.local"
BROKER = "http://broker-ingress.knative-eventing.svc.cluster.local/default/default"
EVENT = {"ce-specversion": "1.0", "ce-id": "2", "ce-source": "/parse", "ce-type": "parsed.v1"}
RUNTIME = "http://127.0.0.1:8080"
TEMPLATE = "https://{service}.example.org"
IN_THE_WORLD = "https://schema-parse.example.org/"
SUBSCRIPTION = f"//{PUBSUB}/projects/p/subscriptions/schema-parse.x.v1"
ELSEWHERE = "http://schema-parse.shop.svc/in?x=1"


def letter(dest: str = PARSE, ce_type: str = "dev.renga.schema.submitted.v1", **fields: int) -> WholeLetter:
    """A letter."""
    envelope = Envelope("1", "/shop", ce_type, extensions={"correlationid": "r", "knativebrokerttl": 3})
    dead = with_failure(WireEvent(envelope, b'{"n": 1}'), Failure(dest, 500))
    return WholeLetter.of(dead, datetime.now(UTC)).model_copy(update=fields)


@pytest.mark.parametrize(
    ("dest", "way", "url", "host", "is_named"),
    [
        (PARSE, Way(runtime=RUNTIME), f"{RUNTIME}/", "schema-parse.default.svc.cluster.local", True),
        (ELSEWHERE, Way(runtime=RUNTIME), f"{RUNTIME}/in?x=1", "schema-parse.shop.svc.cluster.local", True),
        (PARSE, Way(functions=TEMPLATE), IN_THE_WORLD, None, True),
        (SUBSCRIPTION, Way(functions=TEMPLATE), IN_THE_WORLD, None, True),
        ("https://hooks.example.org/notify?x=1", Way(), "https://hooks.example.org/notify?x=1", None, False),
        (BROKER, Way(functions=TEMPLATE), IN_THE_WORLD, None, True),
    ],
)
def test_address(dest: str, way: Way, url: str, host: str | None, is_named: bool) -> None:
    """The function that failed: in a runtime, in a cluster, in the world; or the one that answered in vain."""
    assert way.address(letter(dest)) == (url, host, is_named)


@pytest.mark.parametrize(
    ("told", "way", "said"),
    [
        (letter(), Way(), "--to"),
        (letter(""), Way(runtime=RUNTIME), "does not say who"),
        (letter(BROKER, "unknown.v1"), Way(runtime=RUNTIME), "who answered is not known"),
        (letter(), Way(runtime=RUNTIME, everyone=True), "--broker"),
    ],
)
def test_no_way(told: WholeLetter, way: Way, said: str) -> None:
    """Where nothing leads there, what would help is said."""
    with pytest.raises(NoWay, match=said):
        way.address(told)


def sent(answer: Said, told: WholeLetter | None = None, *, with_broker: bool = True) -> tuple[Result, list[Asked]]:
    """Send a letter to a function that gives this answer; what came of it, and all that was asked."""
    asked: list[Asked] = []

    async def script(request: Asked) -> Said:
        asked.append(request)
        return Said(202, {}) if request.target == "/default/default" else answer

    async def story(url: str) -> Result:
        way = Way(runtime=url, broker=sink_for(f"{url}/default/default") if with_broker else None)
        try:
            return await way.send(told or letter())
        finally:
            await way.close()

    with scripted(script) as url:
        return asyncio.run(story(url)), asked


def test_what_is_sent() -> None:
    """The event with its identity and data, marked as a replay, without what went wrong; no reply is asked for."""
    result, [request] = sent(Said(204, {}), letter(replays=4))
    assert result == ("well", "it took it")
    event = decode(request.headers, request.body)
    assert (event.envelope.id, event.envelope.source, event.data) == ("1", "/shop", b'{"n": 1}')
    assert event.envelope.extensions == {"correlationid": "r", "replayof": letter().id, "rengareplays": "5"}
    assert request.headers["host"] == "schema-parse.default.svc.cluster.local"
    assert "prefer" not in request.headers


def test_who_is_told_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    """A token goes where the user says that the functions are, and never to an address that a letter brought."""
    monkeypatch.setenv("RENGA_TOKEN", "secret")
    asked: list[Asked] = []

    async def script(request: Asked) -> Said:
        asked.append(request)
        return Said(204, {})

    async def story(url: str) -> None:
        for way, told in ((Way(runtime=url), letter()), (Way(), letter(f"{url}/hook"))):
            assert (await way.send(told)).outcome == "well"
            await way.close()

    with scripted(script) as url:
        asyncio.run(story(url))
    assert [(request.target, request.headers.get("authorization")) for request in asked] == [
        ("/", "Bearer secret"),
        ("/hook", None),
    ]


def test_from_memory() -> None:
    """That the function did not handle it anew is told."""
    result, _ = sent(Said(204, {"idempotent-replayed": "true"}))
    assert (result.outcome, "handled this before" in result.said) == ("well", True)


def test_a_reply() -> None:
    """A function that replies all the same has its reply published."""
    result, [_, published] = sent(Said(200, EVENT | {"content-type": "application/json"}, b'{"m": 2}'))
    assert result.outcome == "well"
    assert (published.target, published.headers["ce-id"], published.body) == ("/default/default", "2", b'{"m": 2}')


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Said(422, {"content-type": "application/problem+json"}, b'{"detail": "No."}'), "it answered 422: No."),
        (Said(503, {}, b""), "it answered 503: status 503"),
        (Said(200, {"content-type": "text/plain"}, b"OK"), "it answered 200: answered 200 with a body that"),
        (Said(302, {}, b""), "it answered 302: status 302"),
    ],
)
def test_failed(answer: Said, said: str) -> None:
    """Whatever a Broker would count as a failure is one here, with the function's own sentence."""
    result, _ = sent(answer)
    assert result.outcome == "failed"
    assert result.said.startswith(said)


def test_a_reply_that_has_nowhere_to_go() -> None:
    """Without a Broker a reply would be lost: the replay failed."""
    result, _ = sent(Said(200, EVENT), with_broker=False)
    assert (result.outcome, "--broker" in result.said) == ("failed", True)


def test_nobody_there() -> None:
    """A function that cannot be reached failed again."""

    async def story() -> Result:
        return await Way(runtime="http://127.0.0.1:1").send(letter())

    assert asyncio.run(story()).outcome == "failed"


class Watched(DeskOnDisk):
    """A desk's store that also tells what it was asked to mark, in that order."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.marks: list[tuple[str, Replayed]] = []

    async def mark(self, letter: str, replay: Replayed) -> bool:
        """See Source."""
        self.marks.append((letter, replay))
        return await super().mark(letter, replay)


def test_one_after_the_other(tmp_path: Path) -> None:
    """Each is sent, marked and told of; one that has gone is left; a stop ends it after what is on its way."""
    database, heard = f"sqlite:///{tmp_path}/desk.db", list[str]()
    store = Store(database)
    a, b, c, d = (
        store.keep(letter(f"http://{name}.default.svc.cluster.local").event, datetime.now(UTC)) for name in "abcd"
    )
    store.close()
    source = Watched(database)

    async def script(request: Asked) -> Said:
        return Said(500 if request.headers["host"].startswith("a") else 204, {})

    async def story(url: str) -> tuple[Tally, list[Letter]]:
        stop = asyncio.Event()

        def tell(found: Letter, result: Result) -> None:
            heard.append(found.failure.service + " " + result.outcome)
            if found.id == c:
                stop.set()

        told = (await source.letters(None))[::-1]
        assert [each.id for each in told] == [a, b, c, d]
        assert await source.drop([b]) == 1
        way = Way(runtime=url)
        try:
            return await replay(told, source, way, pause_s=0.01, stop=stop, tell=tell), await source.letters(None)
        finally:
            await way.close()
            await source.close()

    with scripted(script) as url:
        tally, left = asyncio.run(story(url))
    assert heard == ["a failed", "c well"]
    assert tally == Tally(well=1, failed=1, left=2)
    assert [(marked, mark.number, mark.outcome) for marked, mark in source.marks] == [(a, 1, "failed"), (c, 1, "well")]
    assert {each.id: (each.replays, each.outcome) for each in left} == {a: (1, "failed"), c: (1, "well"), d: (0, None)}
