"""How much of what is there already a script may make the reader look at: a bound that no clock decides."""

from typing import Final

from renga_schema.errors import Unreadable
from renga_schema.model import Origin
from renga_schema.report import Diagnostic

_ALLOWED: Final = 2_000_000
_ALLOWED_PER_CHARACTER: Final = 5
"""Real dumps and histories of migrations take a hundredth of what they may at most."""


class Exhausted(Exception):  # noqa: N818 - it says what a script's allowance is
    """Statements have looked at more than the length of the script allows."""


class Effort:
    """Steps of about a tenth of a microsecond, beyond the reading of a statement itself.

    Most statements take a few. Those that look at every table, key or routine there is, such as a new name for what
    others refer to, take some for each; thousands of those in a schema of thousands would take minutes.
    """

    def __init__(self) -> None:
        self.spent = 0
        self.allowed = _ALLOWED

    def allow(self, characters: int) -> None:
        """Go on with a script of that length."""
        self.allowed += characters * _ALLOWED_PER_CHARACTER

    def spend(self, steps: int) -> None:
        """Count steps.

        Raises:
            Exhausted: there are more of them than are allowed.
        """
        self.spent += steps
        if self.spent > self.allowed:
            raise Exhausted


def refusal(origin: Origin) -> Unreadable:
    """What is said of a script that is exhausted in the statement at `origin`."""
    message = f"The changes up to line {origin.line} concern too much of what is there before them to be followed."
    advice = "Hand in a dump of the schema as it is after the changes."
    return Unreadable(Diagnostic(severity="error", code="READ-SIZE", message=message, origin=origin, help=advice))
