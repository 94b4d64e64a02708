"""The desk as its function uses it: keeps letters, lists them, marks and drops them."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from renga.deadletters import Failure
from renga.desk.letter import Letter, Replayed, WholeLetter
from renga.fates import Reject
from renga.hosting import HostSettings
from renga.lazystore import LazyStore
from renga.settings import Settings
from renga.wire import WireEvent
from renga_events.base import DeadLetter
from renga_events.platform import DeadLettered

if TYPE_CHECKING:
    from renga.desk.store import Store

PAGE = 200
"""Letters that are looked at in one go."""


class DeskSettings(Settings, env_prefix="DEADLETTER_"):
    """Read once, at cold start."""

    database: str = ""
    """`sqlite:////folder/deadletter.db` or `postgresql://user@host/database`; by default a file in RENGA_STATE_DIR."""


class NumberedLetter(Letter):
    """A letter in a list."""

    number: int
    """Where it stands: the next page is what comes `before` the smallest."""


class Desk:
    """One desk.

    Args:
        url: see DeskSettings.database.

    Raises:
        ValueError: the URL is of no database that letters can be kept in.
    """

    def __init__(self, url: str) -> None:
        self._store = LazyStore(url, "DEADLETTER_DATABASE", _open)

    @classmethod
    def of(cls, settings: DeskSettings) -> "Desk":
        """The desk that the settings name, beside the host that serves it."""
        return cls(settings.database or f"sqlite:///{HostSettings().state}/deadletter.db")

    async def keep(self, letter: DeadLetter) -> DeadLettered | None:
        """Keep a letter, and say so; not of what said so before, or its death would go round in a circle.

        Raises:
            Retry: the database is away.
        """
        event = WireEvent(letter.envelope, letter.data)
        kept = await self._store.ask(lambda store: store.keep(event, datetime.now(UTC)))
        envelope, failure = event.envelope, Failure.of(event.envelope) or Failure("")
        if envelope.type == DeadLettered.ce_type:
            return None
        return DeadLettered(
            letter=kept,
            event_type=envelope.type,
            event_source=envelope.source,
            event_id=envelope.id,
            event_cause=envelope.extension("causationid"),
            dest=failure.dest,
            code=failure.code,
            reason=failure.reason,
        )

    async def letters(self, filter: str | None, before: int | None, limit: int) -> list[NumberedLetter]:  # noqa: A002
        """The newest letters first: those that a filter in CloudEvents SQL takes, or all.

        Raises:
            Reject: the filter is no expression.
            Retry: the database is away.
        """
        takes = matching(filter)
        found: list[NumberedLetter] = []
        while len(found) < limit:
            rows = await self._store.ask(_page(before, limit if filter is None else PAGE))
            if not rows:
                break
            before = rows[-1][0]
            found += [NumberedLetter(number=number, **dict(letter)) for number, letter in rows if takes(letter)]
        return found[:limit]

    async def letter(self, letter: str) -> WholeLetter | None:
        """One letter with its data."""
        return await self._store.ask(lambda store: store.letter(letter))

    async def drop(self, letter: str) -> bool:
        """Forget a letter; False where there is none."""
        return await self._store.ask(lambda store: store.drop(letter))

    async def replayed(self, letter: str, replay: Replayed) -> bool:
        """Mark a letter as replayed; False where there is none."""
        return await self._store.ask(lambda store: store.replayed(letter, replay, datetime.now(UTC)))

    def close(self) -> None:
        """Close the store, if it was opened."""
        self._store.close()


def matching(expression: str | None) -> Callable[[Letter], bool]:
    """Whether a filter in CloudEvents SQL takes a letter; without one every letter is taken.

    Raises:
        Reject: it is no expression.
    """
    if expression is None:
        return lambda _: True
    from renga import cesql

    try:
        compiled = cesql.compile(expression)
    except cesql.ParseError as error:
        raise Reject(f"The filter {expression[:100]!r} is not CloudEvents SQL: {error}") from None
    return lambda letter: compiled.matches(letter.facts())


def _page(before: int | None, limit: int) -> "Callable[[Store], list[tuple[int, Letter]]]":
    return lambda store: store.letters(before=before, limit=limit)


def _open(url: str) -> "Store":
    from renga.desk.store import Store

    return Store(url)
