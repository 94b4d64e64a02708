"""`renga publish`: any CloudEvent, checked against its type before it is sent."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from renga_dev.cli._edge import Misuse, at_option, json_option, laptop, talk, unknown

if TYPE_CHECKING:
    from renga.wire import WireEvent


@click.command()
@click.argument("ce_type", metavar="TYPE")
@click.option(
    "-f", "--file", "file", required=True, metavar="FILE", help="The data as JSON, or a whole event; - reads it."
)
@click.option("--id", "event_id", help="By default random: publishing twice is two events.")
@click.option("--source", help="By default /renga/publish.")
@click.option("--subject", help="By default what the type says that it is about.")
@at_option
@json_option
def command(
    *,
    ce_type: str,
    file: str,
    event_id: str | None,
    source: str | None,
    subject: str | None,
    at: str | None,
    as_json: bool,
) -> None:
    """Publish an event of TYPE to the Broker.

    FILE holds its data, or a structured CloudEvent whose attributes are then kept.
    """
    from pydantic_core import to_json

    from renga_dev.publishing import new, publish

    written = _read(file)
    is_whole = isinstance(written, dict) and "specversion" in written
    given = {"id": event_id, "source": source, "subject": subject}
    attributes = {name: value for name, value in given.items() if value is not None}
    event = _whole(ce_type, written, attributes, file) if is_whole else new(ce_type, to_json(written), attributes)
    event = _checked(event, file)
    talk(laptop(at), lambda runtime: publish(runtime, event))
    run = event.envelope.correlation_id
    if as_json:
        click.echo(to_json({"id": event.envelope.id, "run": run}).decode())
    else:
        click.echo(f"published {ce_type}\nid  {event.envelope.id}\nrun {run}")


def _read(file: str) -> Any:
    from pydantic_core import from_json

    try:
        raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return from_json(raw.removeprefix(b"\xef\xbb\xbf"), allow_inf_nan=False)
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise Misuse(f"{file} is not JSON: {error}.") from None


def _whole(ce_type: str, written: dict[str, Any], attributes: dict[str, str], file: str) -> "WireEvent":
    """A structured event, with what the options set."""
    from pydantic_core import to_json

    from renga.wire import STRUCTURED, NotAnEvent, decode
    from renga_dev.publishing import now

    if written.get("type", ce_type) != ce_type:
        raise Misuse(f"{file} holds an event of type {written['type']}, not {ce_type}.")
    completed = {"time": now()} | written | {"type": ce_type} | attributes
    try:
        return decode({"content-type": STRUCTURED}, to_json(completed))
    except NotAnEvent as error:
        raise Misuse(f"{file}: {error}") from None


def _checked(event: "WireEvent", file: str) -> "WireEvent":
    """The event, whose type is known and whose data fits it; its subject is filled in where it had none.

    Raises:
        Misuse: one of them is not so.
    """
    from pydantic import ValidationError

    from renga.faults import faults
    from renga_events.vocabulary import vocabulary

    ce_type = event.envelope.type
    known = vocabulary()
    if ce_type not in known:
        unknown("event type", ce_type, known)
    if event.data is None and event.envelope.extension("dataref"):
        return event
    try:
        typed = known[ce_type].from_json(event.data or b"{}")
    except ValidationError as error:
        raise Misuse(f"{file} is no {ce_type}: {faults(error)}.") from None
    return event._replace(envelope=replace(event.envelope, subject=event.envelope.subject or typed.subject()))
