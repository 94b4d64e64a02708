"""Whether a machine can be a node, or build what one needs."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from onenode.building import READY
from onenode.settings import SOURCES, Places

_PROGRAMS = {
    "containerd": "containerd",
    "runc": "runc",
    "etcd": "etcd-server",
    "iptables": "iptables",
    "conntrack": "conntrack",
    "ip": "iproute2",
    "nsenter": "util-linux",
    "openssl": "openssl",
}
"""And the Debian package that each is in."""
_PLUGINS = Path("/usr/lib/cni/bridge")
_GROUPS = Path("/sys/fs/cgroup")
_CONTROLLERS = ("cpu", "cpuset", "memory", "pids")


def lacking(places: Places) -> list[str]:
    """What keeps this machine from it, in sentences; nothing: it can."""
    found = [] if os.geteuid() == 0 else ["A node is started as root."]
    if missing := [name for name in _CONTROLLERS if not (_GROUPS / name / "cgroup.procs").exists()]:
        found.append(f"Control groups of version 1 are not there: {', '.join(missing)}.")
    elif not os.access(_GROUPS / _CONTROLLERS[0], os.W_OK):
        found.append(f"Control groups cannot be made: {_GROUPS} is read-only.")
    own = ("unshare", "--mount", "--net", "--pid", "--fork", "true")
    if not found and (done := subprocess.run(own, capture_output=True, text=True, check=False)).returncode:
        found.append(f"Namespaces cannot be made: {done.stderr.strip()}.")
    packages = [package for program, package in _PROGRAMS.items() if shutil.which(program) is None]
    packages += [] if _PLUGINS.exists() else ["containernetworking-plugins"]
    if packages:
        found.append(f"These of Debian's packages are not installed: {', '.join(packages)}.")
    if not (places.dist / READY).exists() and (old := _go()):
        found.append(old)
    return found


def _go() -> str:
    """What is wrong with Go; empty: nothing."""
    wanted = _version((SOURCES / "kube" / "go.mod").read_text(), r"^go ([\d.]+)")
    if shutil.which("go") is None:
        return "Go is not installed, and nothing was built yet."
    # There, because one that is older may fetch the one that a module asks for.
    done = subprocess.run(["go", "version"], capture_output=True, text=True, check=False, cwd=SOURCES / "kube")
    found = _version(done.stdout, r"^go version go([\d.]+)")
    asked = ".".join(map(str, wanted))
    return "" if found >= wanted else f"Go has to be {asked} or newer: {(done.stdout or done.stderr).strip()}."


def _version(text: str, pattern: str) -> tuple[int, ...]:
    match = re.search(pattern, text, re.MULTILINE)
    return tuple(int(part) for part in match[1].strip(".").split(".")) if match else ()
