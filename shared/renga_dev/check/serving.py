"""What runs, where and as whom: images, probes, limits, GPUs, flags, identities."""

from collections.abc import Iterator

from renga_dev.check.cluster import Cluster, Identity, Probe, Service
from renga_dev.check.rule import Example, Found, rule
from renga_dev.suggestion import did_you_mean

_LOCAL = ("dev.local", "kind.local", "ko.local")
"""Registries that Knative asks nothing: names of images that are on the node already."""
_GPU = "nvidia.com/gpu"
_TAINT = (_GPU, "present", "NoSchedule")
_NODES = ("accelerator", "nvidia")
_LABELLED = ("renga.dev/accelerator", "gpu")
_FLAGS = {
    "affinity": "affinity",
    "dnsConfig": "dnsconfig",
    "dnsPolicy": "dnspolicy",
    "hostAliases": "hostaliases",
    "initContainers": "init-containers",
    "nodeSelector": "nodeselector",
    "priorityClassName": "priorityclassname",
    "runtimeClassName": "runtimeclassname",
    "schedulerName": "schedulername",
    "securityContext": "securitycontext",
    "shareProcessNamespace": "shareprocessnamespace",
    "tolerations": "tolerations",
    "topologySpreadConstraints": "topologyspreadconstraints",
}
"""Fields of a pod that Knative refuses unless a flag is on, with the flag's name after `kubernetes.podspec-`."""

_HEAD = "apiVersion: serving.knative.dev/v1\nkind: Service\nmetadata: {name: parse}\nspec:\n  template:\n"


def _container(text: str, head: str = _HEAD) -> str:
    """A Service with one container."""
    return f"{head}    spec:\n      containers:\n        - {text}\n"


def _image(name: str) -> Example:
    return Example(_container(f"image: {name}"))


_DIGEST = "sha256:" + "0123456789abcdef" * 4


@rule(
    "IMG-MUTABLE",
    title="An image that can change under its name",
    severity="error",
    rationale="A tag, `latest` above all, is whatever was last pushed: two nodes may run two programs, and what was"
    " tested is not what runs. Images of dev.local, kind.local and ko.local are on the node already and never asked"
    " for; of these a tag is enough, but `latest` makes Kubernetes ask all the same.",
    fix="Name the image by its digest: the component `images` of the overlay is the place.",
    bad=[
        _image("registry.example.org/renga/parse"),
        _image("registry.example.org/renga/parse:latest"),
        _image("registry.example.org:5000/renga/parse:v1"),
        _image("dev.local/parse"),
    ],
    good=[_image(f"registry.example.org/renga/parse@{_DIGEST}"), _image("dev.local/parse:dev")],
)
def mutable(cluster: Cluster) -> Iterator[Found]:
    """Yield each image without a digest; local ones without a tag, or with `latest`."""
    for service, image in _images(cluster):
        name, _, digest = image.partition("@")
        tag = name.rpartition("/")[2].partition(":")[2]
        if digest:
            continue
        if not _is_local(image):
            said = f"its tag {tag} can be moved" if tag else "it has neither digest nor tag, which means latest"
            yield Found(str(service), f"its image is {image}: {said}.", service.source)
        elif tag in {"", "latest"}:
            yield Found(
                str(service),
                f"its image is {image}: Kubernetes asks a registry for it, and there is none.",
                service.source,
                help="Give it a tag, such as dev.",
            )


@rule(
    "IMG-LOCAL",
    title="An image that is on this machine only",
    severity="error",
    pinned=True,
    rationale="The base names images as they are built on one machine. No registry has them, so a node of a cloud's"
    " cluster waits for an image that never comes. Committed overlays hold no digests: this is asked of a"
    " deployment, with `--pinned`.",
    fix="Push the image, and name it by registry and digest in the overlay's `images/kustomization.yaml`.",
    bad=[_image("dev.local/parse:dev")],
    good=[_image(f"registry.example.org/renga/parse@{_DIGEST}")],
)
def local(cluster: Cluster) -> Iterator[Found]:
    """Yield each image of a registry that is no registry."""
    for service, image in _images(cluster):
        if _is_local(image):
            yield Found(str(service), f"its image is {image}, which no registry has.", service.source)


