"""The chart, rendered by Helm's own engine with what Terraform gives it."""

from pathlib import Path
from typing import Any

import pytest

from cluster_schemas import fault

VERSIONS = {"serving": "1.22", "eventing": "1.22", "kubectl": "registry.k8s.io/kubectl:v1.34.1"}
GKE = {
    "versions": VERSIONS,
    "domain": "dev.example.org",
    "gke": {"certificateMap": "renga-dev-gateway", "address": "renga-dev-gateway"},
    "events": {
        "sink": "pubsub://renga-dev-1",
        "pushAudience": "https://dev.example.org",
        "pushEmail": "renga-dev-push@renga-dev-1.iam.gserviceaccount.com",
        "callers": "ops@example.org",
        "credentialConfiguration": "",
    },
    "stores": {
        "egress": [{"cidr": "10.20.0.4/32", "port": 6378}],
        "certificates": {"redis-ca.pem": "-----BEGIN CERTIFICATE-----\nredis\n-----END CERTIFICATE-----"},
        "settings": {"blobs-url": "gs://renga-dev-1-blobs"},
        "cloudSql": {
            "image": "gcr.io/cloud-sql-connectors/cloud-sql-proxy:2.18.3",
            "instance": "renga-dev-1:europe-west4:renga-dev-0a1b2c",
            "address": "10.20.16.3",
            "identity": "renga-dev-gateway@renga-dev-1.iam.gserviceaccount.com",
        },
        "redisUrl": "rediss://:secret@10.20.0.4:6378/0",
        "postgresUrl": "postgresql://gateway@postgres.functions.svc.cluster.local:5432/renga",
    },
    "metadataServer": True,
}
ELSEWHERE: dict[str, Any] = {
    **GKE,
    "devicePlugin": "nvcr.io/nvidia/k8s-device-plugin:v0.17.4",
    "gke": {},
    "kourier": {"serviceType": "LoadBalancer", "annotations": {"service.example.org/certificate": "arn:aws:acm:x"}},
    "events": {**GKE["events"], "credentialConfiguration": '{"type": "external_account"}'},  # type: ignore[dict-item]
    "metadataServer": False,
}
BROKER = {"versions": VERSIONS}
BALANCED: dict[str, Any] = {**ELSEWHERE, "kourier": {"serviceType": "ClusterIP", "annotations": {}, "nodePort": 30080}}
OTHERS = {"operator.knative.dev/v1beta1", "gateway.networking.k8s.io/v1", "networking.gke.io/v1"}
"""Whose definitions come with the operator and with GKE."""

Manifests = dict[tuple[str, str], dict[str, Any]]

pytestmark = pytest.mark.timeout(900)


@pytest.fixture(
    scope="module", params=[GKE, ELSEWHERE, BROKER, BALANCED], ids=["gke", "elsewhere", "broker", "balanced"]
)
def manifests(request: pytest.FixtureRequest, render: Any) -> Manifests:
    """What is installed, by kind and name."""
    return by_name(render(request.param))


def by_name(rendered: list[dict[str, Any]]) -> Manifests:
    """Manifests by kind and name; the two namespaced twins of the hook's role count once."""
    return {(each["kind"], each["metadata"]["name"]): each for each in rendered}


def test_knative_is_pinned_and_ready_for_gpus(manifests: Manifests) -> None:
    """Serving and Eventing have their versions; pods may say where they run, and have time to find a GPU."""
    serving, eventing = manifests["KnativeServing", "knative-serving"], manifests["KnativeEventing", "knative-eventing"]
    assert (serving["spec"]["version"], eventing["spec"]["version"]) == ("1.22", "1.22")
    features = serving["spec"]["config"]["features"]
    for feature in ("affinity", "nodeselector", "tolerations"):
        assert features[f"kubernetes.podspec-{feature}"] == "enabled"
    assert serving["spec"]["config"]["deployment"]["progress-deadline"] == "900s"


