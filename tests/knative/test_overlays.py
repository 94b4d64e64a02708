"""The overlays and components: they build, a cluster knows every field of them, and the check finds nothing."""

import functools
import itertools
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from cluster_schemas import fault
from renga_dev.check import Finding, Project, check, cluster
from renga_dev.check.project import project_of
from renga_dev.kustomize import render
from renga_dev.manifests import Document, parse

OVERLAYS = ("laptop", "kind", "engine", "gke", "eks", "aks")
CLOUDS = ("gke", "eks", "aks")
BROKERS = (("broker-knative",), ("stores", "broker-pubsub"), ("stores", "broker-pubsub", "federation"))
OPTIONS = ("gpu", "min-warm", "otel")
INFER = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: infer, labels: {renga.dev/accelerator: gpu}}
spec:
  template:
    spec:
      containers:
      - image: dev.local/infer:dev
        resources: {requests: {cpu: "2"}, limits: {memory: 8Gi}}
"""
needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, which renders offline")

COMBINATIONS = [
    (*broker, *chosen)
    for broker in BROKERS
    for count in range(len(OPTIONS) + 1)
    for chosen in itertools.combinations(OPTIONS, count)
]
"""Every way of carrying events, with every choice of what can be added to it."""


@pytest.fixture(scope="module")
def project(repository: Path) -> Project:
    """What this project's handlers and subscriptions are."""
    return project_of(repository)


