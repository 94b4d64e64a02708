"""What the readers raise."""

from renga_schema.report import Diagnostic


class Unreadable(ValueError):  # noqa: N818 - it says what the input is, as the outcome Reject does
    """The input as a whole is not something a reader can begin with: empty, binary, not text, or too large."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic
        """What is wrong and what to do, as data."""

    def __reduce__(self) -> tuple[type["Unreadable"], tuple[Diagnostic]]:
        return type(self), (self.diagnostic,)
