"""Trigger filters: rules F1-F6, on envelopes and on the wire."""

from typing import TYPE_CHECKING, Any

import pytest

from renga.wire import WireEvent, encode_binary, encode_structured
from renga_dev.calls import ServiceName
from renga_dev.eventing.filters import Subscriptions, compile_filter, compile_trigger, lookup
from renga_dev.eventing.filters import required_types as types_of
from renga_dev.manifests import Trigger
from renga_dev.manifests.model import All, AnyOf, BrokerName, CeSql, Destination, Exact, Filter, Not, Prefix, Suffix
from renga_events.envelope import Envelope

if TYPE_CHECKING:
    from tests.shared.renga_dev.eventing.conftest import WorldMaker

ENVELOPE = Envelope(
    "1",
    "/shop/orders",
    "dev.shop.order.v1",
    subject="order-7",
    time="2024-05-01T10:00:00.120Z",
    datacontenttype="Application/JSON; charset=utf-8",
    dataschema="/schemas/order",
    extensions={"region": "eu", "size": 5, "big": True, "empty": ""},
)
BARE = Envelope("1", "/s", "t.v1")
PASSES = Exact({"type": "dev.shop.order.v1"})
FAILS = Exact({"type": "other"})
SKIPPED = Exact({"type": ""})


def trigger_with(*filters: Filter, **attributes: str) -> Trigger:
    """A Trigger of which only the filters matter."""
    return Trigger("default", "t", BrokerName("default", "default"), filters, attributes, Destination(), None)


def passes(trigger: Trigger, envelope: Envelope = ENVELOPE) -> bool:
    """Whether a Trigger hears an event."""
    predicate = compile_trigger(trigger)
    return predicate is None or predicate(envelope)


@pytest.mark.rule("F1")
@pytest.mark.parametrize(
    ("trigger", "heard"),
    [
        (trigger_with(), True),
        (trigger_with(type="dev.shop.order.v1"), True),
        (trigger_with(type="other"), False),
        (trigger_with(PASSES, type="other"), True),
        (trigger_with(FAILS, type="dev.shop.order.v1"), False),
        (trigger_with(PASSES, Exact({"region": "eu"})), True),
        (trigger_with(PASSES, Exact({"region": "us"})), False),
    ],
)
def test_filters_override_the_older_filter(trigger: Trigger, heard: bool) -> None:
    """`filters` wins over `filter`, all of them must pass, and neither means everything."""
    assert passes(trigger) is heard


@pytest.mark.rule("F1")
async def test_filtered_out_event_is_accepted_and_not_sent(world: "WorldMaker", trigger: Any) -> None:
    """An event that a Trigger does not want is a success of which its subscriber hears nothing."""
    documents = [
        trigger("wanted", "a", filters=[{"exact": {"type": "t.v1"}}]),
        trigger("unwanted", "b", filters=[{"exact": {"type": "other"}}]),
    ]
    async with world(*documents) as w:
        assert (await w.publish(WireEvent(BARE))).status == 202
        await w.settled()
        assert (len(w.got("a")), len(w.got("b"))) == (1, 0)


@pytest.mark.rule("F2")
@pytest.mark.parametrize(
    ("attributes", "heard"),
    [
        ({"region": "eu"}, True),
        ({"region": "EU"}, False),
        ({"region": ""}, True),
        ({"missing": ""}, False),
        ({"empty": ""}, False),
        ({"size": "5"}, False),
        ({"size": ""}, True),
        ({"big": "true"}, False),
        ({"region": "eu", "subject": "order-7"}, True),
        ({"region": "eu", "subject": "order-8"}, False),
    ],
)
def test_attributes(attributes: dict[str, str], heard: bool) -> None:
    """The older dialect compares typed values by case, and an empty one asks for presence only."""
    assert passes(trigger_with(**attributes)) is heard


@pytest.mark.rule("F2")
async def test_number_from_a_structured_event(world: "WorldMaker", trigger: Any) -> None:
    """A number is a number in structured mode and text in binary mode: `attributes` sees a difference, `exact` none."""
    documents = [
        trigger("typed", "a", filter={"attributes": {"size": "5"}}),
        trigger("printed", "b", filters=[{"exact": {"size": "5"}}]),
    ]
    event = WireEvent(Envelope("1", "/s", "t.v1", extensions={"size": 5}))
    async with world(*documents) as w:
        structured = [("content-type", "application/cloudevents+json")]
        await w.request("POST", "/default/default", structured, encode_structured(event))
        await w.settled()
        assert (len(w.got("a")), len(w.got("b"))) == (0, 1)
        await w.request("POST", "/default/default", *encode_binary(event))
        await w.settled()
        assert (len(w.got("a")), len(w.got("b"))) == (1, 2)


