"""The letters that a laptop's event log holds: what neither a subscriber nor the desk took."""

import itertools
import sqlite3
from collections.abc import Callable, Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from renga.desk.letter import Letter, Replayed, WholeLetter
from renga.desk.service import matching
from renga_dev.endpoint import Refused
from renga_dev.eventing.courier import dead_letter
from renga_dev.eventing.lost import LostDeliveries
from renga_dev.eventing.records import Delivery

T = TypeVar("T")


class LostLetters:
    """The lost deliveries of an event log, as letters. One that was taken after all is a letter no more.

    Args:
        log: the event log's file.
    """

    def __init__(self, log: Path) -> None:
        self.name = f"the event log {log}"
        self.notes: list[str] = []
        self._lost = LostDeliveries(log)

    async def letters(self, filter: str | None) -> list[Letter]:  # noqa: A002 - see Source
        """See Source."""
        takes = matching(filter)
        found = [whole.summary() for whole, _ in self._found().values()]
        return [letter for letter in reversed(found) if takes(letter)]

    async def letter(self, letter: str) -> WholeLetter | None:
        """See Source."""
        found = self._found().get(letter)
        return found and found[0]

    async def drop(self, letters: Collection[str]) -> int:
        """See Source."""
        found = self._found()
        wanted = [found[letter][1] for letter in letters if letter in found]
        self._ask(lambda lost: lost.forget(itertools.chain(*wanted)))
        return len(wanted)

    async def mark(self, letter: str, replay: Replayed) -> bool:
        """See Source."""
        found = self._found().get(letter)
        if found is None or replay.outcome == "failed":
            return False
        self._ask(lambda lost: lost.settle(found[1]))
        return True

    async def close(self) -> None:
        """See Source; the log is opened for each question."""

    def _found(self) -> dict[str, tuple[WholeLetter, list[int]]]:
        """By id: the letter, and the deliveries that are that letter."""
        found: dict[str, tuple[WholeLetter, list[int]]] = {}
        for delivery in self._ask(LostDeliveries.all):
            whole = _letter(delivery)
            before, numbers = found.get(whole.id, (whole, []))
            numbers.append(delivery.id)
            found[whole.id] = whole.model_copy(update={"first": before.first, "came": len(numbers)}), numbers
        return found

    def _ask(self, question: Callable[[LostDeliveries], T]) -> T:
        try:
            return question(self._lost)
        except sqlite3.Error as error:
            raise Refused(f"{self.name} cannot be read", 503, f"{error}.") from error


def _letter(delivery: Delivery) -> WholeLetter:
    assert delivery.failure is not None  # noqa: S101 - what LostDeliveries promises
    event = dead_letter(delivery.event, delivery.failure).event
    when = datetime.fromtimestamp(delivery.changed or delivery.event.arrived, UTC)
    said = "Neither its function nor the dead-letter desk took it."
    return WholeLetter.of(event, when).model_copy(update={"said": said})