def _images(cluster: Cluster) -> Iterator[tuple[Service, str]]:
    for service in cluster.services.values():
        yield from ((service, container.image) for container in service.containers if container.image)


def _is_local(image: str) -> bool:
    return image.partition("/")[0] in _LOCAL


@rule(
    "PRB-ILLEGAL",
    title="A probe that Knative refuses",
    severity="error",
    rationale="A readiness probe with `periodSeconds: 0` is Knative's own, which asks every 50 ms: a threshold or a"
    " timeout beside it is refused. A probe has one way to ask. That a liveness or startup probe must succeed more"
    " than once, or a startup probe without a port, Knative takes, and Kubernetes then refuses every pod.",
    fix="Leave out failureThreshold and timeoutSeconds where periodSeconds is 0 or absent; name one of httpGet,"
    " tcpSocket, exec and grpc; a readinessProbe alone may have a successThreshold over 1; give a startupProbe its"
    " port.",
    bad=[
        Example(_container("readinessProbe: {httpGet: {path: /ready}, periodSeconds: 0, timeoutSeconds: 5}")),
        Example(_container("readinessProbe: {httpGet: {path: /ready}, failureThreshold: 3}")),
        Example(_container("readinessProbe: {httpGet: {path: /ready}, periodSeconds: 10, failureThreshold: -1}")),
        Example(_container("livenessProbe: {periodSeconds: 10}")),
        Example(_container("livenessProbe: {httpGet: {path: /live}, tcpSocket: {port: 8080}}")),
        Example(_container("livenessProbe: {httpGet: {path: /live}, successThreshold: 2}")),
        Example(_container("startupProbe: {httpGet: {path: /ready}, periodSeconds: 5, failureThreshold: 300}")),
    ],
    good=[
        Example(_container("readinessProbe: {httpGet: {path: /ready}, periodSeconds: 0}")),
        Example(_container("readinessProbe: {successThreshold: 2}")),
        Example(
            _container("readinessProbe: {tcpSocket: {}, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 3}")
        ),
        Example(_container("livenessProbe: {httpGet: {path: /live}, failureThreshold: 3}")),
        Example(_container("startupProbe: {httpGet: {path: /ready, port: 8080}, failureThreshold: 300}")),
    ],
)
def illegal_probe(cluster: Cluster) -> Iterator[Found]:
    """Yield what Serving's admission says of probes."""
    for service in cluster.services.values():
        for container in service.containers:
            for probe in container.probes:
                yield from (Found(str(service), f"its {probe.name} {said}.", service.source) for said in _faults(probe))


def _faults(probe: Probe) -> Iterator[str]:
    readiness = probe.name == "readinessProbe"
    # A readiness probe that says nothing of it connects to the port.
    if len(probe.handlers) > 1 or not (probe.handlers or readiness):
        yield f"has {' and '.join(probe.handlers) or 'no way to ask'}, and must have one"
    if readiness:
        written = {"timeoutSeconds": probe.timeout, "failureThreshold": probe.failures}
        for name, value in written.items():
            if value and not probe.period:
                yield f"has {name} {value}, which is not allowed where periodSeconds is 0"
            elif value is not None and value < 0:
                yield f"has {name} {value}, and must have at least 1"
    elif probe.successes not in {None, 0, 1}:
        yield f"has successThreshold {probe.successes}, and only a readinessProbe may have more than 1"
    if probe.name == "startupProbe" and not probe.has_port:
        yield "names no port, which Knative fills in for the other two only"


