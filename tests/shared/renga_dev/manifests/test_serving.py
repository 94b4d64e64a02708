"""Services from YAML, with the admission rules of Knative Serving."""

from typing import Any

import pytest

from renga_dev.calls import ServiceName
from renga_dev.manifests import Container, InvalidManifests, Manifests, Probe, Scaling, Service, load, parse

FULL = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata:
  name: parse
  namespace: prod
  labels: {suite: schema}
  annotations: {renga.dev/function: schema/parse}
spec:
  template:
    metadata:
      annotations:
        autoscaling.knative.dev/minScale: "1"
        autoscaling.knative.dev/max-scale: "20"
        autoscaling.knative.dev/activation-scale: "2"
        autoscaling.knative.dev/target: "10"
        autoscaling.knative.dev/target-utilization-percentage: "80"
        autoscaling.knative.dev/target-burst-capacity: "40"
        autoscaling.knative.dev/window: 1m30s
        autoscaling.knative.dev/panic-window-percentage: "20"
        autoscaling.knative.dev/panic-threshold-percentage: "150"
        autoscaling.knative.dev/scale-to-zero-pod-retention-period: 30s
        serving.knative.dev/progress-deadline: 120s
    spec:
      containerConcurrency: 20
      timeoutSeconds: 60
      responseStartTimeoutSeconds: 30
      idleTimeoutSeconds: 10
      serviceAccountName: parse
      containers:
      - name: user
        image: example.org/parse
        command: [python, -m]
        args: [parse]
        ports: [{containerPort: 8080, name: http1}]
        env: [{name: A, value: "1"}, {name: B}, {name: C, valueFrom: {secretKeyRef: {name: x, key: y, optional: true}}}]
        readinessProbe:
          httpGet: {path: /ready, httpHeaders: [{name: X-Y, value: z}]}
          periodSeconds: 0
          successThreshold: 2
        resources: {limits: {memory: 512Mi}}
