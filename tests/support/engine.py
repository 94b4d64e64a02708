"""A real Kubernetes with Knative, as tests see it: a node that was made on this machine, or any cluster."""

import json
import shlex
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple, Self

import yaml

from engine_servers import Node

NAMESPACE = "functions"
WANTED = {
    "RENGA_VIA": "HOST:PORT of its ingress, seen from this machine",
    "RENGA_BESIDE": "the address of this machine, seen from its pods",
    "RENGA_LOAD": "the command that hands an archive of images, {}, to its nodes, or REGISTRY, which they pull from",
}
"""What a kubeconfig does not tell of a cluster."""

Renga = Callable[..., "subprocess.CompletedProcess[str]"]
"""Runs `renga` with arguments, against the cluster."""


class Engine(NamedTuple):
    """A cluster."""

    kubeconfig: Path
    via: str
    """Its ingress: `HOST:PORT`."""
    beside: Node
    """Where what a cloud has beside its cluster stands."""
    domain: str = ""
    """`fn.test`: a Service answers at NAME.NAMESPACE.fn.test, if it is asked by the ingress."""
    load: str = ""
    """The command that hands an archive of images, `{}`, to its nodes; empty: they pull from the registry."""
    registry: str = "dev.local"
    kill: str = ""
    """The command that ends a container, `{}`, without a word; empty where nobody can."""
    internal: str = ""
    """Where the ingress takes what comes from within the cluster; empty where this machine cannot reach that."""
    state: Path | None = None
    """The folder of a node that was made on this machine."""

    @classmethod
    def of_node(cls, state: Path) -> Self:
        """One that tests/support/onenode has made: its folder has `kubeconfig`, `pid` and `containerd.sock`."""
        config = state / "kubeconfig"
        server = yaml.safe_load(config.read_text())["clusters"][0]["cluster"]["server"]
        address = server.removeprefix("https://").partition(":")[0]
        containers = ("ctr", "--address", f"{state}/containerd.sock", "-n", "k8s.io")
        # Its first process is in its network, and pods reach nothing outside of it.
        node = Node(address, Path("/proc") / (state / "pid").read_text().strip() / "ns" / "net")
        return cls(
            config,
            via=f"{address}:80",
            beside=node,
            load=shlex.join([*containers, "images", "import", "{}"]),
            kill=shlex.join([*containers, "tasks", "kill", "--signal", "SIGKILL", "{}"]),
            internal=f"{address}:8081",
            state=state,
        )._with_domain()

    @classmethod
    def of_kubeconfig(cls, config: Path, given: Mapping[str, str]) -> Self:
        """Somebody's: kind, minikube, a cloud's.

        Args:
            config: the file.
            given: variables of the environment: those of `WANTED`, and perhaps RENGA_KILL and RENGA_INTERNAL.

        Raises:
            ValueError: one of them is missing, or its Knative names no domain.
        """
        missing = [
            name for name in WANTED if not given.get(name) and not (name == "RENGA_LOAD" and given.get("REGISTRY"))
        ]
        if missing:
            said = "; ".join(f"{name} is {WANTED[name]}" for name in missing)
            raise ValueError(f"More must be known of the cluster of {config}: {said}.")
        return cls(
            config,
            via=given["RENGA_VIA"],
            beside=Node(given["RENGA_BESIDE"]),
            load=given.get("RENGA_LOAD", ""),
            registry="dev.local" if given.get("RENGA_LOAD") else given["REGISTRY"],
            kill=given.get("RENGA_KILL", ""),
            internal=given.get("RENGA_INTERNAL", ""),
        )._with_domain()

    @property
    def functions(self) -> str:
        """Where functions are."""
        _, _, port = self.via.rpartition(":")
        return f"http://{{service}}.{NAMESPACE}.{self.domain}" + (f":{port}" if port != "80" else "")

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """What kubectl says."""
        command = ["kubectl", "--kubeconfig", str(self.kubeconfig), *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=120).stdout

    def _with_domain(self) -> Self:
        domains = self.kubectl("-n", "knative-serving", "get", "configmap", "config-domain", "-o", "jsonpath={.data}")
        found = [name for name in json.loads(domains or "{}") if not name.startswith("_")]
        if not found:
            raise ValueError(f"Knative's ConfigMap config-domain of {self.kubeconfig} names no domain.")
        return self._replace(domain=found[0])
