"""Brokers, Triggers and SinkBindings from their YAML, with the admission rules of Knative Eventing (F7, D5)."""

import re
from typing import Literal

from renga_dev.calls import ServiceName
from renga_dev.manifests._fields import Fields
from renga_dev.manifests.model import (
    All,
    AnyOf,
    Broker,
    BrokerName,
    CeSql,
    Delivery,
    Destination,
    Exact,
    Filter,
    Not,
    Prefix,
    Reference,
    SinkBinding,
    Suffix,
    Trigger,
)
from renga_dev.suggestion import suggest

_ATTRIBUTE = re.compile(r"[a-z][a-z0-9]*")
_DIALECTS = ("exact", "prefix", "suffix", "all", "any", "not", "cesql")
_NO_DESTINATION = Destination()


def read_broker(name: BrokerName, annotations: dict[str, str], spec: Fields | None) -> Broker:
    """Read a Broker's annotations and spec."""
    delivery = None
    if spec is not None:
        spec.allow("config")
        delivery = _delivery(spec, name.namespace)
        spec.done()
    return Broker(
        name=name,
        broker_class=annotations.get("eventing.knative.dev/broker.class", "MTChannelBasedBroker"),
        delivery=delivery,
        asynchronous=annotations.get("messaging.knative.dev/async-handler") == "true",
    )


def read_trigger(namespace: str, name: str, spec: Fields) -> Trigger:
    """Read a Trigger's spec."""
    attributes: dict[str, str] = {}
    if old := spec.child("filter"):
        attributes = old.mapping("attributes")
        _check_names(old, "attributes", attributes)
        old.done()
    trigger = Trigger(
        namespace=namespace,
        name=name,
        broker=_broker_of(spec, namespace),
        filters=tuple(found for item in spec.children("filters") if (found := _filter(item))),
        attributes=attributes,
        subscriber=_destination(spec, "subscriber", namespace) or _NO_DESTINATION,
        delivery=_delivery(spec, namespace),
    )
    if not spec.has("subscriber"):
        spec.fault("subscriber", "is required")
    spec.done()
    return trigger


def read_sink_binding(namespace: str, name: str, spec: Fields) -> SinkBinding | None:
    """Read a SinkBinding's spec; None where its subject is no Knative Service."""
    subject, labels, is_service = _subject(spec, namespace)
    sink = _destination(spec, "sink", namespace)
    if sink is None and not spec.has("sink"):
        spec.fault("sink", "is required")
    extensions: dict[str, str] = {}
    if overrides := spec.child("ceOverrides"):
        extensions = overrides.mapping("extensions")
        _check_names(overrides, "extensions", extensions)
        overrides.done()
    spec.done()
    if not is_service or sink is None:
        return None
    return SinkBinding(namespace, name, subject, labels, sink, extensions)


def _subject(spec: Fields, namespace: str) -> tuple[ServiceName | None, dict[str, str], bool]:
    subject = spec.child("subject")
    if subject is None:
        spec.fault("subject", "is required")
        return None, {}, False
    api_version = subject.required_text("apiVersion")
    is_service = subject.required_text("kind") == "Service" and api_version == "serving.knative.dev/v1"
    home = subject.text("namespace") or namespace
    name = subject.text("name")
    labels: dict[str, str] = {}
    if selector := subject.child("selector"):
        labels = selector.mapping("matchLabels")
        selector.done()
    if (name is None) == (not labels):
        subject.fault("", "must have either a name or a selector with matchLabels")
    subject.done()
    return (ServiceName(home, name) if name else None), labels, is_service


def _broker_of(spec: Fields, namespace: str) -> BrokerName:
    name = spec.text("broker")
    ref = spec.child("brokerRef")
    if (name is None) == (ref is None):
        spec.fault("broker", "either broker or brokerRef is required, and not both")
    if ref is None:
        return BrokerName(namespace, name or "")
    ref.allow("apiVersion", "kind")
    broker = BrokerName(ref.text("namespace") or namespace, ref.required_text("name"))
    ref.done()
    return broker


