"""Plays a row against a base URL, and says what was otherwise than the row has it."""

import http.client
import itertools
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from contract.receiver import Heard, Receiver
from contract.rows import EVENT, Call, Reply, Row, Seen, Sent, ServingRow

PATIENCE_S = 60.0
"""For what must come."""
_ANSWER_S = 30.0
"""For an answer that may never end."""
QUIET_S = 0.5
"""After that: what comes still is too much."""

_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    took_s: float


@dataclass(frozen=True, slots=True)
class Engine:
    """Where Knative's contract is said to hold."""

    ingress: str
    """The base URL of the Brokers."""
    gateway: str
    """The base URL of the Services."""
    domain: str
    """A Service is called as `NAME.NAMESPACE.DOMAIN`."""
    namespace: str = "default"
    linger_s: float = 0.0
    """How long after its window a replica may still be there."""


def play(row: Row, engine: Engine, receiver: Receiver) -> list[str]:
    """Send what the row sends, wait for what it awaits; what was otherwise, sentence by sentence."""
    for name, answers in row.answers.items():
        receiver.script(f"{row.id}/{name}", tuple(answers))
    wrong: list[str] = []
    for number, sent in enumerate(row.send, start=1):
        if sent.after:
            _await(receiver, {f"{row.id}/{sent.after}": number - 1})
        path = sent.path.format(namespace=engine.namespace, broker=row.id)
        headers, body = _rendered(sent)
        answer = request(engine.ingress, sent.method, path, headers, body)
        wrong += [f"answer {number} {fault}" for fault in _against(sent.answered, answer)]
    _await(receiver, {f"{row.id}/{name}": seen.times for name, seen in row.seen.items()})
    time.sleep(QUIET_S)
    for name, seen in row.seen.items():
        wrong += [f"{name} {fault}" for fault in _as_seen(seen, receiver.heard(f"{row.id}/{name}"))]
    return wrong


def _await(receiver: Receiver, times: Mapping[str, int]) -> None:
    """Wait until each path was asked for so often, or for long enough."""
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline and any(len(receiver.heard(path)) < least for path, least in times.items()):
        time.sleep(0.02)


def play_calls(row: ServingRow, engine: Engine) -> list[str]:
    """Make the row's calls; what was otherwise, sentence by sentence."""
    wrong: list[str] = []
    host = f"{row.id}.{engine.namespace}.{engine.domain}"
    before: set[str] = set()
    for number, call in enumerate(row.calls, start=1):
        time.sleep(call.after_s + (engine.linger_s if call.asleep else 0.0))
        if not call.path:
            continue

        def one(_: int, call: Call = call) -> Answered:
            return request(engine.gateway, "GET", call.path, {"host": host} | call.headers, b"")

        deadline = time.monotonic() + PATIENCE_S
        while True:
            with ThreadPoolExecutor(call.times) as pool:
                answers = list(pool.map(one, range(call.times)))
            if not call.until or _statuses(answers) == call.statuses or time.monotonic() > deadline:
                break
        pids = {answer.headers["pid"] for answer in answers if "pid" in answer.headers}
        wrong += [f"call {number} {fault}" for fault in _as_called(call, answers, pids, before)]
        before = pids
    return wrong


def request(base: str, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answered:
    """One request on a connection of its own; an answer that does not come, or not whole, is the status 0."""
    address = urlsplit(base)
    connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=_ANSWER_S)
    began = time.monotonic()
    try:
        connection.request(method, path, body or None, dict(headers))
        response = connection.getresponse()
        given = {name.lower(): value for name, value in response.getheaders()}
        return Answered(response.status, given, response.read(), time.monotonic() - began)
    except (http.client.HTTPException, OSError) as error:
        return Answered(0, {}, repr(error).encode(), time.monotonic() - began)
    finally:
        connection.close()


