"""Puts what was generated on a shelf, once: the effect that a test can count."""

from typing import ClassVar

from renga import Settings, function
from renga.outbox import Outbox, Transaction
from renga_events import Event
from renga_events.schema import SchemaGenerated


class ShelfSettings(Settings, env_prefix="SHELF_"):
    """Where the shelf is."""

    database: str


class Kept(Event):
    """A design is on the shelf."""

    ce_type: ClassVar[str] = "test.shelf.kept.v1"

    schema_id: str


outbox = Outbox(ShelfSettings().database)


@function(outbox=outbox, concurrency=4, timeout_s=30)
def handle(generated: SchemaGenerated, transaction: Transaction) -> Kept:
    """One row for each design that comes."""
    transaction.execute("INSERT INTO shelf (design) VALUES (:design)", design=generated.schema_id)
    return Kept(schema_id=generated.schema_id)
