"""What every event type has from its base."""

from typing import ClassVar

import pytest
from pydantic import BaseModel, ValidationError

from renga_events import AnyEvent, Envelope, Event, event_types

ENVELOPE = Envelope(id="1", source="/test", type="test.base.order.v1")


class Line(BaseModel, extra="forbid"):
    """A line of an order; strict wherever it is read by itself."""

    sku: str
    count: int = 1


class Ordered(Event):
    """An order was placed."""

    ce_type: ClassVar[str] = "test.base.order.v1"
    subject_field: ClassVar[str | None] = "order_id"

    order_id: int
    lines: tuple[Line, ...] = ()
    note: str = ""


def test_unknown_fields_are_passed_over_at_every_depth() -> None:
    """A newer producer does not break an older consumer, not even in classes that are strict elsewhere."""
    read = Ordered.from_json(b'{"order_id": 1, "new": true, "lines": [{"sku": "a", "new": {"deep": 1}}]}')
    assert read == Ordered(order_id=1, lines=(Line(sku="a"),))
    with pytest.raises(ValidationError):
        Line.model_validate({"sku": "a", "new": 1})


def test_data_that_does_not_fit_is_refused() -> None:
    """A missing and a mistyped field are named."""
    with pytest.raises(ValidationError, match="order_id"):
        Ordered.from_json(b'{"lines": []}')
    with pytest.raises(ValidationError, match=r"lines\.0\.count"):
        Ordered.from_json(b'{"order_id": 1, "lines": [{"sku": "a", "count": "many"}]}')


def test_defaults_do_not_travel() -> None:
    """What has its default is left out, and comes back."""
    order = Ordered(order_id=1, lines=(Line(sku="a"),))
    assert order.to_json() == b'{"order_id":1,"lines":[{"sku":"a"}]}'
    assert Ordered.from_json(order.to_json()) == order


def test_an_event_does_not_change() -> None:
    """It is frozen: what was said was said."""
    with pytest.raises(ValidationError, match="frozen"):
        Ordered(order_id=1).note = "changed"  # type: ignore[misc] # what must fail


def test_the_subject_is_the_aggregate() -> None:
    """As text, whatever the field's type; None where a type names no field."""
    assert Ordered(order_id=7).subject() == "7"
    assert AnyEvent().subject() is None


def test_a_delivered_event_has_its_envelope() -> None:
    """A new one has none and says so; putting one inside an envelope leaves the other alone."""
    new = Ordered(order_id=1)
    delivered = new.inside(ENVELOPE)
    assert delivered.envelope is ENVELOPE
    assert Ordered.from_json(b'{"order_id": 1}', ENVELOPE).envelope is ENVELOPE
    with pytest.raises(ValueError, match="This Ordered was not delivered"):
        _ = new.envelope


def test_one_type_is_one_class() -> None:
    """A second class of the same type fails where it is declared, and names the first."""
    with pytest.raises(TypeError, match=r"Again declares test\.base\.order\.v1, which Ordered has"):

        class Again(Event):
            """The same type once more."""

            ce_type: ClassVar[str] = "test.base.order.v1"

    assert event_types()["test.base.order.v1"] is Ordered


def test_anything_is_no_type_of_its_own() -> None:
    """What hears everything is not part of the vocabulary."""
    assert "*" not in event_types()
    assert AnyEvent not in event_types().values()