def _rendered(sent: Sent) -> tuple[dict[str, str], bytes]:
    if sent.mode == "raw":
        return sent.headers, sent.data.encode()
    given = EVENT | {"id": f"event-{next(_numbers)}"} | sent.event
    attributes = {name: value for name, value in given.items() if value is not None}
    if sent.mode == "structured":
        whole = attributes | {"data": json.loads(sent.data)}
        return {"content-type": "application/cloudevents+json"} | sent.headers, json.dumps(whole).encode()
    headers = {f"ce-{name}": str(value) for name, value in attributes.items()}
    return headers | {"content-type": "application/json"} | sent.headers, sent.data.encode()


def _against(wanted: Reply, answer: Answered) -> Iterable[str]:
    if answer.status != wanted.status:
        yield f"is {answer.status} {answer.body[:200]!r}, not {wanted.status}"
    yield from _headers(wanted.headers, answer.headers)
    yield from _text("the body", wanted.body, answer.body)
    yield from _within("took", wanted.took_s, answer.took_s)


def _as_seen(seen: Seen, heard: list[Heard]) -> Iterable[str]:
    if len(heard) != seen.times:
        yield f"heard {len(heard)} times, not {seen.times}"
    for wanted, (earlier, later) in zip(seen.waits_s, itertools.pairwise(heard), strict=False):
        yield from _within("waited", wanted, later.at - earlier.at)
    for each in heard:
        yield from _headers(seen.headers, each.headers)
        yield from _text("the body", seen.body, each.body)
    ids = [each.headers.get("ce-id") for each in heard]
    if seen.order and ids != seen.order:
        yield f"heard {ids}, not {seen.order}"


def _as_called(call: Call, answers: list[Answered], pids: set[str], before: set[str]) -> Iterable[str]:
    statuses = _statuses(answers)
    if statuses != call.statuses:
        yield f"has {statuses}, not {call.statuses}: {answers[0].body[:300]!r}"
        return
    yield from _within("took", call.took_s, max(answer.took_s for answer in answers))
    if call.looks:
        found = json.loads(answers[0].body)
        for path, wanted in call.looks.items():
            yield from _text(path, wanted, _at(found, path))
            if wanted is None and _at(found, path) is not None:
                yield f"{path} is {_at(found, path)!r}, and should not be there"
    yield from _text("the body", call.body, answers[0].body)
    right: Callable[[], bool] = {
        None: lambda: True,
        "same": lambda: pids == before,
        "other": lambda: not pids & before,
        "several": lambda: len(pids) > 1,
    }[call.process]
    if not right():
        yield f"was answered by {sorted(pids)}, the one before by {sorted(before)}; it should be {call.process}"


def _statuses(answers: list[Answered]) -> dict[int, int]:
    return dict(Counter(answer.status for answer in answers))


def _at(found: Any, path: str) -> str | None:
    for part in path.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    return None if found is None else str(found)


def _headers(wanted: Mapping[str, str | None], found: Mapping[str, str]) -> Iterable[str]:
    for name, value in wanted.items():
        if value is None and name in found:
            yield f"has the header {name}: {found[name]}"
        yield from _text(f"the header {name}", value, found.get(name))


def _text(what: str, wanted: str | None, found: str | bytes | None) -> Iterable[str]:
    text = found.decode(errors="replace") if isinstance(found, bytes) else found
    if wanted is None:
        return
    if len(wanted) > 1 and wanted.startswith("/") and wanted.endswith("/"):
        if text is None or not re.fullmatch(wanted[1:-1], text, re.DOTALL):
            yield f"{what} is {text!r}, not like {wanted}"
    elif text != wanted:
        yield f"{what} is {text!r}, not {wanted!r}"


def _within(what: str, wanted: tuple[float, float] | None, found: float) -> Iterable[str]:
    if wanted is not None and not wanted[0] <= found <= wanted[1]:
        yield f"{what} {found:.2f} s, not {wanted[0]:g} to {wanted[1]:g}"
