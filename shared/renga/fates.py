"""What a handler raises to decide an event's fate."""


class Fate(Exception):  # noqa: N818 - a decision, not an error
    """A decision about the event at hand; anything else that is raised is a bug."""


class Reject(Fate):
    """The input is wrong and will stay wrong: never retried, kept as a dead letter.

    ```python
    raise Reject("The symbol 'XYZ' is not listed.")
    ```
    """


class Retry(Fate):
    """Not now: deliver the event again later, because something else is away or busy.

    Args:
        reason: one sentence.
        after: seconds that the deliverer should wait at least; a hint, not every deliverer honours it.
    """

    def __init__(self, reason: str = "The function asked for another try.", *, after: float = 1.0) -> None:
        super().__init__(reason)
        self.after = after
