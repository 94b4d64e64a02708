"""What somebody may have meant."""

import difflib


def suggest(name: str, known: list[str]) -> str:
    """`, did you mean 'x'?` where something known is close; else nothing."""
    close = difflib.get_close_matches(name, known, n=1)
    return f", did you mean {close[0]!r}?" if close else ""
