"""Kustomizations: the same as `kubectl kustomize` renders, or a refusal by name."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from folders import lay_out
from renga_dev.kustomize import Unrenderable, documents, render
from renga_dev.manifests import parse

HEAD = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
COMPONENT = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n"
SERVICE = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: parse, labels: {suite: schema}, annotations: {renga.dev/function: schema/parse}}
spec:
  template:
    metadata: {annotations: {autoscaling.knative.dev/max-scale: "10"}}
    spec:
      timeoutSeconds: 60
      containers:
      - {name: user, image: "renga/parse:dev", env: [{name: A, value: "1"}]}
"""
BROKER = """
apiVersion: eventing.knative.dev/v1
kind: Broker
metadata: {name: default}
spec: {delivery: {retry: 5, timeout: PT60S}}
"""
CLUSTER = """
apiVersion: v1
kind: Namespace
metadata: {name: x}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: r}
rules: []
"""
BASE = {
    "base/kustomization.yaml": HEAD + "resources: [service.yaml, broker.yaml]\n",
    "base/service.yaml": SERVICE,
    "base/broker.yaml": BROKER,
}

RENDERED: dict[str, Mapping[str, str]] = {
    "resources and files": {"kustomization.yaml": HEAD + "resources: [base, more.yaml]\n", "more.yaml": CLUSTER},
    "namespace": {
        "kustomization.yaml": HEAD + "resources: [base, more.yaml]\nnamespace: prod\n",
        "more.yaml": CLUSTER,
    },
    "labels": {"kustomization.yaml": HEAD + "resources: [base]\nlabels: [{pairs: {team: a, suite: other}}]\n"},
    "images": {
        "kustomization.yaml": HEAD
        + "resources: [base]\nimages: [{name: renga/parse, newName: ghcr.io/o/p, newTag: v1}]\n"
    },
    "image digest": {
        "kustomization.yaml": HEAD + "resources: [base]\nimages: [{name: renga/parse, digest: sha256:abc}]\n"
    },
    "another image": {"kustomization.yaml": HEAD + "resources: [base]\nimages: [{name: renga/other, newTag: v1}]\n"},
    "strategic merge": {
        "kustomization.yaml": HEAD + "resources: [base]\npatches: [{path: patch.yaml}]\n",
        "patch.yaml": BROKER.replace("{retry: 5, timeout: PT60S}", "{retry: 3, timeout: null, format: json}"),
    },
    "lists are replaced": {
        "kustomization.yaml": HEAD + "resources: [base]\npatches: [{path: patch.yaml}]\n",
        "patch.yaml": """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: parse}
spec: {template: {spec: {containers: [{name: user, image: renga/parse, env: [{name: B, value: "2"}]}]}}}
""",
    },
    "strategic merge with a target": {
        "kustomization.yaml": HEAD
        + """
resources: [base]
patches:
- target: {kind: Service, labelSelector: suite=schema}
  patch: |
    apiVersion: serving.knative.dev/v1
    kind: Service
    metadata: {name: any, annotations: {x: "1"}}
    spec: {template: {spec: {timeoutSeconds: 30}}}
""",
    },
    "delete": {
        "kustomization.yaml": HEAD + "resources: [base]\npatches: [{path: patch.yaml}]\n",
        "patch.yaml": "$patch: delete\napiVersion: eventing.knative.dev/v1\nkind: Broker\nmetadata: {name: default}\n",
    },
    "json 6902": {
        "kustomization.yaml": HEAD
        + """
resources: [base]
patches:
- target: {group: serving.knative.dev, version: v1, kind: Service, name: par.*}
  patch: |
    - {op: test, path: /spec/template/spec/timeoutSeconds, value: 60}
    - {op: replace, path: /spec/template/spec/timeoutSeconds, value: 30}
    - {op: add, path: /spec/template/spec/containers/0/env/-, value: {name: B, value: "2"}}
    - {op: add, path: /spec/template/spec/containers/0/env/0, value: {name: C, value: "3"}}
    - {op: remove, path: /spec/template/metadata/annotations/autoscaling.knative.dev~1max-scale}
    - {op: copy, from: /metadata/labels, path: /spec/template/metadata/labels}
    - {op: move, from: /metadata/labels/suite, path: /metadata/labels/room}
""",
    },
    "component": {
        "kustomization.yaml": HEAD + "resources: [base]\ncomponents: [component]\nnamespace: prod\n",
        "component/kustomization.yaml": COMPONENT
        + """
resources: [extra.yaml]
patches:
- target: {kind: Broker}
  patch: |
    - {op: replace, path: /spec/delivery/retry, value: 9}
labels: [{pairs: {by: component}}]
""",
        "component/extra.yaml": BROKER.replace("default", "extra"),
    },
    "list": {
        "kustomization.yaml": HEAD + "resources: [list.yaml]\n",
        "list.yaml": "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n",
    },
}