def _destination(parent: Fields, name: str, namespace: str) -> Destination | None:
    fields = parent.child(name)
    if fields is None:
        return None
    fields.allow("CACerts", "audience")
    uri = fields.text("uri")
    ref = None
    if nested := fields.child("ref"):
        ref = Reference(
            nested.required_text("apiVersion"),
            nested.required_text("kind"),
            nested.text("namespace") or namespace,
            nested.required_text("name"),
        )
        nested.done()
    if ref is None and uri is None:
        fields.fault("", "must have a ref or a uri")
    elif ref is None and uri is not None and not re.match(r"https?://[^/]", uri):
        fields.fault("uri", f"is {uri!r}, but without a ref it must be an absolute http or https URL")
    fields.done()
    return Destination(ref, uri)


def _delivery(parent: Fields, namespace: str) -> Delivery | None:
    fields = parent.child("delivery")
    if fields is None:
        return None
    if fields.has("retryAfterMax"):
        fields.allow("retryAfterMax")
        fields.fault("retryAfterMax", "is refused unless the cluster's feature delivery-retryafter is on")
    timeout = fields.period("timeout")
    if timeout == 0:
        fields.fault("timeout", "must be more than zero")
    policy = _one_of(fields, "backoffPolicy", ("linear", "exponential"))
    form = _one_of(fields, "format", ("json", "binary"))
    delivery = Delivery(
        retry=fields.number("retry", low=0),
        backoff_policy=_POLICIES.get(policy),
        backoff_delay=fields.period("backoffDelay"),
        timeout=timeout,
        dead_letter_sink=_destination(fields, "deadLetterSink", namespace),
        format=_FORMATS.get(form),
    )
    fields.done()
    return delivery


_POLICIES: dict[str | None, Literal["linear", "exponential"]] = {"linear": "linear", "exponential": "exponential"}
_FORMATS: dict[str | None, Literal["json", "binary"]] = {"json": "json", "binary": "binary"}


def _one_of(fields: Fields, name: str, allowed: tuple[str, ...]) -> str | None:
    value = fields.text(name)
    if value is not None and value not in allowed:
        fields.fault(name, f"is {value!r}, but must be one of {', '.join(allowed)}{suggest(value, list(allowed))}")
    return value


def _filter(fields: Fields) -> Filter | None:
    """One filter with exactly one dialect."""
    present = [name for name in _DIALECTS if fields.has(name)]
    fields.allow(*_DIALECTS)
    fields.done()
    if len(present) != 1:
        said = f"has {', '.join(present)}" if present else "is empty"
        fields.fault("", f"{said}, but must have exactly one dialect of {', '.join(_DIALECTS)}")
        return None
    dialect = present[0]
    if dialect in {"exact", "prefix", "suffix"}:
        attributes = fields.mapping(dialect)
        _check_names(fields, dialect, attributes)
        if dialect == "exact":
            return Exact(attributes)
        return Prefix(attributes) if dialect == "prefix" else Suffix(attributes)
    if dialect in {"all", "any"}:
        nested = tuple(found for item in fields.children(dialect) if (found := _filter(item)))
        return All(nested) if dialect == "all" else AnyOf(nested)
    if dialect == "not":
        inner = fields.child("not")
        found = _filter(inner) if inner else None
        return Not(found) if found else None
    expression = fields.text("cesql")
    if expression is None:
        return None
    # A parser is worth its import only where a Trigger needs it.
    from renga import cesql

    try:
        cesql.compile(expression)
    except cesql.ParseError as error:
        fields.fault("cesql", f"is no CloudEvents SQL: {error}")
        return None
    return CeSql(expression)


def _check_names(fields: Fields, name: str, attributes: dict[str, str]) -> None:
    for attribute in attributes:
        if not _ATTRIBUTE.fullmatch(attribute):
            message = "is no attribute name: lower-case letters and digits, starting with a letter"
            fields.fault(f"{name}.{attribute}", message)
