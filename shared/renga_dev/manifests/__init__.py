"""Rendered Knative YAML, read strictly: what a cluster would refuse is refused here, by file and path."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from renga_dev.calls import ServiceName
from renga_dev.manifests._fields import Fault, Fields, InvalidManifests
from renga_dev.manifests._yaml import Document, parse
from renga_dev.manifests.eventing import read_broker, read_sink_binding, read_trigger
from renga_dev.manifests.model import (
    All,
    AnyOf,
    Broker,
    BrokerName,
    CeSql,
    Container,
    Delivery,
    Destination,
    Exact,
    Filter,
    Manifests,
    Not,
    Prefix,
    Probe,
    Reference,
    Scaling,
    Service,
    SinkBinding,
    Skipped,
    Suffix,
    Trigger,
)
from renga_dev.manifests.serving import ServiceReader
from renga_dev.suggestion import suggest

__all__ = [
    "All", "AnyOf", "Broker", "BrokerName", "CeSql", "Container", "Delivery", "Destination", "Document", "Exact",
    "Fault", "Filter", "InvalidManifests", "Manifests", "Not", "Prefix", "Probe", "Reference", "Scaling", "Service",
    "SinkBinding", "Skipped", "Suffix", "Trigger", "load", "parse", "read",
]  # fmt: skip

DEFAULT_NAMESPACE = "default"
_KINDS = {
    "Service": "serving.knative.dev/v1",
    "Broker": "eventing.knative.dev/v1",
    "Trigger": "eventing.knative.dev/v1",
    "SinkBinding": "sources.knative.dev/v1",
}
_OF_CLUSTERS = {("v1", "Namespace"), ("v1", "ServiceAccount")}
"""What a cluster needs and one machine has: not worth a word."""
_NAME = re.compile(r"[a-z]([-a-z0-9]{0,61}[a-z0-9])?")


def load(documents: Iterable[Document]) -> Manifests:
    """Read manifests.

    Raises:
        InvalidManifests: with every fault, where there is one.
    """
    reading = _Reading()
    for document in documents:
        reading.read(document)
    reading.check_references()
    if reading.faults:
        raise InvalidManifests(reading.faults)
    return reading.manifests()


def read(documents: Iterable[Document]) -> tuple[Manifests, tuple[Fault, ...]]:
    """What can be read of manifests, and their faults; whether references lead anywhere is not looked at."""
    reading = _Reading()
    for document in documents:
        reading.read(document)
    return reading.manifests(), tuple(reading.faults)


class _Reading:
    """Manifests while they are being read."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.skipped: list[Skipped] = []
        self.services: dict[ServiceName, Service] = {}
        self.brokers: dict[BrokerName, Broker] = {}
        self.triggers: list[tuple[Trigger, Fields]] = []
        self.sink_bindings: list[tuple[SinkBinding, Fields]] = []
        self._broker_fields: dict[BrokerName, Fields] = {}
        self._seen: set[str] = set()

    def manifests(self) -> Manifests:
        return Manifests(
            services=self.services,
            brokers=self.brokers,
            triggers=tuple(trigger for trigger, _ in self.triggers),
            sink_bindings=tuple(binding for binding, _ in self.sink_bindings),
            skipped=tuple(self.skipped),
        )

    def read(self, document: Document) -> None:
        value = document.value
        if not isinstance(value, dict):
            self.faults.append(Fault(document.source, "document", ".", "is no object with apiVersion and kind"))
            return
        kind, api_version = str(value.get("kind") or ""), str(value.get("apiVersion") or "")
        if kind == "List" and isinstance(value.get("items"), list):
            for item in value["items"]:
                self.read(Document(document.source, item))
            return
        raw = value.get("metadata")
        metadata: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        namespace = str(metadata.get("namespace") or DEFAULT_NAMESPACE)
        name = str(metadata.get("name") or "")
        thing = f"{kind or 'document'} {namespace}/{name}"
        fields = Fields(value, self.faults, document.source, thing)
        if not kind or not api_version:
            fields.fault("kind" if api_version else "apiVersion", "is required")
        elif (api_version, kind) in _OF_CLUSTERS:
            return
        elif _KINDS.get(kind, "").partition("/")[0] != api_version.partition("/")[0]:
            self.skipped.append(Skipped(document.source, thing, f"{api_version} {kind} is not acted on"))
        elif api_version != _KINDS[kind]:
            fields.fault("apiVersion", f"is {api_version}, but {kind} is served as {_KINDS[kind]}")
        else:
            self._read_known(kind, namespace, name, thing, fields)

    def _read_known(self, kind: str, namespace: str, name: str, thing: str, fields: Fields) -> None:
        metadata = fields.child("metadata")
        fields.allow("apiVersion", "kind", "status")
        spec = fields.child("spec")
        fields.done()
        if metadata is None or not _NAME.fullmatch(name):
            message = f"is {name!r}, but must be a DNS label: a letter, then letters, digits and dashes, at most 63"
            fields.fault("metadata.name", message)
            return
        if thing in self._seen:
            fields.fault("metadata.name", "is declared twice")
            return
        self._seen.add(thing)
        annotations = metadata.mapping("annotations")
        if kind == "Broker":
            broker = BrokerName(namespace, name)
            self.brokers[broker] = read_broker(broker, annotations, spec)
            self._broker_fields[broker] = fields
            return
        if spec is None:
            fields.fault("spec", "is required")
        elif kind == "Trigger":
            self.triggers.append((read_trigger(namespace, name, spec), fields))
        elif kind == "SinkBinding":
            self._read_sink_binding(namespace, name, spec, fields)
        else:
            reader = ServiceReader(ServiceName(namespace, name), fields.source, thing)
            service = reader.read(metadata.mapping("labels"), annotations, spec)
            self.skipped += reader.skipped
            if service is not None:
                self.services[service.name] = service

    def _read_sink_binding(self, namespace: str, name: str, spec: Fields, fields: Fields) -> None:
        before = len(self.faults)
        binding = read_sink_binding(namespace, name, spec)
        if binding is not None:
            self.sink_bindings.append((binding, fields))
        elif len(self.faults) == before:
            self.skipped.append(Skipped(fields.source, fields.thing, "its subject is no Knative Service"))

    def check_references(self) -> None:
        """Name what points at nothing: in a cluster it would only never become ready."""
        for name, fields in self._broker_fields.items():
            self._check_sink(self.brokers[name].delivery, fields)
        for trigger, fields in self.triggers:
            self._check_broker(trigger.broker, "spec.broker", fields)
            self._check(trigger.subscriber, "spec.subscriber.ref", fields)
            self._check_sink(trigger.delivery, fields)
        for binding, fields in self.sink_bindings:
            self._check(binding.sink, "spec.sink.ref", fields)
            if binding.subject is not None:
                self._check_service(binding.subject, "spec.subject", fields)

    def _check_sink(self, delivery: Delivery | None, fields: Fields) -> None:
        if delivery and delivery.dead_letter_sink:
            self._check(delivery.dead_letter_sink, "spec.delivery.deadLetterSink.ref", fields)

    def _check(self, destination: Destination, path: str, fields: Fields) -> None:
        if destination.ref is None:
            return
        if service := destination.ref.service:
            self._check_service(service, path, fields)
        elif broker := destination.ref.broker:
            self._check_broker(broker, path, fields)

    def _check_service(self, service: ServiceName, path: str, fields: Fields) -> None:
        if service not in self.services:
            known = [str(name) for name in self.services]
            fields.fault(path, f"names the Service {service}, which is not declared{suggest(str(service), known)}")

    def _check_broker(self, broker: BrokerName, path: str, fields: Fields) -> None:
        if broker.name and broker not in self.brokers:
            known = [str(name) for name in self.brokers]
            fields.fault(path, f"names the Broker {broker}, which is not declared{suggest(str(broker), known)}")
