"""Texts of a given size out of pieces that repeat."""

from itertools import count

SIZE = 200_000
"""Characters of every hostile input: what must be answered within five seconds of CPU."""


def repeated(piece: str, before: str = "", after: str = "", size: int = SIZE) -> str:
    """`before`, then `piece` as often as fits, then `after`."""
    return before + piece * ((size - len(before) - len(after)) // len(piece)) + after


def numbered(piece: str, before: str = "", after: str = "", *, size: int = SIZE) -> str:
    """Likewise, with the piece's number for each `~`, and the number of the next piece for each `~+`."""
    pieces = [before]
    left = size - len(before) - len(after)
    for number in count():
        made = _filled(piece, number)
        left -= len(made)
        if left < 0:
            break
        pieces.append(made)
    return "".join([*pieces, after])


def in_turn(*pieces: str, before: str = "", after: str = "") -> str:
    """The first piece for each number, then the second for each, and so on: one makes things, others change them."""
    made: list[list[str]] = [[] for _ in pieces]
    left = SIZE - len(before) - len(after)
    for number in count():
        filled = [_filled(piece, number) for piece in pieces]
        left -= sum(map(len, filled))
        if left < 0:
            break
        for kind, text in zip(made, filled, strict=True):
            kind.append(text)
    return before + "".join(map("".join, made)) + after


def mirrored(opener: str, closer: str, before: str = "", after: str = "", *, inner: str = "1") -> str:
    """Openers, something in them, and as many closers."""
    depth = (SIZE - len(before) - len(after) - len(inner)) // (len(opener) + len(closer))
    return before + opener * depth + inner + closer * depth + after


def _filled(piece: str, number: int) -> str:
    return piece.replace("~+", str(number + 1)).replace("~", str(number))