@functools.cache
def built(folder: Path) -> tuple[Document, ...]:
    """What `kubectl kustomize` makes of a folder."""
    done = subprocess.run(
        ["kubectl", "kustomize", str(folder), "--load-restrictor", "LoadRestrictionsNone"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return tuple(parse(done.stdout, "kubectl"))


def composed(components: tuple[str, ...], repository: Path, folder: Path) -> Path:
    """An overlay of a cluster with these components."""
    there = [repository / "knative/components" / name for name in ("cluster", *components)]
    (folder / "infer.yaml").write_text(INFER)
    (folder / "kustomization.yaml").write_text(
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n"
        f"resources: [{relative(repository / 'knative/base', folder)}, infer.yaml]\n"
        f"components: [{', '.join(relative(path, folder) for path in there)}]\n"
    )
    return folder


def relative(path: Path, folder: Path) -> str:
    """The way to a path from a folder: kustomize takes no other."""
    ups = "../" * (len(folder.resolve().parts) - 1)
    return ups + str(path.resolve()).lstrip("/")


def named(documents: tuple[Document, ...], kind: str) -> dict[str, dict[str, Any]]:
    """The objects of a kind by name."""
    return {each.value["metadata"]["name"]: each.value for each in documents if each.value["kind"] == kind}


def pod(service: Mapping[str, Any]) -> dict[str, Any]:
    """The pod that a Service's revisions run."""
    found: dict[str, Any] = service["spec"]["template"]["spec"]
    return found


def variables(service: Mapping[str, Any]) -> set[str]:
    """The names of a Service's variables."""
    return {entry["name"] for entry in pod(service)["containers"][0]["env"]}


def told(findings: tuple[Finding, ...]) -> list[str]:
    """Findings as lines."""
    return [f"{finding.rule} {finding.object}: {finding.message}" for finding in findings]


@needs_kubectl
@pytest.mark.parametrize("name", OVERLAYS)
def test_every_overlay_builds_and_fits(name: str, repository: Path, shared_material: Path, project: Project) -> None:
    """Unknown fields are refused, by Kubernetes' schemas and Knative's definitions; the check has nothing to mend."""
    documents = built(repository / "knative/overlays" / name)
    definitions = shared_material / "conformance/knative-crds"
    assert [said for each in documents if (said := fault(each.value, definitions))] == []
    assert told(check(cluster(documents, project))) == []


@needs_kubectl
@pytest.mark.parametrize("components", COMBINATIONS, ids="+".join)
def test_components_combine(
    components: tuple[str, ...], repository: Path, tmp_path: Path, shared_material: Path, project: Project
) -> None:
    """Whichever way events go, and whatever is added; only a GPU that no component provides is found."""
    documents = built(composed(components, repository, tmp_path))
    definitions = shared_material / "conformance/knative-crds"
    assert [said for each in documents if (said := fault(each.value, definitions))] == []
    rules = {finding.rule for finding in check(cluster(documents, project))}
    assert rules == (set() if "gpu" in components else {"GPU-PLACEMENT"})


@needs_kubectl
@pytest.mark.parametrize("name", OVERLAYS)
def test_the_local_renderer_agrees(name: str, repository: Path) -> None:
    """What `renga up` and `renga check` read is what a cluster gets, field by field."""
    folder = repository / "knative/overlays" / name

    def keyed(documents: tuple[Document, ...] | list[Document]) -> dict[tuple[str, str, str], Any]:
        return {
            (
                each.value["kind"],
                each.value["metadata"].get("namespace", ""),
                each.value["metadata"]["name"],
            ): each.value
            for each in documents
        }

    ours, theirs = render(folder), built(folder)
    assert len(ours) == len(theirs)
    assert keyed(ours) == keyed(theirs)


@pytest.mark.parametrize("name", CLOUDS)
def test_clouds_differ_in_little(name: str, repository: Path) -> None:
    """The same objects everywhere; Pub/Sub carries events, every function checks pushes, and remembers in stores."""
    documents = tuple(render(repository / "knative/overlays" / name))
    assert {each.value["kind"] for each in documents} == {"Service", "ServiceAccount", "ConfigMap"}
    needed = {"K_SINK", "RENGA_PUSH_AUDIENCE", "RENGA_PUSH_EMAIL", "RENGA_STORE", "RENGA_BLOBS"}
    services = named(documents, "Service")
    assert all(needed <= variables(service) for service in services.values())
    assert all(service["metadata"]["namespace"] == "functions" for service in services.values())
    assert "LEDGER_DATABASE" in variables(services["platform-ledger"])
    assert [service for service in services if "DEADLETTER_DATABASE" in variables(services[service])] == [
        "platform-deadletter"
    ]


@pytest.mark.parametrize(("name", "federated"), [("gke", False), ("eks", True), ("aks", True)])
def test_only_other_clouds_ask_google_for_an_identity(name: str, federated: bool, repository: Path) -> None:
    """There a token of the service account is mounted for Google, read-only, and named to its library."""
    for service in named(tuple(render(repository / "knative/overlays" / name)), "Service").values():
        assert ("GOOGLE_APPLICATION_CREDENTIALS" in variables(service)) is federated
        mounts = {mount["mountPath"]: mount.get("readOnly") for mount in pod(service)["containers"][0]["volumeMounts"]}
        assert (mounts.get("/var/run/renga") is True) is federated
        assert (mounts.get("/etc/renga/credentials") is True) is federated


def test_the_engine_is_a_cloud_that_says_where_its_emulators_are(repository: Path) -> None:
    """Functions there are those of gke, field by field: only the addresses of Pub/Sub and S3 are said besides."""
    ours, theirs = (
        {
            service: value
            for service, value in named(tuple(render(repository / "knative/overlays" / name)), "Service").items()
            if value["metadata"]["labels"]["renga.dev/woken-by"] in {"events", "http"}
        }
        for name in ("engine", "gke")
    )
    assert ours
    for name, service in ours.items():
        container, cloud = pod(service)["containers"][0], pod(theirs[name])["containers"][0]
        known = len(cloud["env"])
        assert {entry["name"] for entry in container["env"][known:]} == {
            *("PUBSUB_EMULATOR_HOST", "AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
            "AWS_ALLOW_HTTP",
        }
        container["env"] = container["env"][:known]
    assert ours == theirs


@pytest.mark.parametrize("name", OVERLAYS)
def test_no_overlay_holds_a_secret_or_a_project(name: str, repository: Path) -> None:
    """Whatever is an environment's own comes by reference: there is no Secret, and no value that only one place has."""
    documents = tuple(render(repository / "knative/overlays" / name))
    assert not named(documents, "Secret")
    values = {
        entry["value"]
        for service in named(documents, "Service").values()
        for entry in pod(service)["containers"][0]["env"]
        if "value" in entry and entry["name"] not in {"RENGA_FUNCTION", "FUNCTION_TARGET"}
    }
    namespace = "default" if name == "laptop" else "functions"
    assert values <= {"33554432", "false", f"http://platform-inference.{namespace}.svc.cluster.local"}


@pytest.mark.parametrize("name", CLOUDS)
def test_a_function_reads_no_store_that_is_not_its_own(name: str, repository: Path) -> None:
    """Variables are taken one by one, and of the Secret only certificates are mounted."""
    services = named(tuple(render(repository / "knative/overlays" / name)), "Service")
    for service, value in services.items():
        (container,) = pod(value)["containers"]
        assert "envFrom" not in container
        keys = {
            entry["valueFrom"]["secretKeyRef"]["key"]
            for entry in container["env"]
            if "secretKeyRef" in entry.get("valueFrom", {})
        }
        assert ("postgres-url" in keys) is (service in {"platform-ledger", "platform-deadletter"})
        mounted = [item["key"] for each in pod(value)["volumes"] for item in each.get("secret", {}).get("items", [])]
        assert mounted == ["redis-ca.pem", "postgres-ca.pem"]


def test_terraform_makes_what_overlays_stand_on(repository: Path) -> None:
    """Its chart has the flags of the component gpu, the namespace, and the ConfigMaps with each key that is taken."""
    chart = repository / "terraform/modules/knative/chart"
    serving, settings = ((chart / "templates" / name).read_text() for name in ("serving.yaml", "settings.yaml"))
    (features,) = parse((repository / "knative/components/gpu/features.yaml").read_text(), "features.yaml")
    assert all(f"      {flag}: {value}\n" in serving for flag, value in features.value["data"].items())
    assert "namespace: functions\n" in (chart / "values.yaml").read_text()
    services = named(tuple(render(repository / "knative/overlays/eks")), "Service")
    sources = [
        entry["valueFrom"]
        for service in services.values()
        for entry in pod(service)["containers"][0]["env"]
        if "valueFrom" in entry
    ]
    taken = {(reference["name"], reference["key"]) for source in sources for reference in source.values()}
    outputs = (repository / "terraform/modules/gke/outputs.tf").read_text()
    assert taken
    for name, key in taken:
        assert f"  name: {name}\n" in settings
        assert f"  {key}: " in settings or re.search(rf'"?{key}"?\s+= ', outputs), key


def test_google_is_shown_the_token_that_it_asks_for(repository: Path) -> None:
    """The audience of the pods' tokens is what Terraform lets the provider take, and the file is where it says."""
    identities = (repository / "terraform/modules/events/identities.tf").read_text()
    for service in named(tuple(render(repository / "knative/overlays/eks")), "Service").values():
        (token,) = [
            source["serviceAccountToken"]
            for volume in pod(service)["volumes"]
            for source in volume.get("projected", {}).get("sources", [])
        ]
        assert f'allowed_audiences = ["{token["audience"]}"]' in identities
        assert f'file   = "/var/run/renga/{token["path"]}"' in identities


def test_within_the_cluster_only_doors_are_public(repository: Path) -> None:
    """Where no pushes come from outside, what events wake is reachable from within."""
    services = named(tuple(render(repository / "knative/overlays/kind")), "Service")
    public = {
        name
        for name, service in services.items()
        if service["metadata"]["labels"].get("networking.knative.dev/visibility") != "cluster-local"
    }
    assert public == {"schema-submit"}


@pytest.mark.parametrize("name", CLOUDS)
def test_images_are_named_in_one_place(name: str, repository: Path, tmp_path: Path, project: Project) -> None:
    """With an entry for each function, the overlay can be deployed: nothing else says where an image is."""
    shutil.copytree(repository / "knative", tmp_path / "knative", ignore=shutil.ignore_patterns("__pycache__"))
    overlay = tmp_path / "knative/overlays" / name
    functions = named(tuple(render(overlay)), "Service")
    digest = "sha256:" + "0123456789abcdef" * 4
    entries = [f"  - {{name: dev.local/{one}, newName: r.example.org/{one}, digest: {digest}}}\n" for one in functions]
    place = overlay / "images" / "kustomization.yaml"
    place.write_text(place.read_text().replace("images: []", "images:\n" + "".join(entries)))
    documents = tuple(render(overlay))
    assert {pod(service)["containers"][0]["image"] for service in named(documents, "Service").values()} == {
        f"r.example.org/{one}@{digest}" for one in functions
    }
    assert not check(cluster(documents, project), pinned=True)


def test_a_gpu_service_lands_on_a_gpu_node(repository: Path, tmp_path: Path) -> None:
    """The component gives what is labelled the limit, the toleration and the selector, and nothing to the others."""
    services = named(tuple(render(composed(("broker-knative", "gpu"), repository, tmp_path))), "Service")
    infer = pod(services.pop("infer"))
    assert infer["nodeSelector"] == {"accelerator": "nvidia"}
    assert infer["tolerations"] == [
        {"key": "nvidia.com/gpu", "operator": "Equal", "value": "present", "effect": "NoSchedule"},
        {"key": "kubernetes.azure.com/scalesetpriority", "operator": "Equal", "value": "spot", "effect": "NoSchedule"},
    ]
    assert infer["containers"][0]["resources"]["limits"] == {"memory": "8Gi", "nvidia.com/gpu": "1"}
    assert not any("nodeSelector" in pod(service) for service in services.values())


def test_inference_gets_a_gpu_where_it_is_meant_to(repository: Path, tmp_path: Path, project: Project) -> None:
    """By a component that comes before the one that knows the nodes; the check has nothing to mend."""
    documents = tuple(render(composed(("broker-knative", "inference-gpu", "gpu"), repository, tmp_path)))
    services = named(documents, "Service")
    inference, infer = pod(services["platform-inference"]), pod(services["infer"])
    assert inference["nodeSelector"] == infer["nodeSelector"]
    assert inference["tolerations"] == infer["tolerations"]
    assert inference["containers"][0]["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert told(check(cluster(documents, project))) == []


def test_what_is_kept_warm(repository: Path, tmp_path: Path) -> None:
    """Doors never sleep; what events wake stays for a while after its last."""
    prefix = "autoscaling.knative.dev/"
    services = named(tuple(render(composed(("broker-knative", "min-warm"), repository, tmp_path))), "Service")
    notes = {name: service["spec"]["template"].get("metadata", {}) for name, service in services.items()}
    assert notes["schema-submit"]["annotations"][f"{prefix}min-scale"] == "1"
    assert notes["schema-parse"]["annotations"][f"{prefix}scale-to-zero-pod-retention-period"] == "10m"
    assert f"{prefix}min-scale" not in notes["schema-parse"]["annotations"]


def test_what_sleeps_where_nobody_works_at_night(repository: Path, tmp_path: Path) -> None:
    """The service that stays elsewhere goes to zero, and nothing else changes."""
    awake, asleep = (
        named(tuple(render(composed(("broker-knative", *more), repository, tmp_path))), "Service")
        for more in ((), ("sleeping",))
    )
    name = "autoscaling.knative.dev/min-scale"
    notes = [found["platform-inference"]["spec"]["template"]["metadata"]["annotations"] for found in (awake, asleep)]
    assert [each[name] for each in notes] == ["1", "0"]
    notes[1][name] = "1"
    assert awake == asleep


def test_knatives_own_settings_stay_in_its_namespaces(repository: Path, tmp_path: Path) -> None:
    """Components that set them come after the one that moves everything into the namespace of the functions."""
    documents = render(composed(("broker-knative", "gpu", "otel"), repository, tmp_path))
    found = {
        (each.value["metadata"]["namespace"], each.value["metadata"]["name"])
        for each in documents
        if each.value["kind"] == "ConfigMap"
    }
    assert found == {
        ("knative-serving", "config-features"),
        ("knative-serving", "config-observability"),
        ("knative-eventing", "config-observability"),
    }


@pytest.mark.parametrize(
    ("path", "old", "new", "rule"),
    [
        ("knative/base/platform-ledger.yaml", "    deadLetterSink:", "    x-removed:", "EVT-REFUSED"),
        ("knative/base/schema-parse.yaml", "serviceAccountName: schema-parse", "serviceAccountName: x", "SA-MISSING"),
        ("knative/base/schema-parse.yaml", "broker: default", "broker: defalt", "EVT-NOWHERE"),
        ("knative/base/schema-parse.yaml", "schema.submitted.v1", "schema.submited.v1", "TYP-NO-PRODUCER"),
        ("knative/base/schema-parse.yaml", "schema.submitted.v1", "schema.parsed.v1", "LOOP-UNBOUNDED"),
        ("knative/base/schema-parse.yaml", "memory: 512Mi", "memory: 512Mi\n              cpu: '1'", "CPU-LIMIT"),
        (
            "knative/base/schema-parse.yaml",
            "periodSeconds: 0",
            "periodSeconds: 0\n            timeoutSeconds: 1",
            "PRB-",
        ),
        ("knative/base/schema-parse.yaml", "dev.local/schema-parse:dev", "renga/schema-parse:latest", "IMG-MUTABLE"),
    ],
)
def test_a_slip_in_the_base_is_found(
    path: str, old: str, new: str, rule: str, *, repository: Path, tmp_path: Path, project: Project
) -> None:
    """The check means something for this very project: each change of one line is named."""
    shutil.copytree(repository / "knative", tmp_path / "knative", ignore=shutil.ignore_patterns("__pycache__"))
    text = (tmp_path / path).read_text()
    assert old in text
    (tmp_path / path).write_text(text.replace(old, new))
    rules = {finding.rule for finding in check(cluster(render(tmp_path / "knative/overlays/kind"), project))}
    assert any(found.startswith(rule) for found in rules), rules