"""


def test_a_service_is_read_in_full() -> None:
    """Every field that the runtime acts on arrives, with times in seconds."""
    manifests = load(parse(FULL, "parse.yaml"))
    (service,) = manifests.services.values()
    assert service.name == ServiceName("prod", "parse")
    assert (str(service.function), service.labels, service.source) == (
        "schema/parse",
        {"suite": "schema"},
        "parse.yaml",
    )
    assert service.container == Container(
        "example.org/parse", ("python", "-m"), ("parse",), {"A": "1", "B": ""}, Probe("/ready", (("x-y", "z"),), 2, 0.0)
    )
    assert service.scaling == Scaling(1, 20, 2, 10.0, 0.8, 40.0, 90.0, 18.0, 1.5, 30.0)
    times = (service.timeout, service.response_start_timeout, service.idle_timeout, service.progress_deadline)
    assert (service.concurrency, *times) == (20, 60.0, 30, 10, 120.0)
    assert manifests.skipped == ()


def changed(path: str, value: Any) -> Manifests:
    """The smallest Service with one thing changed."""
    container: dict[str, Any] = {"image": "x"}
    pod: dict[str, Any] = {"containers": [container]}
    template: dict[str, Any] = {"spec": pod, "metadata": {"annotations": {}}}
    whole: dict[str, Any] = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "x"},
        "spec": {"template": template},
    }
    place, _, name = path.partition(" ")
    roots = {"whole": whole, "pod": pod, "container": container, "annotation": template["metadata"]["annotations"]}
    roots[place][name] = value
    from renga_dev.manifests import Document

    return load([Document("x.yaml", whole)])


def probe(**fields: Any) -> dict[str, Any]:
    """A readiness probe."""
    return {"tcpSocket": {}, **fields}


@pytest.mark.rule("S3")
@pytest.mark.parametrize(
    "fields",
    [
        {"periodSeconds": 0},
        {},
        {"periodSeconds": 5, "failureThreshold": 3, "timeoutSeconds": 1},
        {"successThreshold": 3},
    ],
)
def test_probes_that_are_allowed(fields: dict[str, int]) -> None:
    """Thresholds and timeouts go with a period."""
    assert changed("container readinessProbe", probe(**fields)).services


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        pytest.param("container env", [{"name": "PORT", "value": "1"}], "env[0].name: is PORT, which Knative reserves"),
        pytest.param("container env", [{"name": "K_REVISION", "value": "1"}], "is K_REVISION, which Knative reserves"),
        ("container env", [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}], "give X a value"),
        ("container env", [{"name": "X", "value": 8080}], "env[0].value: is 8080, but must be text"),
        ("container envFrom", [{"secretRef": {"name": "s"}}], "envFrom[0]: cannot be resolved on this machine"),
        ("container ports", [{"containerPort": 1}, {"containerPort": 2}], "has 2 ports"),
        ("container imag", "x", "containers[0].imag: is no known field, did you mean 'image'?"),
        ("container readinessProbe", probe(periodSeconds=0, failureThreshold=3), "failureThreshold: is not allowed"),
        (
            "container readinessProbe",
            probe(timeoutSeconds=3),
            "timeoutSeconds: is not allowed where periodSeconds is 0",
        ),
        ("container readinessProbe", probe(httpGet={"path": "/"}), "one of httpGet and tcpSocket"),
        ("container readinessProbe", {"exec": {"command": ["x"]}}, "exec: is not run on this machine"),
        ("pod timeoutSeconds", 601, "timeoutSeconds: is 601, but must be between 1 and 600"),
        ("pod timeoutSeconds", True, "is True, but must be a whole number"),
        ("pod responseStartTimeoutSeconds", 301, "is 301, but must be between 0 and 300"),
        ("pod containerConcurrency", -1, "containerConcurrency: is -1"),
        ("pod containerConcurency", 1, "is no known field, did you mean 'containerConcurrency'?"),
        ("pod containers", [], "has 0 containers, but must have one"),
        ("pod containers", [{"image": "a"}, {"image": "b"}], "sidecars are not run on this machine"),
        ("pod containers", "x", "containers: is 'x', but must be a list"),
        ("pod containers", ["x"], "containers[0]: is 'x', but must be an object"),
        ("annotation autoscaling.knative.dev/window", "5s", "is '5s', but must be a duration such as 60s, between 6s"),
        ("annotation autoscaling.knative.dev/window", "1d", "[autoscaling.knative.dev/window]: is '1d'"),
        ("annotation autoscaling.knative.dev/target", "0", "is '0', but must be a number, at least 0.01"),
        ("annotation autoscaling.knative.dev/max-scale", "two", "is 'two', but must be a whole number"),
        ("annotation autoscaling.knative.dev/min-scale", 1, "is 1, but must be text (quote it)"),
        ("annotation renga.dev/function", "../etc", "must be a suite and a name, such as schema/parse"),
        ("whole spec", {}, "spec.template: is required"),
        ("whole spec", None, "spec: is required"),
        ("whole metadata", {"name": "Not_A_Label"}, "metadata.name: is 'Not_A_Label', but must be a DNS label"),
        ("whole apiVersion", "serving.knative.dev/v1beta1", "is served as serving.knative.dev/v1"),
        ("whole kind", None, "kind: is required"),
    ],
)
def test_what_a_cluster_or_this_machine_would_refuse_is_named(path: str, value: Any, said: str) -> None:
    """A fault names file, object and field, and says what is allowed."""
    with pytest.raises(InvalidManifests) as invalid:
        changed(path, value)
    assert said in str(invalid.value)
    assert str(invalid.value).startswith("x.yaml: ")


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("pod volumes", [{"name": "x"}], "spec.template.spec.volumes: not set up"),
        ("container volumeMounts", [{"name": "x"}], "volumeMounts: not set up"),
        ("container workingDir", "/app", "workingDir: not acted on"),
        ("annotation autoscaling.knative.dev/metric", "rps", "autoscaling.knative.dev/metric: not acted on"),
    ],
)
def test_what_is_not_acted_on_is_listed(path: str, value: Any, said: str) -> None:
    """A field that would have an effect in a cluster and has none here is not passed over in silence."""
    (skipped,) = changed(path, value).skipped
    assert said in str(skipped)


def test_scratch_folders_are_there_already() -> None:
    """An emptyDir and its mount are not worth a word: this machine has folders that a process may write to."""
    text = FULL.replace("      containers:", "      volumes: [{name: state, emptyDir: {}}]\n      containers:")
    text = text.replace(
        "image: example.org/parse", "image: x\n        volumeMounts: [{name: state, mountPath: /tmp/x}]"
    )
    assert text.count("state") == 2
    assert load(parse(text, "x.yaml")).skipped == load(parse(FULL, "x.yaml")).skipped


def test_every_fault_is_found_at_once() -> None:
    """Nobody should have to fix them one by one."""
    text = FULL.replace("timeoutSeconds: 60", "timeoutSeconds: 9999").replace("image: example.org/parse", "imge: x")
    with pytest.raises(InvalidManifests) as invalid:
        load(parse(text, "x.yaml"))
    assert [fault.path for fault in invalid.value.faults] == [
        "spec.template.spec.timeoutSeconds",
        "spec.template.spec.containers[0].image",
        "spec.template.spec.containers[0].imge",
    ]


def test_defaults_are_knatives() -> None:
    """What is not written is as a cluster has it."""
    (service,) = changed("container image", "x").services.values()
    assert service == Service(
        name=ServiceName("default", "x"), source="x.yaml", labels={}, function=None, container=Container("x")
    )