def test_a_cluster_knows_every_field(manifests: Manifests, shared_material: Path) -> None:
    """Kubernetes takes what is its own, with unknown fields refused."""
    looked_at = [each for each in manifests.values() if each["apiVersion"] not in OTHERS]
    assert {each["kind"] for each in looked_at} >= {"Job", "NetworkPolicy", "Secret", "Namespace", "RoleBinding"}
    for manifest in looked_at:
        assert fault(manifest, shared_material / "conformance" / "knative-crds") is None


def test_the_hook_waits_for_both(manifests: Manifests) -> None:
    """The release is done when Serving and Eventing are Ready, and the job may see nothing else."""
    job = manifests["Job", "knative-ready"]
    assert "post-install" in job["metadata"]["annotations"]["helm.sh/hook"]
    pod = job["spec"]["template"]["spec"]
    waits = [container["args"] for container in pod["containers"]]
    assert {args[-1] for args in waits} == {"knativeserving/knative-serving", "knativeeventing/knative-eventing"}
    assert all(args[:2] == ["wait", "--for=condition=Ready"] for args in waits)
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert all(container["securityContext"]["readOnlyRootFilesystem"] for container in pod["containers"])
    (rule,) = manifests["Role", "knative-ready"]["rules"]
    assert set(rule["verbs"]) == {"get", "list", "watch"}


def test_functions_are_kept_apart(manifests: Manifests) -> None:
    """Nothing reaches a function but Knative; pods keep to the restricted profile."""
    namespace = manifests["Namespace", "functions"]
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    policies = {name: each["spec"] for (kind, name), each in manifests.items() if kind == "NetworkPolicy"}
    assert policies["nothing-else"] == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}
    assert {name for name, spec in policies.items() if "Ingress" in spec["policyTypes"]} <= {
        "nothing-else",
        "from-knative",
        "postgres",
    }
    # Whatever a pod is labelled, these are about it; the proxy has one more of its own.
    assert {name for name, spec in policies.items() if spec["podSelector"] != {}} <= {"postgres"}


def test_what_gke_gets(render: Any) -> None:
    """On GKE TLS ends at Google's load balancer, for exactly the functions' names."""
    found = by_name(render(GKE))
    assert found["Gateway", "functions"]["metadata"]["annotations"] == {
        "networking.gke.io/certmap": "renga-dev-gateway"
    }
    assert found["HTTPRoute", "functions"]["spec"]["hostnames"] == ["*.functions.dev.example.org"]
    assert found["KnativeServing", "knative-serving"]["spec"]["config"]["domain"] == {"dev.example.org": ""}
    assert ("NetworkPolicy", "to-metadata-server") in found
    assert found["ConfigMap", "renga-events"]["data"] == {
        "K_SINK": "pubsub://renga-dev-1",
        "RENGA_PUSH_AUDIENCE": "https://dev.example.org",
        "RENGA_PUSH_EMAIL": "renga-dev-push@renga-dev-1.iam.gserviceaccount.com",
        "RENGA_CALLERS": "ops@example.org",
    }


def test_what_others_get(render: Any) -> None:
    """Elsewhere Kourier has a load balancer of its own, and functions a file that says how to exchange their token."""
    found = by_name(render(ELSEWHERE))
    assert not {kind for kind, _ in found} & {"Gateway", "HTTPRoute"}
    serving = found["KnativeServing", "knative-serving"]["spec"]
    assert serving["ingress"]["kourier"]["service-type"] == "LoadBalancer"
    assert serving["services"] == [{"name": "kourier", "annotations": ELSEWHERE["kourier"]["annotations"]}]
    assert ("NetworkPolicy", "to-metadata-server") not in found
    assert found["ConfigMap", "renga-credentials"]["data"] == {"credentials.json": '{"type": "external_account"}'}
    settings = found["ConfigMap", "renga-events"]["data"]
    assert settings["GOOGLE_APPLICATION_CREDENTIALS"] == "/etc/renga/credentials/credentials.json"


