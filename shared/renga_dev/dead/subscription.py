"""The letters in a Pub/Sub subscription to the dead-letter topic: pulled to be seen, acknowledged to be dropped."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from renga.desk.letter import Letter, Replayed, WholeLetter
from renga.desk.service import matching
from renga.fates import Retry
from renga.pubsub.credentials import GoogleCredentials
from renga.pubsub.push import Push
from renga.pubsub.sink import PUBLIC
from renga.wire import NotAnEvent
from renga_dev import endpoint
from renga_dev.dead.source import newest_first
from renga_dev.pubsub.admin import Admin, Refused

MOST = 10_000
"""Messages that are looked at."""
_AT_ONCE = 1000
_LOOKS = 3
"""Pulls that bring nothing before the subscription counts as seen whole: Pub/Sub gives what it has at hand."""
_PAUSE_S = 0.2


@dataclass(slots=True)
class _Pulled:
    """One letter and the messages that carry it."""

    letter: WholeLetter
    acknowledgements: list[str]


class Subscription:
    """`pubsub://PROJECT/SUBSCRIPTION`, which must be one that is pulled. There is no place for marks.

    Args:
        project: its id.
        subscription: its id.
        emulator: `host:port` of an emulator; empty for Pub/Sub itself.
    """

    def __init__(self, project: str, subscription: str, *, emulator: str = "") -> None:
        self.name = f"the subscription {subscription} of {project}"
        self.notes: list[str] = []
        base, credentials = (f"http://{emulator}", None) if emulator else (PUBLIC, GoogleCredentials())
        self._admin = Admin(base, project, credentials)
        self._path = self._admin.subscription(subscription)
        self._seen: dict[str, WholeLetter] = {}

    async def letters(self, filter: str | None) -> list[Letter]:  # noqa: A002 - see Source
        """See Source; every message is given back at once."""
        takes = matching(filter)
        pulled = await self._pull()
        await self._give_back([handle for each in pulled.values() for handle in each.acknowledgements])
        self._seen = {letter: each.letter for letter, each in pulled.items()}
        return [letter for letter in newest_first(each.summary() for each in self._seen.values()) if takes(letter)]

    async def letter(self, letter: str) -> WholeLetter | None:
        """See Source; as the last look saw it."""
        if letter not in self._seen:
            await self.letters(None)
        return self._seen.get(letter)

    async def drop(self, letters: Collection[str]) -> int:
        """See Source."""
        pulled = await self._pull()
        gone = [handle for letter in letters if letter in pulled for handle in pulled[letter].acknowledgements]
        for start in range(0, len(gone), _AT_ONCE):
            await self._call("acknowledge", {"ackIds": gone[start : start + _AT_ONCE]})
        kept = {letter: each for letter, each in pulled.items() if letter not in letters}
        await self._give_back([handle for each in kept.values() for handle in each.acknowledgements])
        return len(pulled) - len(kept)

    async def mark(self, letter: str, replay: Replayed) -> bool:
        """See Source: never."""
        return False

    async def close(self) -> None:
        """See Source."""
        await self._admin.close()

    async def _pull(self) -> dict[str, _Pulled]:
        """All letters that are at hand, by id; the oldest first."""
        messages: dict[str, tuple[str, dict[str, Any]]] = {}
        looks = 0
        while looks < _LOOKS and len(messages) < MOST:
            said = await self._call("pull", {"maxMessages": _AT_ONCE, "returnImmediately": True})
            received = said.get("receivedMessages", ())
            looks = 0 if received else looks + 1
            for each in received:
                messages[str(each["message"]["messageId"])] = each["ackId"], each["message"]
            if not received:
                await asyncio.sleep(_PAUSE_S)
        found: dict[str, _Pulled] = {}
        strangers: list[tuple[str, str]] = []
        for handle, message in sorted(messages.values(), key=lambda pair: str(pair[1].get("publishTime"))):
            try:
                event = Push.of_message(self._path, message).event()
            except NotAnEvent as error:
                strangers.append((handle, str(error)))
                continue
            letter = WholeLetter.of(event, _time(message.get("publishTime")))
            before = found.get(letter.id)
            if before is None:
                found[letter.id] = _Pulled(letter, [handle])
                continue
            before.acknowledgements.append(handle)
            seen = {"first": before.letter.first, "came": len(before.acknowledgements)}
            before.letter = letter.model_copy(update=seen)
        fault = strangers[0][1] if strangers else ""
        self.notes = [f"{len(strangers)} messages are no events and are left alone: {fault}"] if strangers else []
        await self._give_back([handle for handle, _ in strangers])
        return found

    async def _give_back(self, handles: list[str]) -> None:
        for start in range(0, len(handles), _AT_ONCE):
            taken = {"ackIds": handles[start : start + _AT_ONCE], "ackDeadlineSeconds": 0}
            await self._call("modifyAckDeadline", taken)

    async def _call(self, verb: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            said: dict[str, Any] = await self._admin.call("POST", f"{self._path}:{verb}", body)
        except (Refused, Retry) as error:
            raise endpoint.Refused(f"{self.name} cannot be read", 503, str(error)) from error
        return said


def _time(written: object) -> datetime:
    """When a message was published; now, where it does not say."""
    try:
        return datetime.fromisoformat(str(written))
    except ValueError:
        return datetime.now(UTC)
