"""One node of Kubernetes with Knative, from nothing to ready and back to nothing."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from onenode import certificates, groups, network
from onenode.building import READY
from onenode.running import Failed, Word, run, timed, until
from onenode.settings import (
    COREDNS_IMAGE,
    DNS_IP,
    EXTERNAL_PORT,
    INGRESS_NAMESPACE,
    INTERNAL_PORT,
    KNATIVE_IMAGES,
    NODE,
    NODE_IP,
    SOURCES,
    Places,
)

_PACKAGES = Path(__file__).parents[1]
"""Where this package is found."""


class Memory(NamedTuple):
    """Of a part of the node, in MiB."""

    part: str
    resident: int
    cached: int


class Cluster:
    """A cluster on this machine. It needs root.

    Args:
        places: where it is.
    """

    def __init__(self, places: Places) -> None:
        self.places = places
        self._outer: subprocess.Popen[bytes] | None = None

    def up(self) -> None:
        """Start the node and install Knative; returns when all of it is ready.

        Raises:
            Failed: there is one already, nothing was built, or something does not become ready.
        """
        places = self.places
        if places.state.exists():
            raise Failed(f"{places.state} exists: take that cluster down first.")
        if not (places.dist / READY).exists():
            raise Failed(f"{places.dist} is not complete: build first.")
        places.logs.mkdir(parents=True)
        with timed("network, certificates"):
            network.make(places)
            certificates.make(places)
        with timed("API server answers"):
            self._boot()
        with timed("images"):
            until("containerd", lambda: self.ctr("version"), 120)
            for image in sorted(places.images.glob("*.tar")):
                self.load(image)
        with timed("node, DNS"):
            self.kubectl("apply", "-f", "-", given=_base())
            until("the node", lambda: self.kubectl("wait", "--for=condition=Ready", f"node/{NODE}"), 180)
            self.kubectl("apply", "-f", places.manifests / "1-crds.yaml")
            self._rolled_out("kube-system", "coredns")
        with timed("Knative"):
            self.kubectl("wait", "--for=condition=Established", "--timeout=60s", "crd", "--all")
            self.kubectl("apply", "-f", places.manifests / "2-knative.yaml")
            for name in KNATIVE_IMAGES:
                if name != "queue":
                    self._rolled_out("knative-serving", name)

    def down(self) -> None:
        """End it with everything that it started; nothing of it stays on this machine.

        Raises:
            Failed: something does not end.
        """
        if pid := self.pid:
            # Its first process: with that the kernel ends the rest.
            os.kill(pid, signal.SIGKILL)
            until("the node to end", lambda: not Path(f"/proc/{pid}").exists(), 60)
        if self._outer is not None:
            self._outer.wait(60)
        groups.restore(self.places)
        network.remove(self.places)
        groups.remove(self.places)
        shutil.rmtree(self.places.state, ignore_errors=True)

    @property
    def pid(self) -> int | None:
        """This machine's number of the node's first process; None where it does not run."""
        try:
            pid = int((self.places.state / "pid").read_text())
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if {b"onenode.node", str(self.places.state).encode()} <= set(command) else None

    def memory(self) -> list[Memory]:
        """What the node takes: in all, its daemons, its pods."""
        found = []
        for part in ("", "system", "kubepods"):
            text = (Path("/sys/fs/cgroup/memory") / self.places.name / part / "memory.stat").read_text()
            figures = {name: int(value) >> 20 for name, value in map(str.split, text.splitlines())}
            found.append(Memory(part or "in all", figures["total_rss"], figures["total_cache"]))
        return found

    def load(self, archive: Path) -> None:
        """Make the images of an archive known to the node.

        Raises:
            Failed: it is none.
        """
        self.ctr("images", "import", archive)

    def kubectl(self, *arguments: Word, given: str | None = None) -> str:
        """What kubectl says.

        Raises:
            Failed: it did not do it.
        """
        kubectl = self.places.programs / "kubectl"
        return run(kubectl, "--kubeconfig", self.places.kubeconfig, *arguments, given=given)

    def ctr(self, *arguments: Word) -> str:
        """What containerd's client says.

        Raises:
            Failed: it did not do it.
        """
        return run("ctr", "--address", self.places.containerd, "--namespace", "k8s.io", *arguments)

    def _rolled_out(self, namespace: str, deployment: str) -> None:
        self.kubectl("-n", namespace, "rollout", "status", f"deployment/{deployment}", "--timeout=180s")

    def _boot(self) -> None:
        """Start process 1 in its namespaces and its own control group, and wait for the API server."""
        places = self.places
        groups.remember(places)
        joins = "".join(f"echo $$ > {group}/cgroup.procs; " for group in groups.make(places))
        own = ("unshare", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child")
        node = (sys.executable, "-m", "onenode.node", places.state, places.dist, places.name)
        command = ["sh", "-c", f'{joins}exec "$@"', "sh", "nsenter", f"--net={places.netns}", *own, *map(str, node)]
        with (places.logs / "node.log").open("w") as log:
            self._outer = outer = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env={**os.environ, "PYTHONPATH": str(_PACKAGES)},
            )
        children = Path(f"/proc/{outer.pid}/task/{outer.pid}/children")
        pid = until("the node's first process", lambda: children.read_text().strip(), 60)
        (places.state / "pid").write_text(pid)
        until("the API server", lambda: self.kubectl("get", "--raw=/readyz"), 180)


def _base() -> str:
    """CoreDNS, and the Services under which pods find the ingress."""
    text = (SOURCES / "base.yaml").read_text()
    values = {
        "DNS_IP": DNS_IP,
        "NODE_IP": NODE_IP,
        "COREDNS_IMAGE": COREDNS_IMAGE,
        "INGRESS_NAMESPACE": INGRESS_NAMESPACE,
        "EXTERNAL_PORT": EXTERNAL_PORT,
        "INTERNAL_PORT": INTERNAL_PORT,
    }
    for name, value in values.items():
        text = text.replace(f"${{{name}}}", str(value))
    return text
