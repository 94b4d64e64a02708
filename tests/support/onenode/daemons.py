"""The node's daemons: their configuration, their commands, and what says that each is ready."""

import json
import ssl
import sys
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from onenode.certificates import kubeconfig_of
from onenode.running import Word
from onenode.settings import (
    API,
    DNS_IP,
    ETCD,
    EXTERNAL_PORT,
    INTERNAL_PORT,
    NODE,
    NODE_IP,
    PAUSE_IMAGE,
    PODS,
    SERVICES,
    Places,
)


class Daemon(NamedTuple):
    """One program that runs as long as the node does."""

    name: str
    command: list[str]
    ready: Callable[[], bool] | None = None
    """Whether the next one may be started; None: at once. It may raise OSError until then."""


def configure(places: Places) -> None:
    """Write the configuration of containerd, its network plugins, kubelet and kube-proxy."""
    state = places.state
    (state / "containerd.toml").write_text(_containerd(places))
    (state / "cni").mkdir(exist_ok=True)
    _write(state / "cni" / "10-pods.conflist", _pods())
    _write(state / "kubelet.json", _kubelet(places))
    _write(state / "kube-proxy.json", _proxy(places))


def daemons(places: Places) -> list[Daemon]:
    """All of them in the order of starting."""
    state, pki = places.state, places.state / "pki"

    def program(name: str, *arguments: Word) -> list[str]:
        return [str(places.programs / name), *map(str, arguments)]

    def kubeconfig(name: str) -> str:
        return f"--kubeconfig={kubeconfig_of(state, name)}"

    etcd = ["--data-dir", str(state / "etcd"), f"--listen-client-urls={ETCD}", f"--advertise-client-urls={ETCD}"]
    manager = ("--use-service-account-credentials", "--leader-elect=false")
    keys = (f"--root-ca-file={pki}/ca.crt", f"--service-account-private-key-file={pki}/sa.key")
    node = (f"--root-dir={state}/kubelet", f"--hostname-override={NODE}", f"--node-ip={NODE_IP}")
    envoy = state / "envoy" / "bootstrap.json"
    ports = (str(EXTERNAL_PORT), str(INTERNAL_PORT))
    ingress = [sys.executable, "-m", "onenode.ingress", str(kubeconfig_of(state, "ingress")), str(envoy.parent)]
    return [
        Daemon("containerd", ["containerd", "--config", f"{state}/containerd.toml"]),
        Daemon("etcd", ["etcd", *etcd, "--listen-peer-urls=http://127.0.0.1:2380"], lambda: _answers(f"{ETCD}/health")),
        Daemon("kube-apiserver", program("kube-apiserver", *_apiserver(pki)), lambda: _answers(f"{API}/readyz")),
        Daemon(
            "kube-controller-manager",
            program("kube-controller-manager", kubeconfig("kube-controller-manager"), *keys, *manager),
        ),
        Daemon("kube-scheduler", program("kube-scheduler", kubeconfig("kube-scheduler"), "--leader-elect=false")),
        Daemon("kubelet", program("kubelet", f"--config={state}/kubelet.json", kubeconfig("kubelet"), *node)),
        Daemon("kube-proxy", program("kube-proxy", f"--config={state}/kube-proxy.json")),
        Daemon("ingress", [*ingress, NODE_IP, *ports], envoy.exists),
        Daemon("envoy", program("envoy", "--config-path", envoy, "--concurrency", "1")),
    ]


def _answers(url: str) -> bool:
    # It asks whether somebody answers, not who.
    context = ssl._create_unverified_context() if url.startswith("https") else None  # noqa: S323
    with urllib.request.urlopen(url, context=context, timeout=2) as answer:
        return bool(answer.status == 200)


def _apiserver(pki: Path) -> list[str]:
    return [
        f"--etcd-servers={ETCD}",
        f"--advertise-address={NODE_IP}",
        f"--service-cluster-ip-range={SERVICES}",
        "--authorization-mode=Node,RBAC",
        "--allow-privileged",
        # The node's name is in no DNS.
        "--kubelet-preferred-address-types=InternalIP",
        "--enable-admission-plugins=NodeRestriction",
        f"--client-ca-file={pki}/ca.crt",
        f"--tls-cert-file={pki}/apiserver.crt",
        f"--tls-private-key-file={pki}/apiserver.key",
        f"--kubelet-client-certificate={pki}/apiserver-kubelet.crt",
        f"--kubelet-client-key={pki}/apiserver-kubelet.key",
        "--service-account-issuer=https://kubernetes.default.svc.cluster.local",
        f"--service-account-signing-key-file={pki}/sa.key",
        f"--service-account-key-file={pki}/sa.pub",
    ]


def _containerd(places: Places) -> str:
    # Without CAP_SYS_RESOURCE runc cannot lower oom_score_adj: hence restrict_oom_score_adj.
    return f"""
version = 2
root = "{places.state}/containerd"
state = "/run/containerd"
[grpc]
  address = "{places.containerd}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{places.state}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  disable_apparmor = true
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{places.state}/cni"
"""


def _pods() -> dict[str, Any]:
    addresses = {"ranges": [[{"subnet": PODS}]], "routes": [{"dst": "0.0.0.0/0"}]}
    return {
        "cniVersion": "0.4.0",
        "name": "pods",
        "plugins": [
            {
                "type": "bridge",
                "bridge": "cni0",
                "isGateway": True,
                "ipMasq": True,
                "hairpinMode": True,
                "ipam": {"type": "host-local", "dataDir": "/run/cni", **addresses},
            },
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ],
    }


def _kubelet(places: Places) -> dict[str, Any]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": f"{places.state}/pki/ca.crt"},
        },
        "authorization": {"mode": "Webhook"},
        "containerRuntimeEndpoint": f"unix://{places.containerd}",
        "cgroupDriver": "cgroupfs",
        "cgroupRoot": f"/{places.name}",
        "failSwapOn": False,
        "clusterDomain": "cluster.local",
        "clusterDNS": [DNS_IP],
        "resolvConf": f"{places.state}/resolv.conf",
        "volumePluginDir": f"{places.state}/kubelet/plugins",
        "evictionHard": {"memory.available": "200Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
    }


def _proxy(places: Places) -> dict[str, Any]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "clientConnection": {"kubeconfig": str(kubeconfig_of(places.state, "kube-proxy"))},
        "mode": "iptables",
        "clusterCIDR": PODS,
        "hostnameOverride": NODE,
        # These settings are the machine's, and cannot be written outside of the first network namespace.
        "conntrack": {"maxPerCore": 0, "min": 0, "tcpEstablishedTimeout": "0s", "tcpCloseWaitTimeout": "0s"},
    }


def _write(path: Path, value: dict[str, Any]) -> None:
    path.write_text(json.dumps(value, indent=1))
