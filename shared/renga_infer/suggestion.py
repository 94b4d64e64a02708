"""What somebody may have meant by a name that is not known."""

import difflib
from collections.abc import Iterable

_SHOWN = 12


def among(name: str, known: Iterable[str]) -> str:
    """`there is a, b` of what is known, or `did you mean a?` where something is close; to follow a semicolon."""
    names = sorted(map(str, known))
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"did you mean {close[0]!r}?"
    if not names:
        return "there is none."
    return f"there is {', '.join(names[:_SHOWN])}{f' and {len(names) - _SHOWN} more' if len(names) > _SHOWN else ''}."
