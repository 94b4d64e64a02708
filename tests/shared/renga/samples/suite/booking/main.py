"""A function that changes a database and says so, in one transaction."""

from typing import ClassVar

from renga import Reject, Settings, function
from renga.outbox import Outbox, Transaction
from renga_events import Event


class BookingSettings(Settings, env_prefix="BOOKING_"):
    """Where the seats are."""

    database: str


class Asked(Event):
    """Somebody wants a seat."""

    ce_type: ClassVar[str] = "test.seat.asked.v1"

    guest: str


class Booked(Event):
    """A seat is taken."""

    ce_type: ClassVar[str] = "test.seat.booked.v1"

    guest: str
    number: int


class Told(Event):
    """The guest was told."""

    ce_type: ClassVar[str] = "test.seat.told.v1"

    guest: str


outbox = Outbox(BookingSettings().database)


@function(outbox=outbox, timeout_s=1)
def handle(asked: Asked, transaction: Transaction) -> list[Booked | Told]:
    """Take the next seat."""
    transaction.execute("INSERT INTO seats (guest) VALUES (:guest)", guest=asked.guest)
    number = transaction.execute("SELECT count(*) FROM seats").scalar_one()
    if asked.guest == "nobody":
        raise Reject("Nobody needs no seat.")
    if asked.guest == "mishap":
        raise ZeroDivisionError
    return [Booked(guest=asked.guest, number=number), Told(guest=asked.guest)]
