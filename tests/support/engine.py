"""A real Kubernetes with Knative on this machine, as tests see it."""

import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from engine_servers import Node

NAMESPACE = "functions"

Renga = Callable[..., "subprocess.CompletedProcess[str]"]
"""Runs `renga` with arguments, against the cluster."""


class Engine(NamedTuple):
    """A cluster that runs on this machine."""

    state: Path
    address: str
    """Of its node, where its ingress listens on port 80."""
    domain: str
    """`fn.test`: a Service answers at NAME.NAMESPACE.fn.test, if it is asked by the ingress."""

    @property
    def node(self) -> Node:
        """Its machine; its first process is in its network."""
        return Node(self.address, Path("/proc") / (self.state / "pid").read_text().strip() / "ns" / "net")

    @property
    def load(self) -> str:
        """The command that hands an archive of images to its node."""
        return shlex.join(
            ["ctr", "--address", f"{self.state}/containerd.sock", "-n", "k8s.io", "images", "import", "{}"]
        )

    @property
    def via(self) -> str:
        """Its ingress."""
        return f"{self.address}:80"

    @property
    def functions(self) -> str:
        """Where functions are."""
        return f"http://{{service}}.{NAMESPACE}.{self.domain}"

    def kubectl(self, *arguments: str, given: str | None = None) -> str:
        """What kubectl says."""
        command = ["kubectl", "--kubeconfig", str(self.state / "kubeconfig"), *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True, timeout=120).stdout
