"""Knative Services from their YAML, with the admission rules of Knative Serving (S1, S3, S9 and the annotations)."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

from renga_dev.calls import ServiceName
from renga_dev.manifests._fields import Fields, parse_duration
from renga_dev.manifests.model import DEFAULT_BURST, Container, Probe, Scaling, Service, Skipped

RESERVED_ENV = frozenset({"PORT", "K_SERVICE", "K_CONFIGURATION", "K_REVISION"})
MAX_TIMEOUT_S = 600
"""The cluster's default `max-revision-timeout-seconds`."""

_PREFIX = "autoscaling.knative.dev/"
_FUNCTION = "renga.dev/function"
_FOLDER = re.compile(r"[a-z0-9][a-z0-9_.-]*/[a-z0-9][a-z0-9_.-]*")
# Placement, identity and resources: a cluster schedules by them, one machine does not.
_POD_FIELDS = (
    "serviceAccountName", "nodeSelector", "tolerations", "affinity", "runtimeClassName", "imagePullSecrets",
    "enableServiceLinks", "automountServiceAccountToken", "securityContext", "priorityClassName", "schedulerName",
    "topologySpreadConstraints", "dnsPolicy", "dnsConfig", "hostAliases",
)  # fmt: skip
_CONTAINER_FIELDS = ("name", "resources", "imagePullPolicy", "securityContext", "terminationMessagePath",
                     "terminationMessagePolicy", "livenessProbe", "startupProbe")  # fmt: skip
_UNUSED = ("metric", "scale-down-delay", "initial-scale", "class")


class ServiceReader:
    """Reads one Service; collects what the runtime does not act on."""

    def __init__(self, name: ServiceName, source: str, thing: str) -> None:
        self.name = name
        self.source = source
        self.thing = thing
        self.skipped: list[Skipped] = []
        self._scratch: set[str] = set()

    def read(self, labels: Mapping[str, str], annotations: Mapping[str, str], spec: Fields) -> Service | None:
        """Read the spec; None where it holds no container."""
        spec.allow("traffic")
        if spec.has("traffic"):
            self._skip("spec.traffic: all requests go to the newest revision")
        template = spec.child("template")
        spec.done()
        if template is None:
            spec.fault("template", "is required")
            return None
        metadata = template.child("metadata")
        notes = metadata.mapping("annotations") if metadata else {}
        pod = template.child("spec")
        template.done()
        if pod is None:
            template.fault("spec", "is required")
            return None
        return self._revision(labels, {**annotations, **notes}, pod, metadata or template)

    def _revision(
        self, labels: Mapping[str, str], annotations: Mapping[str, str], pod: Fields, metadata: Fields
    ) -> Service | None:
        pod.allow(*_POD_FIELDS)
        pod.allow("volumes", "initContainers")
        if pod.has("initContainers"):
            self._skip(f"{pod.at('initContainers')}: not set up on this machine")
        self._scratch = _scratch(pod.value.get("volumes"))
        if _names(pod.value.get("volumes")) != self._scratch:
            self._skip(f"{pod.at('volumes')}: not set up on this machine")
        concurrency = pod.number("containerConcurrency", low=0, high=1000) or 0
        timeout = pod.number("timeoutSeconds", low=1, high=MAX_TIMEOUT_S) or 300
        start = pod.number("responseStartTimeoutSeconds", low=0, high=timeout) or None
        idle = pod.number("idleTimeoutSeconds", low=0, high=timeout) or None
        containers = pod.children("containers")
        pod.done()
        if len(containers) != 1:
            sidecars = "sidecars are not run on this machine" if containers else "there is nothing to run"
            pod.fault("containers", f"has {len(containers)} containers, but must have one: {sidecars}")
            return None
        reader = _Annotations(annotations, metadata)
        return Service(
            name=self.name,
            source=self.source,
            labels=labels,
            function=_function(annotations.get(_FUNCTION), metadata),
            container=self._container(containers[0]),
            scaling=self._scaling(reader),
            concurrency=concurrency,
            timeout=float(timeout),
            response_start_timeout=start,
            idle_timeout=idle,
            progress_deadline=reader.seconds("serving.knative.dev/progress-deadline", 600.0, low=1.0, high=86400.0),
        )

    def _container(self, fields: Fields) -> Container:
        fields.allow(*_CONTAINER_FIELDS)
        fields.allow("volumeMounts", "workingDir")
        if not _names(fields.value.get("volumeMounts")) <= self._scratch:
            self._skip(f"{fields.at('volumeMounts')}: not set up on this machine")
        if fields.has("workingDir"):
            self._skip(f"{fields.at('workingDir')}: not acted on: a function runs in its folder")
        ports = fields.children("ports")
        for port in ports:
            port.allow("name", "protocol")
            port.number("containerPort", low=0, high=65535)
            port.done()
        if len(ports) > 1:
            fields.fault("ports", f"has {len(ports)} ports, but must have at most one")
        container = Container(
            image=fields.required_text("image"),
            command=fields.texts("command"),
            args=fields.texts("args"),
            env=_env(fields),
            readiness=_probe(fields),
            slow=fields.has("startupProbe"),
        )
        fields.done()
        return container

    def _scaling(self, read: "_Annotations") -> Scaling:
        for name in _UNUSED:
            if read.has(name):
                self._skip(f"annotation {_PREFIX}{name}: not acted on")
        window = read.seconds(f"{_PREFIX}window", 60.0, low=6.0, high=3600.0)
        target = read.number("target", 0.0, low=0.01)
        scaling = Scaling(
            min_scale=int(read.number("min-scale", 0, low=0, whole=True)),
            max_scale=int(read.number("max-scale", 0, low=0, whole=True)),
            activation_scale=int(read.number("activation-scale", 1, low=1, whole=True)),
            target=target or None,
            utilization=read.number("target-utilization-percentage", 70.0, low=1.0, high=100.0) / 100,
            burst=read.number("target-burst-capacity", DEFAULT_BURST, low=-1),
            window=window,
            panic_window=window * read.number("panic-window-percentage", 10.0, low=1.0, high=100.0) / 100,
            panic_threshold=read.number("panic-threshold-percentage", 200.0, low=110.0, high=1000.0) / 100,
            retention=read.seconds(f"{_PREFIX}scale-to-zero-pod-retention-period", 0.0, low=0.0, high=3600.0),
        )
        if 0 < scaling.max_scale < scaling.min_scale:
            read.fault("max-scale", f"is {scaling.max_scale}, which is less than min-scale {scaling.min_scale}")
        return scaling

    def _skip(self, reason: str) -> None:
        self.skipped.append(Skipped(self.source, self.thing, reason))