def keyed(values: list[Any]) -> dict[tuple[str, str, str], Any]:
    """Objects by what they are; order means nothing."""
    found = {(value["apiVersion"], value["kind"], value["metadata"]["name"]): value for value in values}
    assert len(found) == len(values)
    return found


@pytest.mark.parametrize("case", RENDERED)
def test_renders_what_kubectl_renders(tmp_path: Path, case: str) -> None:
    """Field by field the same objects as kustomize itself makes."""
    if shutil.which("kubectl") is None:
        pytest.skip("no kubectl to compare with")
    folder = lay_out(tmp_path, {**BASE, **RENDERED[case]})
    done = subprocess.run(["kubectl", "kustomize", str(folder)], capture_output=True, text=True, check=True, timeout=30)
    theirs = keyed([document.value for document in parse(done.stdout, "kubectl")])
    assert keyed([document.value for document in render(folder)]) == theirs


def test_an_object_remembers_its_file(tmp_path: Path) -> None:
    """A fault that is found later can name the file to open, not the kustomization."""
    folder = lay_out(tmp_path, {**BASE, **RENDERED["namespace"]})
    assert {Path(document.source).name for document in render(folder)} == {"service.yaml", "broker.yaml", "more.yaml"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("namePrefix: a-\n", "`namePrefix` is not rendered here: use `kubectl kustomize {folder} | renga up -f -`"),
        ("configMapGenerator: [{name: x}]\n", "`configMapGenerator` is not rendered here"),
        ("resources: ['https://example.org/x.yaml']\n", "the remote resource https://example.org/x.yaml"),
        ("resources: ['github.com/o/r?ref=v1']\n", "the remote resource github.com/o/r?ref=v1"),
        ("resources: [missing.yaml]\n", "resources: missing.yaml does not exist"),
        ("resources: missing.yaml\n", "resources: must be a list of paths"),
        ("resources: [.]\n", "includes itself"),
        ("resources: [base, base/broker.yaml]\n", "Broker default is declared twice"),
        ("resources: [empty]\n", "holds no kustomization.yaml"),
        ("resources: [base]\nlabels: [{pairs: {a: b}, includeSelectors: true}]\n", "`labels[0].includeSelectors`"),
        ("resources: [base]\npatches: [{path: p.yaml, options: {x: y}}]\n", "`patches[0].options`"),
        ("resources: [base]\npatches: [{path: p.yaml}]\n", "patches[0].path: p.yaml does not exist"),
        ("resources: [base]\npatches: [{target: {kind: X}}]\n", "patches[0]: must have one of path and patch"),
        ("resources: [base]\npatches: [{patch: '[]'}]\n", "a JSON 6902 patch needs a target"),
        ("resources: [base]\npatches: [{patch: x}]\n", "is neither an object nor a list"),
        (
            "resources: [base]\npatches: [{patch: '{apiVersion: v1, kind: X, metadata: {name: y}}'}]\n",
            "there is no v1 X y to patch",
        ),
        (
            "resources: [base]\npatches: [{target: {kind: Broker}, patch: '[{op: remove, path: /spec/x}]'}]\n",
            "`remove /spec/x` does not apply",
        ),
        (
            "resources: [base]\npatches: [{target: {kind: Broker}, patch: '[{op: test, path: /kind, value: 1}]'}]\n",
            "`test /kind` does not apply: the value is another",
        ),
        (
            "resources: [base]\npatches: [{target: {kind: Broker}, patch: '{spec: {$patch: replace}}'}]\n",
            "a directive such as $patch below the top",
        ),
    ],
)
def test_what_is_wrong_or_not_rendered_is_refused_by_name(tmp_path: Path, text: str, said: str) -> None:
    """The message names file, field and what to do instead."""
    (tmp_path / "empty").mkdir()
    folder = lay_out(tmp_path, {**BASE, "kustomization.yaml": HEAD + text})
    with pytest.raises(Unrenderable) as refused:
        render(folder)
    assert said.format(folder=folder.resolve()) in str(refused.value)


def test_documents_come_from_a_file_a_folder_or_a_kustomization(tmp_path: Path) -> None:
    """A plain folder is all its YAML files; what is not there is an error."""
    lay_out(tmp_path, {**BASE, "plain/b.yml": BROKER, "plain/a.yaml": SERVICE, "plain/notes.txt": "x"})
    assert [document.value["kind"] for document in documents(tmp_path / "plain")] == ["Service", "Broker"]
    assert [document.value["kind"] for document in documents(tmp_path / "plain/b.yml")] == ["Broker"]
    assert {document.value["kind"] for document in documents(tmp_path / "base")} == {"Service", "Broker"}
    with pytest.raises(FileNotFoundError, match="There are no manifests at"):
        documents(tmp_path / "nowhere")
