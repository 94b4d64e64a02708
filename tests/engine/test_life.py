"""The cluster on this machine comes, and goes without a trace. It runs where RENGA_ENGINE_DIST says."""

import os
import subprocess
from pathlib import Path

import pytest

from onenode.cluster import Cluster
from onenode.settings import HOST_IP, Places

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

VARIABLE = "RENGA_ENGINE_DIST"
LOOKS = {
    "network namespaces": ["ip", "netns", "list"],
    "devices": ["ip", "-o", "link", "show"],
    "routes": ["ip", "route", "show"],
    "rules": ["iptables-save"],
    "mounts": ["cat", "/proc/mounts"],
    "control groups": ["find", "/sys/fs/cgroup", "-type", "d", "-not", "-path", "*/user.slice/*"],
    "settings": ["sysctl", "vm.overcommit_memory", "vm.panic_on_oom", "kernel.panic", "kernel.panic_on_oops"],
}


def traces() -> dict[str, list[str]]:
    """What a cluster could leave behind, line by line; counters are left out."""
    found = {}
    for what, command in LOOKS.items():
        lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
        found[what] = sorted(line.partition(" [")[0] for line in lines if not line.startswith(("#", ":")))
    return found


def processes(state: Path) -> list[str]:
    """Those that have to do with a state folder."""
    told = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in told.splitlines() if str(state) in line]


def test_it_goes_without_a_trace(tmp_path: Path) -> None:
    """Up, asked for its node, a second one refused; down, and the machine is as it was; down again is nothing."""
    dist = os.environ.get(VARIABLE)
    if not dist:
        pytest.skip(f"{VARIABLE} names nothing that `python -m onenode build` made")
    if HOST_IP in subprocess.run(["ip", "route"], capture_output=True, text=True, check=True).stdout:
        pytest.skip("a cluster runs on this machine, and two would have the same addresses")
    cluster = Cluster(Places(Path(dist), tmp_path / "state", "renga-life"))
    before = traces()
    try:
        cluster.up()
        assert cluster.kubectl("get", "nodes", "-o", "name") == "node/node"
        assert cluster.pid is not None
        assert cluster.memory()[0].resident > 100
        with pytest.raises(RuntimeError, match="take that cluster down first"):
            cluster.up()
    finally:
        cluster.down()
    assert traces() == before
    assert not processes(tmp_path / "state")
    assert not cluster.places.state.exists()
    cluster.down()