@rule(
    "CPU-LIMIT",
    title="A CPU limit on a cold start",
    severity="warning",
    rationale="A start is the most that a function ever computes. With a limit it is throttled in just the seconds"
    " in which somebody waits for it; requests alone share the node fairly.",
    fix="Leave out limits.cpu and keep requests.cpu; or keep the function awake with min-scale.",
    bad=[Example(_container("resources: {requests: {cpu: 100m}, limits: {cpu: 500m, memory: 512Mi}}"))],
    good=[
        Example(_container("resources: {requests: {cpu: 100m}, limits: {memory: 512Mi}}")),
        Example(
            _container(
                "resources: {limits: {cpu: 500m}}",
                _HEAD + '    metadata: {annotations: {autoscaling.knative.dev/min-scale: "1"}}\n',
            )
        ),
    ],
)
def cpu_limit(cluster: Cluster) -> Iterator[Found]:
    """Yield each limit of a Service that may be at zero."""
    for service in cluster.services.values():
        if service.annotations.get("autoscaling.knative.dev/min-scale", "0") != "0":
            continue
        for container in service.containers:
            if "cpu" in container.limits:
                message = f"it starts from zero with no more CPU than {container.limits['cpu']}."
                yield Found(str(service), message, service.source)


_GPU_POD = """    spec:
      nodeSelector: {accelerator: nvidia}
      tolerations: [{key: nvidia.com/gpu, operator: Equal, value: present, effect: NoSchedule}]
      containers: [{resources: {limits: {nvidia.com/gpu: "1"}}}]
"""
_FEATURES = """---
apiVersion: v1
kind: ConfigMap
metadata: {name: config-features, namespace: knative-serving}
data: {kubernetes.podspec-nodeselector: enabled, kubernetes.podspec-tolerations: enabled}
"""


@rule(
    "GPU-PLACEMENT",
    title="A GPU that is asked for and cannot be had",
    severity="error",
    rationale="GPU nodes carry the taint nvidia.com/gpu=present:NoSchedule, so that nothing else keeps them awake,"
    " and the label accelerator=nvidia. A pod without the toleration waits for ever; one without the selector wakes"
    " a node of whichever pool. A Service that says by label that it wants one and does not ask for it runs without.",
    fix="Label the Service `renga.dev/accelerator: gpu` and include the component `gpu`, which sets all three.",
    bad=[
        Example(_HEAD + _GPU_POD.replace("      nodeSelector: {accelerator: nvidia}\n", "") + _FEATURES),
        Example(_HEAD + _GPU_POD.replace("value: present", "value: absent") + _FEATURES),
        Example(
            _container(
                "image: dev.local/infer:dev", _HEAD.replace("parse}", "parse, labels: {renga.dev/accelerator: gpu}}")
            )
        ),
    ],
    good=[Example(_HEAD + _GPU_POD + _FEATURES), Example(_container("image: dev.local/parse:dev"))],
)
def gpu_placement(cluster: Cluster) -> Iterator[Found]:
    """Yield each Service that asks for a GPU in one way and not in the others."""
    for service in cluster.services.values():
        limited = any(_GPU in container.limits for container in service.containers)
        label, value = _LABELLED
        if not limited and service.labels.get(label) == value:
            yield Found(
                str(service), f"its label {label} is {value}, and no container has a limit of {_GPU}.", service.source
            )
        if not limited:
            continue
        if not any(toleration.covers(*_TAINT) for toleration in service.tolerations):
            message = f"it asks for {_GPU} and does not tolerate {_GPU}=present:NoSchedule."
            yield Found(str(service), message, service.source)
        name, value = _NODES
        if service.node_selector.get(name) != value:
            yield Found(str(service), f"it asks for {_GPU} and does not select {name}={value}.", service.source)


