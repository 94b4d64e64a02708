"""A door with an outbox: whoever calls it is answered, and the answer is published."""

from typing import ClassVar

from pydantic import BaseModel

from renga import Settings, function
from renga.outbox import Outbox, Transaction
from renga_events import Event


class CounterSettings(Settings, env_prefix="BOOKING_"):
    """Where the tickets are."""

    database: str


class Wish(BaseModel):
    """What a caller sends."""

    guest: str


class Sold(Event):
    """A ticket was sold."""

    ce_type: ClassVar[str] = "test.ticket.sold.v1"

    guest: str


@function(outbox=Outbox(CounterSettings().database), timeout_s=1)
def handle(wish: Wish, transaction: Transaction) -> Sold:
    """Sell a ticket."""
    transaction.execute("INSERT INTO seats (guest) VALUES (:guest)", guest=wish.guest)
    return Sold(guest=wish.guest)
