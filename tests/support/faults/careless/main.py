"""Puts what was generated on a shelf each time it is told to: what a seed must catch."""

from typing import ClassVar

from sqlalchemy import text

from renga import Settings, function
from renga.database import engine
from renga_events import Event
from renga_events.schema import SchemaGenerated


class ShelfSettings(Settings, env_prefix="SHELF_"):
    """Where the shelf is."""

    database: str


class Kept(Event):
    """A design is on the shelf."""

    ce_type: ClassVar[str] = "test.shelf.kept.v1"

    schema_id: str


shelf = engine(ShelfSettings().database, "SHELF_DATABASE")


@function(concurrency=4, timeout_s=30)
def handle(generated: SchemaGenerated) -> Kept:
    """One row for each time that it comes."""
    with shelf.begin() as connection:
        connection.execute(text("INSERT INTO shelf (design) VALUES (:design)"), {"design": generated.schema_id})
    return Kept(schema_id=generated.schema_id)