@rule(
    "FLAG-OFF",
    title="A field that Knative refuses without its flag",
    severity="error",
    rationale="Most fields of a pod are behind flags of the whole cluster, which are off: Knative's admission"
    " refuses a Service with such a field, and an annotation on the Service does not help.",
    fix="Set the flag in the ConfigMap config-features of knative-serving, or in KnativeServing's"
    " spec.config.features; the component `gpu` does for what it needs.",
    bad=[
        Example(_HEAD + _GPU_POD),
        Example(_HEAD + _GPU_POD + _FEATURES.replace("tolerations: enabled", "tolerations: disabled")),
    ],
    good=[
        Example(_HEAD + _GPU_POD + _FEATURES),
        Example(
            _HEAD
            + _GPU_POD
            + "---\napiVersion: operator.knative.dev/v1beta1\nkind: KnativeServing\n"
            + "metadata: {name: knative-serving, namespace: knative-serving}\nspec:\n  config:\n    features:\n"
            + "      kubernetes.podspec-nodeselector: enabled\n      kubernetes.podspec-tolerations: allowed\n"
        ),
    ],
)
def flag_off(cluster: Cluster) -> Iterator[Found]:
    """Yield each field of a pod whose flag these manifests do not turn on."""
    for service in cluster.services.values():
        for field in sorted(service.fields & _FLAGS.keys()):
            flag = f"kubernetes.podspec-{_FLAGS[field]}"
            if cluster.features.get(flag) not in {"enabled", "allowed"}:
                set_to = cluster.features.get(flag)
                stands = f"is {set_to}" if set_to else "is nowhere turned on in these manifests"
                yield Found(str(service), f"its pod has {field}, and {flag} {stands}.", service.source)


@rule(
    "SA-MISSING",
    title="A service account that is not there",
    severity="error",
    rationale="No pod starts as a service account that does not exist. Clouds grant rights by its name, so the"
    " default account of the namespace is nobody to them.",
    fix="Declare the ServiceAccount; `renga wiring` writes one for each function.",
    bad=[Example(_HEAD + "    spec: {serviceAccountName: parse}\n")],
    good=[
        Example(
            _HEAD + "    spec: {serviceAccountName: parse}\n---\napiVersion: v1\nkind: ServiceAccount\n"
            "metadata: {name: parse}\n"
        )
    ],
)
def no_account(cluster: Cluster) -> Iterator[Found]:
    """Yield each Service that names an account which its namespace has not."""
    for service in cluster.services.values():
        account, namespace = service.account, service.name.namespace
        if account in {None, "default"} or Identity("", "ServiceAccount", namespace, str(account)) in cluster.objects:
            continue
        known = [one.name for one in cluster.objects if (one.kind, one.namespace) == ("ServiceAccount", namespace)]
        message = f"its service account {account} is not in these manifests.{did_you_mean(str(account), known)}"
        yield Found(str(service), message, service.source)


_STORES = "env: [{name: RENGA_STORE, value: redis://redis}, {name: RENGA_BLOBS, value: gs://b}]"
_FUNCTION = _HEAD.replace("{name: parse}", "{name: parse, annotations: {renga.dev/function: suite/parse}}")
_ONE = _FUNCTION + '    metadata: {annotations: {autoscaling.knative.dev/max-scale: "1"}}\n'


@rule(
    "STO-LOCAL",
    title="Replicas that remember each for itself",
    severity="error",
    pinned=True,
    rationale="Without RENGA_STORE a replica remembers in its own folder what it has handled: another one handles"
    " the same event again, and so does the next pod. Without RENGA_BLOBS large data waits in that folder while its"
    " event travels to a function that cannot look there. One machine, and a cluster of one replica each, may live"
    " with the first.",
    fix="Include the component `stores`; or keep to one replica, with a RENGA_CLAIM_CHECK_BYTES that no event reaches.",
    bad=[
        Example(_container("image: dev.local/parse:dev", _FUNCTION)),
        Example(_container("image: dev.local/parse:dev", _ONE)),
    ],
    good=[
        Example(_container(_STORES, _FUNCTION)),
        Example(_container("env: [{name: RENGA_CLAIM_CHECK_BYTES, value: '33554432'}]", _ONE)),
    ],
)
def remembers_alone(cluster: Cluster) -> Iterator[Found]:
    """Yield each function without a store that others share."""
    for service in cluster.services.values():
        if service.function is None:
            continue
        if not service.env("RENGA_STORE") and service.annotations.get("autoscaling.knative.dev/max-scale") != "1":
            yield Found(str(service), "it may have several replicas, and RENGA_STORE is not set.", service.source)
        if not service.env("RENGA_BLOBS") and not service.env("RENGA_CLAIM_CHECK_BYTES"):
            yield Found(
                str(service), "large data waits in the folder of its pod: RENGA_BLOBS is not set.", service.source
            )
