"""One Service of an overlay, with its table."""

import json

import pytest

from renga_dev.deploy.traffic import NoTable, manifest

RENDERED = """\
apiVersion: v1
kind: Service
metadata: {name: schema-parse}
spec: {ports: []}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: schema-parse, namespace: functions, labels: {a: "010"}}
spec:
  template: {spec: {containers: [{image: b}]}}
---
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: fixed}
spec: {template: {}, traffic: [{latestRevision: true, percent: 100}]}
"""


def test_shares_are_named() -> None:
    """In their order, without those of nothing; all else is as it was rendered."""
    found = json.loads(manifest(RENDERED, "schema-parse", {"schema-parse-00001": 90, "schema-parse-00002": 10}))
    assert found["spec"].pop("traffic") == [
        {"revisionName": "schema-parse-00001", "percent": 90},
        {"revisionName": "schema-parse-00002", "percent": 10},
    ]
    assert found == json.loads(manifest(RENDERED, "schema-parse", {}))
    assert found["metadata"] == {"name": "schema-parse", "namespace": "functions", "labels": {"a": "010"}}
    whole = json.loads(manifest(RENDERED, "schema-parse", {"a": 100, "b": 0}))
    assert whole["spec"]["traffic"] == [{"revisionName": "a", "percent": 100}]


@pytest.mark.parametrize(("service", "said"), [("fixed", "take its `traffic` out"), ("other", "has no Service other")])
def test_what_cannot_be_shared(service: str, said: str) -> None:
    """A Service with a table of its own, and one that is not there."""
    with pytest.raises(NoTable, match=said):
        manifest(RENDERED, service, {"a": 100})
