"""The files of a schema that is split over several, as one text; what is found in it knows its file."""

from bisect import bisect_right
from collections.abc import Iterable

from renga_schema.model import Origin
from renga_schema.readers.source import Source


class JoinedSource(Source):
    """Several sources, one after the other, each from the beginning of a line."""

    def __init__(self, sources: Iterable[Source]) -> None:
        self._sources = tuple(sources)
        self._starts: list[int] = []
        parts: list[str] = []
        length = 0
        for source in self._sources:
            self._starts.append(length)
            parts.append(source.text if source.text.endswith("\n") else f"{source.text}\n")
            length += len(parts[-1])
        super().__init__("".join(parts))

    def origin(self, offset: int) -> Origin:
        """The file, and where the character at `offset` stands in it."""
        number = bisect_right(self._starts, offset) - 1
        return self._sources[number].origin(offset - self._starts[number])
