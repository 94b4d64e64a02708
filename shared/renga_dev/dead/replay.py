"""Sends letters again: straight to the function that failed, or to everybody who consumes the event's type.

Straight is the rule, because a Broker or a topic would wake every consumer of the type once more. The others answer
from their memory, as long as they remember; after that they would act twice. What the function answers goes on as
always: it publishes to its own sink, since no reply is asked for, and one that has none replies, which is then
published here.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple
from urllib.parse import urlsplit

from renga.app import FROM_MEMORY
from renga.deadletters import PUBSUB, REPLAY_OF, REPLAYS, Failure, original
from renga.desk.letter import Letter, Outcome, Replayed, WholeLetter
from renga.fates import Retry
from renga.http.client import Client, Response
from renga.sinks import Sink
from renga.wire import WireEvent, encode_binary
from renga_dev.dead.source import Source
from renga_dev.endpoint import SERVICE, authorization, detail
from renga_dev.eventing.outcome import Taken, read_answer
from renga_events.chain import consumers
from renga_events.envelope import AttributeValue

_CLUSTER = "svc.cluster.local"
_TIMEOUT_S = 600.0
"""As long as a Service may take at most."""


class NoWay(ValueError):  # noqa: N818 - says what is the case
    """A letter that cannot be sent so; the message says why and what would help."""


class Address(NamedTuple):
    """Where a request goes."""

    url: str
    host: str | None = None
    """The Host header, where one port serves many Services."""
    is_named: bool = True
    """Whether the user named it; else the letter did."""

    def __str__(self) -> str:
        """As people read it."""
        return f"{self.host} at {self.url}" if self.host else self.url


class Result(NamedTuple):
    """What came of one sending."""

    outcome: Outcome
    said: str


@dataclass(slots=True)
class Way:
    """How letters are sent.

    Attributes:
        runtime: the URL of a runtime, which finds its Services by Host as a cluster's gateway does.
        functions: in its place, an address with `{service}` in it.
        broker: where events go that functions reply with, and all letters where `everyone` gets them again.
        everyone: whether the consumers of the type get them, and not only the function that failed.
    """

    runtime: str | None = None
    functions: str | None = None
    broker: Sink | None = None
    everyone: bool = False
    _client: Client = field(default_factory=Client)

    def address(self, letter: Letter) -> Address | None:
        """Where a letter will go; None: to everyone.

        Raises:
            NoWay: nothing leads there.
        """
        if self.everyone:
            if self.broker is None:
                raise NoWay("--everyone needs to know where events go: name it with --broker URL.")
            return None
        failure = letter.failure
        service, namespace, path = _service(letter, failure)
        if service is None:
            return Address(failure.dest, is_named=False)
        if self.functions is not None:
            return Address(self.functions.replace(SERVICE, service).rstrip("/") + path)
        if self.runtime is not None:
            return Address(self.runtime + path, f"{service}.{namespace}.{_CLUSTER}")
        raise NoWay(
            f"{service} cannot be reached from here: start `renga up`; or say where the functions are, such as with"
            f" --to https://{SERVICE}.example.org; or let every consumer of the type have it again with --everyone."
        )

    async def send(self, letter: WholeLetter) -> Result:
        """Send a letter's event again.

        Raises:
            NoWay: as `address` does.
        """
        address = self.address(letter)
        event = again(letter)
        if address is None:
            return await self._publish(event, "sent", "every consumer of its type gets it again")
        headers, body = encode_binary(event)
        if address.host:
            headers.append(("host", address.host))
        if address.is_named:
            headers += authorization()
        try:
            answer = await self._client.request("POST", address.url, headers=headers, body=body, timeout_s=_TIMEOUT_S)
        except (ConnectionError, TimeoutError) as error:
            return Result("failed", str(error) or f"no answer within {_TIMEOUT_S:g} s")
        return await self._read(answer)

    async def close(self) -> None:
        """Let go of connections."""
        self._client.close()
        if self.broker is not None:
            await self.broker.close()

    async def _read(self, answer: Response) -> Result:
        """What an answer means, by the rules of a Broker."""
        read = read_answer(answer, replies=True)
        if not isinstance(read, Taken):
            said = detail(answer) if read.status == answer.status else read.error
            return Result("failed", f"it answered {answer.status}: {said}")
        name, value = FROM_MEMORY
        said = (
            "it had handled this before and answered the same again" if answer.header(name) == value else "it took it"
        )
        return Result("well", said) if read.reply is None else await self._publish(read.reply, "well", said)

    async def _publish(self, event: WireEvent, outcome: Outcome, said: str) -> Result:
        if self.broker is None:
            return Result("failed", f"it answered {event.envelope.type}, which has nowhere to go: name the --broker")
        try:
            await self.broker.publish(event)
        except (Retry, ValueError) as error:
            return Result("failed", str(error))
        return Result(outcome, said)


def again(letter: WholeLetter) -> WireEvent:
    """The event of a letter as it is sent again: with its identity, without what went wrong, marked as a replay."""
    event = original(letter.event)
    marks: dict[str, AttributeValue] = {REPLAY_OF: letter.id, REPLAYS: letter.replays + 1}
    extensions = {**event.envelope.extensions, **marks}
    return event._replace(envelope=replace(event.envelope, extensions=extensions))


def _service(letter: Letter, failure: Failure) -> tuple[str | None, str, str]:
    """Service, namespace and path of the function that failed; no Service where it is an address in the world.

    Raises:
        NoWay: the letter does not say who it was.
    """
    parts = urlsplit(failure.dest)
    if failure.is_of_answer:
        takers = list(consumers(letter.envelope.type))
        if len(takers) != 1:
            raise NoWay(f"It was an answer to {letter.id} that the Broker did not take, and who answered is not known.")
        return takers[0].replace("/", "-"), "default", "/"
    if parts.hostname == PUBSUB:
        return failure.service, "default", "/"
    if not parts.hostname or not parts.scheme.startswith("http"):
        raise NoWay(f"{letter.id} does not say who did not take it: send it to --everyone.")
    labels = parts.hostname.split(".")
    if labels[2:3] == ["svc"]:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        return labels[0], labels[1], path
    return None, "", ""


@dataclass(slots=True)
class Tally:
    """What was done so far."""

    well: int = 0
    failed: int = 0
    sent: int = 0
    left: int = 0
    """Not sent: it was stopped before, or the letter had gone."""
    unmarked: int = 0
    """Taken, but where the letter is there is no place to say so."""


async def replay(
    letters: Sequence[Letter],
    source: Source,
    way: Way,
    *,
    pause_s: float,
    stop: asyncio.Event,
    tell: Callable[[Letter, Result], None],
) -> Tally:
    """Send letters one after the other and mark each; what is on its way when it is stopped is finished.

    Args:
        letters: in the order in which they are sent.
        source: where they are.
        way: how they are sent.
        pause_s: from one start to the next at least (seconds).
        stop: set, no further one is sent.
        tell: is told of each result.
    """
    tally, loop = Tally(left=len(letters)), asyncio.get_running_loop()
    due = loop.time()
    for letter in letters:
        if await _stopped(stop, due - loop.time()):
            break
        due = max(due, loop.time()) + pause_s
        whole = await source.letter(letter.id)
        if whole is None:
            continue
        number = letter.replays + 1
        if way.everyone:
            # Before it is sent: it may be back as a dead letter before we could say that it was.
            await source.mark(letter.id, Replayed(number=number, outcome="sent"))
        try:
            result = await way.send(whole)
        except NoWay as error:
            result = Result("failed", str(error))
        if result.outcome != "sent":
            marked = await source.mark(letter.id, Replayed(number=number, outcome=result.outcome, said=result.said))
            tally.unmarked += result.outcome == "well" and not marked
        tally.left -= 1
        setattr(tally, result.outcome, getattr(tally, result.outcome) + 1)
        tell(letter, result)
    return tally


async def _stopped(stop: asyncio.Event, after_s: float) -> bool:
    """Whether it was stopped within so many seconds."""
    if after_s > 0:
        try:
            await asyncio.wait_for(stop.wait(), after_s)
        except TimeoutError:
            return False
    return stop.is_set()
