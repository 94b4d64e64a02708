"""Takes dead letters, and refuses them."""

from renga import Reject, function
from renga_events import DeadLetter


@function
def handle(letter: DeadLetter) -> None:
    """Refuse it."""
    raise Reject(f"Not even {letter.envelope.id} here.")