def test_gpus_are_offered(render: Any) -> None:
    """Where the cloud installs a driver and no device plugin, each node with a GPU gets one, whatever its taints."""
    found = by_name(render(ELSEWHERE))
    pod = found["DaemonSet", "nvidia-device-plugin"]["spec"]["template"]["spec"]
    assert pod["nodeSelector"] == {"accelerator": "nvidia"}
    assert pod["tolerations"] == [{"operator": "Exists", "effect": "NoSchedule"}]
    (plugin,) = pod["containers"]
    assert plugin["image"] == "nvcr.io/nvidia/k8s-device-plugin:v0.17.4"
    assert plugin["volumeMounts"][0]["mountPath"] == pod["volumes"][0]["hostPath"]["path"]
    assert "DaemonSet" not in {kind for kind, _ in by_name(render(GKE))}


def test_where_a_load_balancer_outside_finds_kourier(render: Any) -> None:
    """With a port of each node, Kourier listens there for what has left TLS behind; else there is no such door."""
    door = by_name(render(BALANCED))["Service", "functions"]
    assert door["metadata"]["namespace"] == "knative-serving"
    assert door["spec"]["selector"] == {"app": "3scale-kourier-gateway"}
    assert door["spec"]["ports"] == [{"name": "http", "port": 80, "targetPort": 8080, "nodePort": 30080}]
    assert ("Service", "functions") not in by_name(render(GKE))


def test_stores(render: Any) -> None:
    """Functions find the stores' URLs and certificates in one Secret, and may reach exactly these addresses."""
    found = by_name(render(GKE))
    assert found["Secret", "renga-stores"]["stringData"] == {
        "redis-url": "rediss://:secret@10.20.0.4:6378/0",
        "postgres-url": "postgresql://gateway@postgres.functions.svc.cluster.local:5432/renga",
        "blobs-url": "gs://renga-dev-1-blobs",
        "redis-ca.pem": "-----BEGIN CERTIFICATE-----\nredis\n-----END CERTIFICATE-----",
    }
    egress = found["NetworkPolicy", "to-stores"]["spec"]["egress"]
    assert [(rule["to"][0]["ipBlock"]["cidr"], rule["ports"][0]["port"]) for rule in egress] == [
        ("10.20.0.4/32", 6378),
    ]


def test_the_proxy_of_the_database(render: Any) -> None:
    """PostgreSQL is opened by a proxy as an account; only functions reach it, and only it reaches the database."""
    found = by_name(render(GKE))
    account = found["ServiceAccount", "gateway"]["metadata"]["annotations"]
    assert account == {"iam.gke.io/gcp-service-account": "renga-dev-gateway@renga-dev-1.iam.gserviceaccount.com"}
    pod = found["Deployment", "postgres"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "gateway"
    (proxy,) = pod["containers"]
    assert {"--auto-iam-authn", "--private-ip"} <= set(proxy["args"])
    assert proxy["args"][-1] == "renga-dev-1:europe-west4:renga-dev-0a1b2c"
    assert proxy["securityContext"]["readOnlyRootFilesystem"] is True
    policy = found["NetworkPolicy", "postgres"]["spec"]
    assert policy["ingress"] == [{"ports": [{"protocol": "TCP", "port": 5432}], "from": [{"podSelector": {}}]}]
    assert policy["egress"][0]["to"] == [{"ipBlock": {"cidr": "10.20.16.3/32"}}]
    assert "Deployment" not in {kind for kind, _ in by_name(render(BROKER))}


def test_the_broker_of_the_cluster(render: Any) -> None:
    """Without Pub/Sub, functions are told nothing of it, and have no name in public."""
    found = by_name(render(BROKER))
    assert ("ConfigMap", "renga-events") not in found
    assert found["KnativeServing", "knative-serving"]["spec"]["config"]["domain"] == {"svc.cluster.local": ""}