def _scratch(volumes: Any) -> set[str]:
    """The names of volumes that are empty folders for the time of a process: of those this machine has enough."""
    return _names([volume for volume in _objects(volumes) if "emptyDir" in volume])


def _names(items: Any) -> set[str]:
    return {str(item.get("name")) for item in _objects(items)}


def _objects(items: Any) -> list[dict[str, Any]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


class _Annotations:
    """Numbers and durations out of annotations, which are texts."""

    def __init__(self, values: Mapping[str, str], fields: Fields) -> None:
        # The spellings of before 2022 still count.
        self.values = {_spelled(name): value for name, value in values.items()}
        self.fields = fields

    def has(self, name: str) -> bool:
        return _PREFIX + name in self.values

    def fault(self, name: str, message: str) -> None:
        full = name if "/" in name else _PREFIX + name
        self.fields.fault(f"annotations[{full}]", message)

    def number(self, name: str, default: float, *, low: float, high: float = 2**31, whole: bool = False) -> float:
        text = self.values.get(_PREFIX + name)
        if text is None:
            return default
        try:
            value = int(text) if whole else float(text)
        except ValueError:
            value = low - 1
        if not low <= value <= high:
            kind = "a whole number" if whole else "a number"
            bound = f"at least {low:g}" if high == 2**31 else f"between {low:g} and {high:g}"
            self.fault(name, f"is {text!r}, but must be {kind}, {bound}")
            return default
        return value

    def seconds(self, name: str, default: float, *, low: float, high: float) -> float:
        text = self.values.get(name)
        if text is None:
            return default
        value = parse_duration(text)
        if value is None or not low <= value <= high:
            self.fault(name, f"is {text!r}, but must be a duration such as 60s, between {low:g}s and {high:g}s")
            return default
        return value


def _spelled(name: str) -> str:
    if not name.startswith(_PREFIX):
        return name
    kebab = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", name[len(_PREFIX) :]).lower()
    return _PREFIX + kebab


def _function(folder: str | None, fields: Fields) -> PurePosixPath | None:
    if folder is None:
        return None
    if not _FOLDER.fullmatch(folder):
        fields.fault(
            f"annotations[{_FUNCTION}]", f"is {folder!r}, but must be a suite and a name, such as schema/parse"
        )
        return None
    return PurePosixPath(folder)


def _env(fields: Fields) -> dict[str, str]:
    env: dict[str, str] = {}
    for item in fields.children("env"):
        name = item.required_text("name")
        if name in RESERVED_ENV:
            item.fault("name", f"is {name}, which Knative reserves: {', '.join(sorted(RESERVED_ENV))}")
        value = item.text("value") or ""
        source = item.child("valueFrom")
        item.done()
        if source is None:
            env[name] = value
        elif not _optional(source):
            item.fault("valueFrom", f"cannot be resolved on this machine: give {name} a value in an overlay")
    for item in fields.children("envFrom"):
        if not _optional(item):
            item.fault("", "cannot be resolved on this machine: give the variables values in an overlay")
    return env


def _optional(source: Fields) -> bool:
    return all(isinstance(ref, dict) and ref.get("optional") is True for ref in source.value.values())


def _probe(fields: Fields) -> Probe:
    probe = fields.child("readinessProbe")
    if probe is None:
        return Probe()
    for name in ("exec", "grpc"):
        probe.allow(name)
        if probe.has(name):
            probe.fault(name, "is not run on this machine: use httpGet or tcpSocket")
    period = probe.number("periodSeconds", low=0) or 0
    for name in ("failureThreshold", "timeoutSeconds"):
        value = probe.number(name, low=0)
        if value and not period:
            probe.fault(name, "is not allowed where periodSeconds is 0")
    success = probe.number("successThreshold", low=1) or 1
    delay = probe.number("initialDelaySeconds", low=0) or 0
    http = probe.child("httpGet")
    tcp = probe.child("tcpSocket")
    if http is not None and tcp is not None:
        probe.fault("", "must have one of httpGet and tcpSocket, not both")
    path = None
    headers: list[tuple[str, str]] = []
    if http is not None:
        http.allow("port", "host", "scheme")
        path = http.text("path") or "/"
        for header in http.children("httpHeaders"):
            headers.append((header.required_text("name").lower(), header.text("value") or ""))
            header.done()
        http.done()
    if tcp is not None:
        tcp.allow("port", "host")
        tcp.done()
    probe.done()
    return Probe(path, tuple(headers), success, float(delay))
