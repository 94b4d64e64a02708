r"""Patterns of LIKE: `%` is any text, `_` any one character, `\%` and `\_` those characters themselves.

No pattern backtracks. Between two `%` stands a part of fixed length, and its first occurrence is always as good as a
later one, so the parts are found one after the other; a part with `_` in it by the Shift-And method (Baeza-Yates and
Gonnet, "A new approach to text searching", 1992), whose state is one integer with a bit for each character of the part.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

_ANY = None


@dataclass(frozen=True, slots=True)
class _Part:
    """A run of characters of which some may be any."""

    characters: tuple[str | None, ...]
    literal: str | None = field(init=False)
    """The whole of it, where no character is any."""
    masks: dict[str, int] = field(init=False)
    """By character: a bit for each place where it may stand, where it is not just `open`."""
    open: int = field(init=False)
    """A bit for each place where any character may stand."""

    def __post_init__(self) -> None:
        fixed = [character for character in self.characters if character is not None]
        whole = len(fixed) == len(self.characters)
        places = {} if whole else {place: one for place, one in enumerate(self.characters) if one is not None}
        open_places = 0 if whole else sum(1 << place for place, one in enumerate(self.characters) if one is _ANY)
        masks = dict.fromkeys(places.values(), open_places)
        for place, character in places.items():
            masks[character] |= 1 << place
        object.__setattr__(self, "literal", "".join(fixed) if whole else None)
        object.__setattr__(self, "masks", masks)
        object.__setattr__(self, "open", open_places)

    def __len__(self) -> int:
        return len(self.characters)

    def is_at(self, text: str, start: int) -> bool:
        """Whether the text continues so."""
        if self.literal is not None:
            return text.startswith(self.literal, start)
        there = text[start : start + len(self)]
        return len(there) == len(self) and all(
            mine is _ANY or mine == other for mine, other in zip(self.characters, there, strict=True)
        )

    def find(self, text: str, start: int, end: int) -> int:
        """Where it first occurs between two offsets; -1 where it does not."""
        if self.literal is not None:
            return text.find(self.literal, start, end)
        state, last = 0, 1 << (len(self) - 1)
        for offset in range(start, end):
            state = (state << 1 | 1) & self.masks.get(text[offset], self.open)
            if state & last:
                return offset - len(self) + 1
        return -1


def matcher(pattern: str) -> Callable[[str], bool]:
    """What tells whether a text matches the pattern."""
    parts = _parts(pattern)
    if len(parts) == 1:
        return _exactly(parts[0])
    head, *middle, tail = parts
    if head.literal is not None and not middle and not tail:
        prefix = head.literal
        return lambda text: text.startswith(prefix)

    def matches(text: str) -> bool:
        start, end = len(head), len(text) - len(tail)
        if start > end or not head.is_at(text, 0) or not tail.is_at(text, end):
            return False
        for part in middle:
            found = part.find(text, start, end)
            if found < 0:
                return False
            start = found + len(part)
        return True

    return matches


def _exactly(part: _Part) -> Callable[[str], bool]:
    if part.literal is not None:
        literal = part.literal
        return lambda text: text == literal
    return lambda text: len(text) == len(part) and part.is_at(text, 0)


def _parts(pattern: str) -> list[_Part]:
    parts: list[list[str | None]] = [[]]
    characters = iter(enumerate(pattern))
    for place, character in characters:
        if character == "\\" and pattern[place + 1 : place + 2] in {"%", "_"}:
            _, escaped = next(characters)
            parts[-1].append(escaped)
        elif character == "%":
            parts.append([])
        else:
            parts[-1].append(_ANY if character == "_" else character)
    outer = [parts[0], *(part for part in parts[1:-1] if part), *parts[1:][-1:]]
    return [_Part(tuple(part)) for part in outer]
