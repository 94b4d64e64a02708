"""A door: no event wakes it, and what it answers is published."""

from typing import ClassVar

from pydantic import BaseModel

from renga import function
from renga_events import Event


class Wish(BaseModel):
    """What a caller sends."""

    of: str


class Granted(Event):
    """A wish was granted."""

    ce_type: ClassVar[str] = "test.granted.v1"
    subject_field: ClassVar[str | None] = "of"

    of: str


@function
async def handle(wish: Wish) -> Granted:
    """Grant it."""
    return Granted(of=wish.of)
