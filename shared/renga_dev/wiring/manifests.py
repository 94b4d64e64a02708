"""A function's Knative manifests: a Service, a Trigger for each type it consumes, and a SinkBinding for what it says.

After the Knative 1.22 resource definitions. What differs between environments belongs into an overlay, not here.
"""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Any

from renga_dev.wiring._yaml import as_yaml
from renga_dev.wiring.discovery import LONGEST_SERVICE_NAME, Function
from renga_dev.wiring.vocabulary import short_name

BROKER = "default"
EVENT_PORT = 8080
SCRATCH = "/tmp"  # noqa: S108 - a path in the container: the default state folder is in it, and temporary files
"""The one folder that a function may write to: its root file system is read-only."""

_SERVICE = {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}
_BROKER = {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker"}

Document = dict[str, Any]


def file_name(function: Function) -> str:
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


def service(function: Function) -> Document:
    """The Knative Service: how it is started, scaled and asked for its health."""
    deployment = function.deployment
    scale = {"min-scale": deployment.min_scale} if deployment.min_scale else {}
    scaling = {**scale, "max-scale": deployment.max_scale, "window": f"{deployment.window_s}s"}
    container = {
        # The image as it is built on this machine. Knative asks no registry about dev.local, and there is none of that
        # name: where an overlay was not told of the real one, nothing is pulled.
        "image": f"dev.local/{function.service}:dev",
        "ports": [{"containerPort": EVENT_PORT}],
        "env": [
            {"name": "FUNCTION_TARGET", "value": function.target},
            {"name": "RENGA_FUNCTION", "value": function.name},
        ],
        # A period of 0 is Knative's fastest probing: it is what a cold start waits for.
        "readinessProbe": {"httpGet": {"path": "/health/ready"}, "periodSeconds": 0},
        "livenessProbe": {"httpGet": {"path": "/health/live"}},
        # No CPU limit: it would slow every cold start.
        "resources": {"requests": {"cpu": "100m", "memory": "128Mi"}, "limits": {"memory": deployment.memory}},
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
            "name": function.service,
            "labels": {
                "app.kubernetes.io/name": function.service,
                "app.kubernetes.io/part-of": "renga",
                "renga.dev/suite": function.suite,
                # What overlays tell functions apart by: a door is called from outside, the others are sent events.
                "renga.dev/woken-by": "http" if function.door else "events",
            },
            "annotations": {"renga.dev/function": function.name},
        },
        "spec": {
            "template": {
                "metadata": {
                    "annotations": {f"autoscaling.knative.dev/{name}": str(value) for name, value in scaling.items()}
                },
                "spec": {
                    "containerConcurrency": deployment.concurrency,
                    "timeoutSeconds": deployment.timeout_s,
                    "serviceAccountName": function.service,
                    "containers": [container],
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


def service_account(function: Function) -> Document:
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


def images(functions: Iterable[Function]) -> str:
    """The images to build, as `docker buildx bake` reads it: a variable with the names of all functions."""
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
