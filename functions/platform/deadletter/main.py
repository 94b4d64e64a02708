"""Keep what nobody took, so that it can be looked at, mended and sent again."""

from typing import Annotated

from pydantic import Field

from renga import function
from renga.desk.letter import Outcome, Replayed, WholeLetter
from renga.desk.service import Desk, DeskSettings, NumberedLetter
from renga_events import DeadLetter
from renga_events.platform import DeadLettered

desk = Desk.of(DeskSettings())


# One replica, because its default store is a SQLite file in the replica's own folder: a second one would have others.
@function(max_scale=1, concurrency=100)
async def handle(letter: DeadLetter) -> DeadLettered | None:
    """Keep the letter; what cannot be kept now comes again."""
    return await desk.keep(letter)


@handle.get("/letters")
async def letters(
    filter: str | None = None,  # noqa: A002 - the query's own word
    before: int | None = None,
    limit: Annotated[int, Field(ge=1, le=1000)] = 100,
) -> list[NumberedLetter]:
    """The newest letters first."""
    return await desk.letters(filter, before, limit)


@handle.get("/letters/{letter_id}")
async def letter(letter_id: str) -> WholeLetter | None:
    """One letter with its data."""
    return await desk.letter(letter_id)


@handle.delete("/letters/{letter_id}")
async def drop(letter_id: str) -> bool | None:
    """Forget a letter."""
    return await desk.drop(letter_id) or None


@handle.put("/letters/{letter_id}/replays/{number}")
async def replayed(
    letter_id: str, number: Annotated[int, Field(ge=1)], outcome: Outcome, said: str | None = None
) -> bool | None:
    """Mark a letter as replayed: what came of its so-and-so-many-th replay."""
    return await desk.replayed(letter_id, Replayed(number=number, outcome=outcome, said=said)) or None
