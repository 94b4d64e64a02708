"""Where letters are: one small protocol for all the places."""

from collections.abc import Collection, Iterable, Sequence
from typing import Protocol

from renga.desk.letter import Letter, Replayed, WholeLetter


class Source(Protocol):
    """A place that keeps letters.

    Every method may raise Refused, ConnectionError and TimeoutError, as commands know them.
    """

    @property
    def name(self) -> str:
        """As sentences call it."""
        ...

    @property
    def notes(self) -> Sequence[str]:
        """What the last look met that is worth a line."""
        ...

    async def letters(self, filter: str | None) -> list[Letter]:  # noqa: A002 - as the option is called
        """The newest first: those that a filter in CloudEvents SQL takes, or all."""
        ...

    async def letter(self, letter: str) -> WholeLetter | None:
        """One of them, with its data."""
        ...

    async def drop(self, letters: Collection[str]) -> int:
        """Forget letters; how many were there."""
        ...

    async def mark(self, letter: str, replay: Replayed) -> bool:
        """Note what came of a replay; False where that cannot be noted."""
        ...

    async def close(self) -> None:
        """Let go of files and connections."""
        ...


class Together:
    """Several places as one. What is in more than one of them is told by the first."""

    def __init__(self, name: str, sources: Sequence[Source]) -> None:
        self.name = name
        self._sources = sources

    @property
    def notes(self) -> list[str]:
        """Of all of them."""
        return [note for source in self._sources for note in source.notes]

    async def letters(self, filter: str | None) -> list[Letter]:  # noqa: A002 - see Source
        """See Source."""
        found: dict[str, Letter] = {}
        for source in self._sources:
            for letter in await source.letters(filter):
                found.setdefault(letter.id, letter)
        return newest_first(found.values())

    async def letter(self, letter: str) -> WholeLetter | None:
        """See Source."""
        for source in self._sources:
            if found := await source.letter(letter):
                return found
        return None

    async def drop(self, letters: Collection[str]) -> int:
        """See Source."""
        return max([await source.drop(letters) for source in self._sources], default=0)

    async def mark(self, letter: str, replay: Replayed) -> bool:
        """See Source."""
        return any([await source.mark(letter, replay) for source in self._sources])

    async def close(self) -> None:
        """See Source."""
        for source in self._sources:
            await source.close()


def newest_first(letters: Iterable[Letter]) -> list[Letter]:
    """By when they came last."""
    return sorted(letters, key=lambda letter: letter.last, reverse=True)
