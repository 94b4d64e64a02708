"""A function's Knative manifests: a Service, a Trigger for each type it consumes, and a SinkBinding for what it says.

What stays has a Service alone. After the Knative 1.22 resource definitions. What differs between environments belongs
into an overlay, not here.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from renga.contract import Deployment
from renga.service import Service
from renga_dev.wiring._yaml import as_yaml
from renga_dev.wiring.discovery import LONGEST_SERVICE_NAME, Deployed, Function, Standing
from renga_dev.wiring.vocabulary import short_name

BROKER = "default"
EVENT_PORT = 8080
SCRATCH = "/tmp"  # noqa: S108 - a path in the container: the default state folder is in it, and temporary files
"""The one folder that a function may write to: its root file system is read-only."""

_STARTUP_PERIOD_S = 2
_WHOLE_ANSWERS = {"features.knative.dev/http-full-duplex": "Enabled"}
"""Without it a race in Go's HTTP server (golang/go#40747) cuts answers now and then: see docs/engine.md."""
_SERVICE = {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}
_BROKER = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker"}

Document = dict[str, Any]


def file_name(function: Deployed) -> str:
    """The file below `knative/base` that holds a function's manifests."""
    return f"{function.service}.yaml"


def function_manifest(function: Function, desk: Function | None) -> str:
    """Everything that one function needs in a cluster; `desk` is the dead-letter sink, where there is one."""
    documents = [service(function), *triggers(function, desk)]
    # What hears everything says nothing, not even of its own failures: it would hear itself for ever.
    if not function.hears_everything:
        documents.append(sink_binding(function))
    documents.append(service_account(function))
    origin = f"the annotations of functions/{function.name}/main.py"
    return as_yaml(documents, origin=origin)


def standing_manifest(standing: Standing) -> str:
    """Everything that a service which stays needs in a cluster."""
    documents = [standing_service(standing), service_account(standing)]
    return as_yaml(documents, origin=f"functions/{standing.name}/main.py")


def service(function: Function) -> Document:
    """The Knative Service of a function: how it is started, scaled and asked for its health."""
    deployment = function.deployment
    container = {
        "env": [
            {"name": "FUNCTION_TARGET", "value": function.target},
            {"name": "RENGA_FUNCTION", "value": function.name},
        ],
        # A period of 0 is Knative's fastest probing: it is what a cold start waits for.
        "readinessProbe": {"httpGet": {"path": "/health/ready"}, "periodSeconds": 0},
        "livenessProbe": {"httpGet": {"path": "/health/live"}},
        # No CPU limit: it would slow every cold start.
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": deployment.memory}},
    }
    # What overlays tell functions apart by: a door is called from outside, the others are sent events.
    labels = {"renga.dev/woken-by": "http" if function.door else "events"}
    return _service(function, deployment, labels, container)


