"""What a reader has to say beside the schema, collected while it reads."""

from collections.abc import Iterable
from difflib import get_close_matches
from itertools import islice
from operator import itemgetter
from typing import Final

from renga_schema.model import Origin, Severity
from renga_schema.readers.source import Source
from renga_schema.report import Diagnostic, Loss

_MOST_COMPARISONS: Final = 100_000
"""Names that are compared, all together, to find what was meant: more takes seconds, and nobody reads it."""

_LONGEST_NAME: Final = 100
MOST_SAID: Final = 20_000
"""Diagnostics of one text; nobody reads so many, and they are larger than what they are about."""


class Findings:
    """Diagnostics and losses, each with its place. Offsets are characters from the start of the text."""

    def __init__(self, source: Source) -> None:
        self._diagnostics: list[tuple[int, Diagnostic]] = []
        self._losses: list[tuple[int, Loss]] = []
        self._source = source
        self._said = 0
        self._comparisons = _MOST_COMPARISONS

    @property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """All of them, in the order of the text."""
        return tuple(each for _, each in sorted(self._diagnostics, key=itemgetter(0)))

    @property
    def losses(self) -> tuple[Loss, ...]:
        """All of them, in the order of the text."""
        return tuple(each for _, each in sorted(self._losses, key=itemgetter(0)))

    def origin(self, offset: int) -> Origin:
        """Where the character at `offset` stands."""
        return self._source.origin(offset)

    def say(
        self,
        code: str,
        message: str,
        offset: int,
        *,
        object_: str | None = None,
        help_: str | None = None,
        severity: Severity = "error",
    ) -> None:
        """Add a diagnostic about what stands at `offset`; after `MOST_SAID` one says that there would be more."""
        if self._said > MOST_SAID:
            return
        self._said += 1
        diagnostic = Diagnostic(
            severity=severity,
            code=code,
            message=message,
            object=object_,
            origin=self._source.origin(offset),
            text=self._source.quote(offset),
            help=help_,
        )
        self.take(offset, diagnostic if self._said <= MOST_SAID else too_much(diagnostic))

    def take(self, offset: int, diagnostic: Diagnostic) -> None:
        """Add a diagnostic that is there already, about what stands at `offset`."""
        self._diagnostics.append((offset, diagnostic))

    def lose(self, object_: str, feature: str, instead: str, offset: int) -> None:
        """Add an entry to the loss ledger."""
        loss = Loss(object=object_, feature=feature, instead=instead, origin=self._source.origin(offset))
        self._losses.append((offset, loss))

    def take_loss(self, offset: int, loss: Loss) -> None:
        """Add an entry of the loss ledger that is there already, about what stands at `offset`."""
        self._losses.append((offset, loss))

    def did_you_mean(self, name: str, known: Iterable[str], otherwise: str | None = None) -> str | None:
        """Advice about an unknown name: the known one that is most like it."""
        candidates = list(islice(known, self._comparisons))
        self._comparisons -= len(candidates)
        close = get_close_matches(name[:_LONGEST_NAME], candidates, n=1, cutoff=0.6)
        return f"Did you mean {close[0]}?" if close else otherwise


def too_much(last: Diagnostic) -> Diagnostic:
    """The last diagnostic of a text that has more than `MOST_SAID`."""
    message = f"More than {MOST_SAID} things are wrong; those from here on are not named. The first: {last.message}"
    return last.model_copy(update={"code": "READ-SIZE", "message": message, "help": "Is this the right format?"})