@pytest.mark.rule("F3")
@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        (Exact({"region": "eu", "subject": "order-7"}), True),
        (Exact({"region": "eu", "subject": "order-8"}), False),
        (Exact({"region": "e"}), False),
        (Exact({"missing": "x"}), False),
        (Exact({"size": "5"}), True),
        (Exact({"big": "true"}), True),
        (Prefix({"type": "dev.shop.", "source": "/shop"}), True),
        (Prefix({"type": "dev.shop.", "source": "/other"}), False),
        (Prefix({"missing": "x"}), False),
        (Suffix({"type": ".v1"}), True),
        (Suffix({"type": ".v2"}), False),
        (Suffix({"missing": "x"}), False),
    ],
)
def test_leaves(wanted: Filter, heard: bool) -> None:
    """Keys of one map are ANDed, a missing attribute does not match, and values are compared as printed."""
    assert passes(trigger_with(wanted)) is heard


@pytest.mark.rule("F3")
@pytest.mark.parametrize("dialect", [Exact, Prefix, Suffix])
@pytest.mark.parametrize("attributes", [{"type": ""}, {"": "x"}, {"region": "us", "type": ""}, {}])
def test_invalid_filter_is_skipped(dialect: Any, attributes: dict[str, str]) -> None:
    """A filter with an empty name or value is as if it were not there."""
    assert compile_filter(dialect(attributes)) is None
    assert passes(trigger_with(dialect(attributes)))
    assert not passes(trigger_with(dialect(attributes), FAILS))


@pytest.mark.rule("F4")
@pytest.mark.parametrize(
    ("wanted", "heard"),
    [
        (All((PASSES, PASSES)), True),
        (All((PASSES, FAILS)), False),
        (All(()), True),
        (All((SKIPPED,)), True),
        (All((SKIPPED, FAILS)), False),
        (AnyOf((FAILS, PASSES)), True),
        (AnyOf((FAILS, FAILS)), False),
        (AnyOf(()), True),
        (AnyOf((SKIPPED,)), True),
        (AnyOf((SKIPPED, FAILS)), False),
        (Not(PASSES), False),
        (Not(FAILS), True),
        (Not(SKIPPED), True),
        (Not(All(())), True),
        (Not(Not(PASSES)), True),
        (Not(AnyOf((FAILS, All((PASSES, Not(FAILS)))))), False),
    ],
)
def test_nesting(wanted: Filter, heard: bool) -> None:
    """all, any and not nest; what filters nothing counts neither for nor against, and negated it is still nothing."""
    assert passes(trigger_with(wanted)) is heard


@pytest.mark.rule("F5")
@pytest.mark.parametrize(
    ("envelope", "expression", "heard"),
    [
        (ENVELOPE, "type = 'dev.shop.order.v1' AND region IN ('eu', 'us')", True),
        (ENVELOPE, "type LIKE 'dev.shop.%' AND size > 5", False),
        (ENVELOPE, "size = 5 AND big AND specversion = '1.0'", True),
        (ENVELOPE, "size = '5' AND big = 'true'", True),
        (ENVELOPE, "time = '2024-05-01T10:00:00.12Z'", True),
        (ENVELOPE, "EXISTS empty AND empty = ''", True),
        (ENVELOPE, "dataschema = '/schemas/order' AND datacontenttype LIKE 'Application/JSON%'", True),
        (ENVELOPE, "FALSE AND FALSE OR TRUE", False),
        # An error is no match, whatever the value.
        (ENVELOPE, "missing = 'x' OR TRUE", False),
        (ENVELOPE, "NOT 5", False),
        (ENVELOPE, "subject < 3", False),
        (ENVELOPE, "1 / 0 = 0", False),
        (ENVELOPE, "NOSUCH()", False),
        # Neither is a value that is no boolean.
        (ENVELOPE, "size", False),
        (ENVELOPE, "'true'", False),
        # What an event lacks is missing, where the other dialects read it as empty.
        (BARE, "subject = ''", False),
        (BARE, "NOT EXISTS subject AND NOT EXISTS time AND NOT EXISTS datacontenttype", True),
        (BARE, "time LIKE '%'", False),
        (BARE, "EXISTS schemaurl", False),
    ],
)
def test_cesql(envelope: Envelope, expression: str, heard: bool) -> None:
    """An expression passes where it is true without an error; attributes are those of the event and nothing else."""
    assert passes(trigger_with(CeSql(expression)), envelope) is heard
    assert passes(trigger_with(Not(CeSql(expression))), envelope) is not heard
    assert passes(trigger_with(AnyOf((FAILS, CeSql(expression)))), envelope) is heard


