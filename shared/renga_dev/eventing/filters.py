"""Trigger filters (rules F1-F6), compiled once to closures, and an index of Triggers by event type."""

import re
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Generic, TypeVar

from renga_dev.manifests.model import All, AnyOf, CeSql, Exact, Filter, Not, Prefix, Suffix, Trigger
from renga_events.envelope import AttributeValue, Envelope

Predicate = Callable[[Envelope], bool]

_REQUIRED = frozenset({"id", "source", "type", "specversion"})
_EMPTY_WHERE_ABSENT = frozenset({"subject", "dataschema", "datacontenttype"})
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")

T = TypeVar("T")


def lookup(envelope: Envelope, name: str) -> AttributeValue | None:
    """An attribute as Knative's filters see it; None where the event has no such extension (rule F6)."""
    if name in _REQUIRED:
        value: str = getattr(envelope, name)
        return value
    if name in _EMPTY_WHERE_ABSENT:
        return getattr(envelope, name) or ""
    match name:
        case "time":
            return _go_time(envelope.time)
        case "schemaurl":
            return envelope.dataschema or ""
        case "datamediatype":
            return (envelope.datacontenttype or "").partition(";")[0].strip().lower()
        case "datacontentencoding":
            return envelope.extension(name) or ""
    return envelope.extensions.get(name)


def _go_time(text: str | None) -> str:
    """A timestamp as Go prints it: RFC 3339 with at most nine digits of fraction and no zeros at its end."""
    if text is None:
        return "0001-01-01T00:00:00Z"
    match = _TIME.fullmatch(text)
    if match is None:
        return text
    date, time, fraction, zone = match.groups()
    fraction = (fraction or "")[:9].rstrip("0")
    zone = "Z" if zone in {"z", "+00:00", "-00:00"} else zone
    return f"{date}T{time}{'.' if fraction else ''}{fraction}{zone}"


def compile_trigger(trigger: Trigger) -> Predicate | None:
    """What the Trigger wants to hear; None where it is everything."""
    if trigger.filters:
        return compile_filter(All(trigger.filters))
    return _attributes(trigger.attributes) if trigger.attributes else None


def compile_filter(wanted: Filter) -> Predicate | None:
    """One filter; None where it filters nothing: it is empty, or invalid and therefore skipped (rules F3, F4).

    Raises:
        renga.cesql.ParseError: an expression is none. Manifests that were read hold no such expression.
    """
    match wanted:
        case Exact(attributes):
            return _compare(attributes, str.__eq__)
        case Prefix(attributes):
            return _compare(attributes, str.startswith)
        case Suffix(attributes):
            return _compare(attributes, str.endswith)
        case All(filters):
            return _all(filters)
        case AnyOf(filters):
            return _any(filters)
        case Not(nested):
            inner = compile_filter(nested)
            return None if inner is None else lambda envelope: not inner(envelope)
        case CeSql(expression):
            # A parser is worth its import only where a Trigger needs it.
            from renga.cesql import compile_for

            return compile_for(expression, _reader).matches


def _reader(name: str) -> Callable[[Envelope], AttributeValue | None]:
    """What takes an attribute from an envelope as CESQL sees it (rule F5): what is absent is missing, not empty."""
    if name in _REQUIRED:
        return attrgetter(name)
    if name in _EMPTY_WHERE_ABSENT:
        return lambda envelope: getattr(envelope, name) or None
    if name == "time":
        return lambda envelope: _go_time(envelope.time) if envelope.time else None
    return lambda envelope: envelope.extensions.get(name)


def _compare(attributes: Mapping[str, str], test: Callable[[str, str], bool]) -> Predicate | None:
    if not attributes or not all(name and value for name, value in attributes.items()):
        return None
    pairs = tuple(attributes.items())

    def passes(envelope: Envelope) -> bool:
        for name, value in pairs:
            found = lookup(envelope, name)
            if found is None or not test(_printed(found), value):
                return False
        return True

    return passes


def _printed(value: AttributeValue) -> str:
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def _attributes(attributes: Mapping[str, str]) -> Predicate:
    """The older dialect: typed equality, and "" stands for any value that is there (rule F2)."""
    pairs = tuple(attributes.items())

    def passes(envelope: Envelope) -> bool:
        for name, value in pairs:
            found = lookup(envelope, name)
            if found is None or (found == "" if value == "" else found != value):
                return False
        return True

    return passes


def _compiled(filters: Iterable[Filter]) -> list[Predicate]:
    return [found for nested in filters if (found := compile_filter(nested)) is not None]


def _all(filters: tuple[Filter, ...]) -> Predicate | None:
    nested = _compiled(filters)
    if len(nested) < 2:
        return nested[0] if nested else None
    return lambda envelope: all(passes(envelope) for passes in nested)


def _any(filters: tuple[Filter, ...]) -> Predicate | None:
    nested = _compiled(filters)
    if len(nested) < 2:
        return nested[0] if nested else None
    return lambda envelope: any(passes(envelope) for passes in nested)


def required_types(trigger: Trigger) -> frozenset[str] | None:
    """The only event types that can pass; None where the type is not bound."""
    if trigger.filters:
        return _types(All(trigger.filters))
    wanted = trigger.attributes.get("type")
    return frozenset({wanted}) if wanted else None


def _types(wanted: Filter) -> frozenset[str] | None:
    match wanted:
        case Exact(attributes) if "type" in attributes and compile_filter(wanted) is not None:
            return frozenset({attributes["type"]})
        case All(filters):
            bound = [found for nested in filters if (found := _types(nested)) is not None]
            return frozenset.intersection(*bound) if bound else None
        case AnyOf(filters) if filters:
            # A nested filter that filters nothing does not count, so it does not widen the choice either.
            choices = [_types(nested) for nested in filters if compile_filter(nested) is not None]
            known = [choice for choice in choices if choice is not None]
            return frozenset().union(*known) if known and len(known) == len(choices) else None
    return None


class Subscriptions(Generic[T]):
    """Who hears an event of one Broker: a look-up by type first, so that an event does not walk every Trigger."""

    def __init__(self, triggers: Iterable[tuple[Trigger, T]]) -> None:
        self._by_type: dict[str, list[tuple[Predicate | None, T]]] = {}
        self._any_type: list[tuple[Predicate | None, T]] = []
        for trigger, value in triggers:
            entry = (compile_trigger(trigger), value)
            types = required_types(trigger)
            if types is None:
                self._any_type.append(entry)
            for event_type in types or ():
                self._by_type.setdefault(event_type, []).append(entry)

    def of(self, envelope: Envelope) -> list[T]:
        """The values of all Triggers whose filters pass."""
        candidates = self._by_type.get(envelope.type, [])
        return [
            value
            for entries in (candidates, self._any_type)
            for passes, value in entries
            if passes is None or passes(envelope)
        ]
