"""The tables of the event log, and rows to records and back."""

import sqlite3
from typing import Any

from pydantic_core import from_json, to_json

from renga.deadletters import Failure
from renga.wire import WireEvent
from renga_dev.eventing.records import Delivery, DeliveryRecord, StoredEvent
from renga_events.envelope import Envelope

VERSION = 1

SCHEMA = f"""
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY,
    namespace TEXT NOT NULL,
    broker TEXT NOT NULL,
    attributes TEXT NOT NULL,
    data BLOB,
    ttl INTEGER NOT NULL,
    arrived REAL NOT NULL,
    headers TEXT
);
CREATE TABLE deliveries (
    id INTEGER PRIMARY KEY,
    event INTEGER NOT NULL REFERENCES events (sequence),
    trigger TEXT NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    due REAL NOT NULL,
    status INTEGER,
    error TEXT,
    dest TEXT,
    dead_letter INTEGER NOT NULL,
    failed_dest TEXT,
    failed_code INTEGER,
    failed_data TEXT,
    took_s REAL,
    changed REAL
);
CREATE INDEX deliveries_of_event ON deliveries (event);
CREATE INDEX deliveries_owed ON deliveries (trigger, dead_letter, due, id) WHERE state = 'pending';
PRAGMA user_version = {VERSION};
"""

INSERT_EVENT = "INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_DELIVERY = "INSERT INTO deliveries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
UPDATE_DELIVERY = """
UPDATE deliveries SET state = ?, attempts = ?, due = ?, status = ?, error = ?, dest = ?, dead_letter = ?,
    failed_dest = ?, failed_code = ?, failed_data = ?, took_s = ?, changed = ?
WHERE id = ?
"""
_DELIVERY = """d.id, d.trigger, d.state, d.attempts, d.due, d.status, d.error, d.dest,
    d.failed_dest, d.failed_code, d.failed_data, d.took_s, d.changed"""
SELECT_DUE = f"""
SELECT {_DELIVERY}, e.sequence, e.namespace, e.broker, e.attributes, e.data, e.ttl, e.arrived, e.headers
FROM deliveries d JOIN events e ON e.sequence = d.event
WHERE d.state = 'pending' AND d.trigger = ? AND d.dead_letter = ? AND d.due <= ?
ORDER BY d.due, d.id
"""  # noqa: S608 - constants of this module
SELECT_LOST = f"""
SELECT {_DELIVERY}, e.sequence, e.namespace, e.broker, e.attributes, e.data, e.ttl, e.arrived, e.headers
FROM deliveries d JOIN events e ON e.sequence = d.event
WHERE d.state = 'lost' ORDER BY d.id
"""  # noqa: S608 - constants of this module
SELECT_NEXT_DUE = """
SELECT min(due) FROM deliveries WHERE state = 'pending' AND trigger = ? AND dead_letter = ? AND due > ?
"""
SELECT_OWED = """
SELECT trigger, dead_letter, count(*) FROM deliveries WHERE state = 'pending' GROUP BY trigger, dead_letter
"""
SELECT_RECORDS = f"""
SELECT {_DELIVERY}, e.sequence, e.namespace, e.broker, e.attributes, e.arrived
FROM deliveries d JOIN events e ON e.sequence = d.event
WHERE (:state IS NULL OR d.state = :state)
  AND (:correlation IS NULL
       OR coalesce(e.attributes ->> 'correlationid', e.attributes ->> 'id') = :correlation)
ORDER BY d.id DESC LIMIT :limit
"""  # noqa: S608 - constants of this module


def event_row(stored: StoredEvent) -> tuple[Any, ...]:
    """The values of INSERT_EVENT."""
    return (
        stored.sequence,
        stored.namespace,
        stored.broker,
        to_json(stored.event.envelope.attributes()).decode(),
        stored.event.data,
        stored.ttl,
        stored.arrived,
        to_json(stored.headers).decode() if stored.headers else None,
    )


def delivery_row(delivery: Delivery) -> tuple[Any, ...]:
    """The values of INSERT_DELIVERY."""
    return (delivery.id, delivery.event.sequence, delivery.trigger, *_standing(delivery))


def update_row(delivery: Delivery) -> tuple[Any, ...]:
    """The values of UPDATE_DELIVERY."""
    return (*_standing(delivery), delivery.id)


def _standing(delivery: Delivery) -> tuple[Any, ...]:
    failure = delivery.failure
    return (
        delivery.state,
        delivery.attempts,
        delivery.due,
        delivery.status,
        delivery.error,
        delivery.dest,
        failure is not None,
        failure and failure.dest,
        failure and failure.code,
        failure and failure.data,
        delivery.took_s,
        delivery.changed,
    )


def read_delivery(row: sqlite3.Row, event: StoredEvent) -> Delivery:
    """A row of SELECT_DUE, without its event."""
    return Delivery(
        id=row["id"],
        event=event,
        trigger=row["trigger"],
        due=row["due"],
        state=row["state"],
        attempts=row["attempts"],
        status=row["status"],
        error=row["error"],
        dest=row["dest"],
        failure=_failure(row),
        took_s=row["took_s"],
        changed=row["changed"],
    )


def read_event(row: sqlite3.Row) -> StoredEvent:
    """The event of a row of SELECT_DUE."""
    headers = from_json(row["headers"]) if row["headers"] else []
    return StoredEvent(
        sequence=row["sequence"],
        namespace=row["namespace"],
        broker=row["broker"],
        event=WireEvent(Envelope.of(from_json(row["attributes"])), row["data"]),
        ttl=row["ttl"],
        arrived=row["arrived"],
        headers=tuple((name, value) for name, value in headers),
    )


def read_record(row: sqlite3.Row) -> DeliveryRecord:
    """A row of SELECT_RECORDS."""
    attributes = from_json(row["attributes"])
    return DeliveryRecord(
        id=row["id"],
        sequence=row["sequence"],
        namespace=row["namespace"],
        broker=row["broker"],
        trigger=row["trigger"],
        event_id=attributes["id"],
        event_source=attributes["source"],
        event_type=attributes["type"],
        correlation_id=str(attributes.get("correlationid") or attributes["id"]),
        state=row["state"],
        attempts=row["attempts"],
        status=row["status"],
        error=row["error"],
        dest=row["dest"],
        failure=_failure(row),
        arrived=row["arrived"],
        due=row["due"],
        took_s=row["took_s"],
        changed=row["changed"],
    )


def _failure(row: sqlite3.Row) -> Failure | None:
    if row["failed_dest"] is None:
        return None
    return Failure(row["failed_dest"], row["failed_code"], row["failed_data"])