@pytest.mark.rule("F5")
async def test_cesql_on_the_wire(world: "WorldMaker", trigger: Any) -> None:
    """A number is compared as one whether the event came structured or binary, where it is text."""
    documents = [
        trigger("large", "a", filters=[{"cesql": "size >= 5 AND EXISTS region"}]),
        trigger("small", "b", filters=[{"cesql": "size < 5"}]),
    ]
    event = WireEvent(Envelope("1", "/s", "t.v1", extensions={"size": 5, "region": "eu"}))
    async with world(*documents) as w:
        structured = [("content-type", "application/cloudevents+json")]
        await w.request("POST", "/default/default", structured, encode_structured(event))
        await w.request("POST", "/default/default", *encode_binary(event))
        await w.settled()
        assert (len(w.got("a")), len(w.got("b"))) == (2, 0)


@pytest.mark.rule("F6")
@pytest.mark.parametrize(
    ("envelope", "name", "value"),
    [
        (BARE, "subject", ""),
        (BARE, "dataschema", ""),
        (BARE, "schemaurl", ""),
        (BARE, "datacontenttype", ""),
        (BARE, "datamediatype", ""),
        (BARE, "datacontentencoding", ""),
        (BARE, "time", "0001-01-01T00:00:00Z"),
        (BARE, "specversion", "1.0"),
        (BARE, "region", None),
        (ENVELOPE, "time", "2024-05-01T10:00:00.12Z"),
        (ENVELOPE, "schemaurl", "/schemas/order"),
        (ENVELOPE, "datamediatype", "application/json"),
        (ENVELOPE, "datacontenttype", "Application/JSON; charset=utf-8"),
        (ENVELOPE, "size", 5),
        (ENVELOPE, "data", None),
    ],
)
def test_lookup(envelope: Envelope, name: str, value: object) -> None:
    """Absent optional attributes read as empty, time has an odd zero, and three older names resolve."""
    assert lookup(envelope, name) == value


@pytest.mark.rule("F6")
@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("2024-05-01T10:00:00Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00.000Z", "2024-05-01T10:00:00Z"),
        ("2024-05-01t10:00:00.5z", "2024-05-01T10:00:00.5Z"),
        ("2024-05-01T10:00:00.1234567899Z", "2024-05-01T10:00:00.123456789Z"),
        ("2024-05-01T10:00:00+00:00", "2024-05-01T10:00:00Z"),
        ("2024-05-01T10:00:00.10+02:00", "2024-05-01T10:00:00.1+02:00"),
    ],
)
def test_time_is_printed_as_go_prints_it(written: str, printed: str) -> None:
    """Filters compare time as RFC 3339 text with nanoseconds and no zeros at the end."""
    assert lookup(Envelope("1", "/s", "t", time=written), "time") == printed


@pytest.mark.parametrize(
    ("trigger", "types"),
    [
        (trigger_with(), None),
        (trigger_with(type="a"), {"a"}),
        (trigger_with(type=""), None),
        (trigger_with(Exact({"type": "a", "region": "eu"})), {"a"}),
        (trigger_with(Exact({"type": "a", "region": ""})), None),
        (trigger_with(Prefix({"type": "a"})), None),
        (trigger_with(All((Exact({"type": "a"}), Prefix({"source": "/"})))), {"a"}),
        (trigger_with(Exact({"type": "a"}), Exact({"type": "b"})), set()),
        (trigger_with(AnyOf((Exact({"type": "a"}), Exact({"type": "b"})))), {"a", "b"}),
        (trigger_with(AnyOf((Exact({"type": "a"}), Exact({"region": "eu"})))), None),
        (trigger_with(AnyOf((Exact({"type": "a"}), SKIPPED))), {"a"}),
        (trigger_with(AnyOf((SKIPPED,))), None),
        (trigger_with(Not(Exact({"type": "a"}))), None),
    ],
)
def test_required_types(trigger: Trigger, types: set[str] | None) -> None:
    """The types that a Trigger can hear are read off its filters where they bind the type."""
    assert types_of(trigger) == types


def test_index_finds_what_the_filters_pass() -> None:
    """Looking up by type leaves out nobody whose filters pass, and asks everyone who is not bound to a type."""
    triggers = [
        (trigger_with(PASSES), ServiceName("n", "exact")),
        (trigger_with(AnyOf((FAILS, PASSES))), ServiceName("n", "either")),
        (trigger_with(Prefix({"type": "dev."})), ServiceName("n", "prefix")),
        (trigger_with(), ServiceName("n", "everything")),
        (trigger_with(FAILS), ServiceName("n", "other")),
        (trigger_with(PASSES, Exact({"region": "us"})), ServiceName("n", "elsewhere")),
    ]
    found = Subscriptions(triggers).of(ENVELOPE)
    assert {service.name for service in found} == {"exact", "either", "prefix", "everything"}