def standing_service(standing: Standing) -> Document:
    """The Knative Service of a service that stays."""
    asks = standing.asks
    container = {
        "command": list(asks.command),
        "env": [{"name": name, "value": value} for name, value in asks.env],
        # What it loads takes its time; until it is there nothing else is asked.
        "startupProbe": {
            # Of the other two Knative fills in the port.
            "httpGet": {"path": asks.ready, "port": EVENT_PORT},
            "periodSeconds": _STARTUP_PERIOD_S,
            "failureThreshold": -(-asks.start_s // _STARTUP_PERIOD_S),
        },
        "readinessProbe": {"httpGet": {"path": asks.ready}, "periodSeconds": 0},
        "livenessProbe": {"httpGet": {"path": asks.live}},
        "resources": {"requests": {"cpu": asks.cpu, "memory": asks.memory}, "limits": {"memory": asks.memory}},
    }
    labels = {
        "renga.dev/woken-by": "calls",
        # It asks nobody who is calling.
        "networking.knative.dev/visibility": "cluster-local",
    }
    return _service(standing, asks, labels, container)


def _service(each: Deployed, asks: Deployment | Service, labels: Document, container: Document) -> Document:
    scale = {"min-scale": asks.min_scale} if asks.min_scale else {}
    scaling = {**scale, "max-scale": asks.max_scale, "window": f"{asks.window_s}s"}
    notes = {f"autoscaling.knative.dev/{name}": str(value) for name, value in scaling.items()}
    whole = {
        # The image as it is built on this machine. Knative asks no registry about dev.local, and there is none of that
        # name: where an overlay was not told of the real one, nothing is pulled.
        "image": f"dev.local/{each.service}:dev",
        "ports": [{"containerPort": EVENT_PORT}],
        **container,
        # What the Pod Security Standard "restricted" asks for, and a root file system that nothing writes to.
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
            "capabilities": {"drop": ["ALL"]},
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "volumeMounts": [{"name": "scratch", "mountPath": SCRATCH}],
    }
    return {
        **_SERVICE,
        "metadata": {
            "name": each.service,
            "labels": {
                "app.kubernetes.io/name": each.service,
                "app.kubernetes.io/part-of": "renga",
                "renga.dev/suite": each.suite,
                **labels,
            },
            "annotations": {"renga.dev/function": each.name},
        },
        "spec": {
            "template": {
                "metadata": {"annotations": {**notes, **_WHOLE_ANSWERS}},
                "spec": {
                    "containerConcurrency": asks.concurrency,
                    "timeoutSeconds": asks.timeout_s,
                    "serviceAccountName": each.service,
                    "containers": [whole],
                    "volumes": [{"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}}],
                },
            }
        },
    }


def triggers(function: Function, desk: Function | None) -> list[Document]:
    """One Trigger for each subscription; that to everything has no filter, and the dead-letter sink needs none."""
    subscriptions = [(ce_type, [{"exact": {"type": ce_type}}]) for ce_type in function.consumes]
    found = [_trigger(function, short_name(ce_type), {"filters": filters}) for ce_type, filters in subscriptions]
    if function.hears_everything:
        # A record of everything is waited for longer than a step of one run: some 200 s instead of 6. A Trigger's
        # delivery replaces the Broker's as a whole, dead-letter sink and all.
        patient = delivery(retry=10, dead_letters_to=desk)
        found.append(_trigger(function, "everything", {"delivery": patient}))
    return found


def service_account(function: Deployed) -> Document:
    """Who the function is: clouds grant rights to it. It gets no token of the Kubernetes API, which it never asks."""
    return {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {"name": function.service},
        "automountServiceAccountToken": False,
    }


def sink_binding(function: Function) -> Document:
    """Where a function's events go that are no reply: `K_SINK` becomes the broker's ingress."""
    return {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "SinkBinding",
        "metadata": {"name": function.service},
        "spec": {
            "subject": {**_SERVICE, "name": function.service},
            "sink": {"ref": {**_BROKER, "name": BROKER}},
        },
    }


def broker(desk: Function | None) -> str:
    """The one Broker; what could not be delivered goes to the desk, where there is one."""
    document = {
        **_BROKER,
        "metadata": {
            "name": BROKER,
            "annotations": {
                "eventing.knative.dev/broker.class": "MTChannelBasedBroker",
                # An event is accepted before it is delivered, not after: a slow consumer does not hold its producer.
                "messaging.knative.dev/async-handler": "true",
            },
        },
        "spec": {"delivery": delivery(retry=5, dead_letters_to=desk)},
    }
    return as_yaml([document], origin="shared/renga_dev/wiring/manifests.py")


def delivery(*, retry: int, dead_letters_to: Function | None) -> Document:
    """How often an undelivered event is tried again, and where it goes in the end."""
    sink = {"deadLetterSink": {"ref": {**_SERVICE, "name": dead_letters_to.service}}} if dead_letters_to else {}
    return {"retry": retry, "backoffPolicy": "exponential", "backoffDelay": "PT0.2S", "timeout": "PT60S", **sink}


def kustomization(files: Iterable[str]) -> str:
    """The list of manifests that kustomize renders."""
    document = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": sorted(files),
    }
    return as_yaml([document], origin="the folders below functions/")


def images(functions: Iterable[Deployed]) -> str:
    """The images to build, as `docker buildx bake` reads it: a variable with the names of all folders."""
    names = sorted(function.name for function in functions)
    return json.dumps({"variable": {"FUNCTIONS": {"default": names}}}, indent=2) + "\n"


def _trigger(function: Function, subscription: str, filters: Document) -> Document:
    return {
        "apiVersion": "eventing.knative.dev/v1",
        "kind": "Trigger",
        "metadata": {"name": _resource_name(f"{function.service}-{subscription}")},
        "spec": {
            "broker": BROKER,
            **filters,
            "subscriber": {"ref": {**_SERVICE, "name": function.service}},
        },
    }


def _resource_name(text: str) -> str:
    """A DNS label; one that would be too long ends in a digest of the whole."""
    name = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    if len(name) <= LONGEST_SERVICE_NAME:
        return name
    digest = hashlib.sha256(text.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_SERVICE_NAME - 9].rstrip('-')}-{digest}"
