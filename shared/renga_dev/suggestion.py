"""What somebody may have meant."""

import difflib
from collections.abc import Iterable

_LIKENESS = 0.5
"""Less than difflib's own: what is mistyped here is short."""


def suggest(name: str, known: Iterable[str]) -> str:
    """`, did you mean 'x'?` where something known is close, to end a sentence with; else nothing."""
    close = nearest(name, known)
    return f", did you mean {close!r}?" if close else ""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """` Did you mean x?` where something known is close, to go on with after a sentence; else nothing."""
    close = nearest(name, known)
    return f" Did you mean {close}?" if close else ""


def nearest(name: str, known: Iterable[str]) -> str | None:
    """What is known and close enough to be meant."""
    return next(iter(difflib.get_close_matches(name, list(known), n=1, cutoff=_LIKENESS)), None)
