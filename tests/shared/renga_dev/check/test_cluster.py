"""Manifests as rules look at them: what is there is read, and what has another shape is passed over."""

from pathlib import Path

import pytest

from renga_dev.calls import ServiceName
from renga_dev.check import check, cluster
from renga_dev.check.project import project_of
from renga_dev.manifests import Document, parse

FULL = """
apiVersion: v1
kind: List
items:
- apiVersion: serving.knative.dev/v1
  kind: Service
  metadata: {name: infer, namespace: prod, labels: {a: b}, annotations: {renga.dev/function: suite/infer}}
  spec:
    template:
      metadata: {annotations: {autoscaling.knative.dev/min-scale: "1"}}
      spec:
        timeoutSeconds: 60
        serviceAccountName: infer
        nodeSelector: {accelerator: nvidia}
        tolerations: [{operator: Exists}]
        containers:
        - image: dev.local/infer:dev
          env: [{name: A, value: x}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}, {name: C}]
          resources: {limits: {nvidia.com/gpu: 1}}
"""


def test_a_service_is_read() -> None:
    """Also out of a List; a variable by reference is set, one without a value is not."""
    found = cluster(parse(FULL, "x.yaml"))
    service = found.services[ServiceName("prod", "infer")]
    assert (service.function, service.account, service.timeout) == ("suite/infer", "infer", 60)
    assert service.annotations["autoscaling.knative.dev/min-scale"] == "1"
    assert service.containers[0].limits == {"nvidia.com/gpu": "1"}
    assert [service.env(name) for name in "ABCD"] == [True, True, False, False]
    assert service.tolerations[0].covers("any", "value", "NoSchedule")


@pytest.mark.parametrize(
    "value",
    [
        None,
        "text",
        [],
        {"kind": "Service"},
        {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "metadata": None, "spec": []},
        {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "spec": {"template": {"spec": {"containers": "x"}}},
        },
        {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "spec": {"template": {"spec": {"containers": [1]}}},
        },
        {
            "apiVersion": "serving.knative.dev/v1",
            "kind": "Service",
            "spec": {
                "template": {"spec": {"tolerations": {}, "containers": [{"env": {}, "readinessProbe": 3, "image": 1}]}}
            },
        },
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": 1}, "data": [1]},
        {"apiVersion": 3, "kind": ["x"]},
    ],
)
def test_another_shape_is_no_crash(value: object) -> None:
    """Schemas tell of it; rules go on."""
    check(cluster([Document("x.yaml", value)]), pinned=True)


def test_the_project_says_what_its_handlers_do(repository: Path) -> None:
    """What they take and answer, which types begin or end a run, and how long subscriptions wait."""
    project = project_of(repository)
    parse_ = project.behaviours["schema/parse"]
    assert parse_.takes == {"dev.renga.schema.submitted.v1"}
    assert parse_.answers == {"dev.renga.schema.parsed.v1", "dev.renga.schema.rejected.v1"}
    assert not parse_.may_be_silent
    assert project.behaviours["platform/deadletter"].takes_dead_letters
    assert project.begins == {"dev.renga.inference.requested.v1"}
    assert project.ends >= {"dev.renga.schema.generated.v1", "dev.renga.schema.related.v1"}
    assert {subscription.service for subscription in project.subscriptions} >= {"schema-parse", "platform-ledger"}


def test_a_folder_that_is_no_project_says_nothing(tmp_path: Path) -> None:
    """Rules about handlers and subscriptions then have nothing to look at."""
    project = project_of(tmp_path)
    assert (project.behaviours, project.subscriptions) == ({}, ())
