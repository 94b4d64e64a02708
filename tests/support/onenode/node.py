"""Process 1 of a node, in network, mount and process namespaces of its own: `python -m onenode.node STATE DIST NAME`.

It starts the daemons in order, starts again one that exits, and reaps orphans. When it is killed the kernel ends every
process in its namespace, pods too, and with the last one go all the mounts that were made here.
"""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from onenode.daemons import Daemon, configure, daemons
from onenode.settings import DNS_IP, Places


def mounts(state: Path) -> None:
    """Everything that daemons would write outside of the state folder goes to mounts that only they see."""

    def mount(*arguments: str) -> None:
        subprocess.run(["mount", *arguments], check=True)

    mount("--make-rshared", "/")
    mount("-t", "tmpfs", "tmpfs", "/run")
    # Some of kubelet's paths are fixed.
    for path in (Path("/var/lib/cni"), Path("/var/lib/kubelet")):
        path.mkdir(parents=True, exist_ok=True)
        mount("-t", "tmpfs", "tmpfs", str(path))
    logs = state / "log" / "var"
    logs.mkdir(parents=True)
    mount("--bind", str(logs), "/var/log")
    resolve = state / "resolv.conf"
    resolve.write_text(f"nameserver {DNS_IP}\n")
    mount("--bind", str(resolve), "/etc/resolv.conf")


def start(daemon: Daemon, logs: Path) -> int:
    """Start a daemon; its process."""
    with (logs / f"{daemon.name}.log").open("a") as log:
        return subprocess.Popen(daemon.command, stdin=subprocess.DEVNULL, stdout=log, stderr=log).pid


def main(places: Places) -> None:
    """Run the node; never returns by itself."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    mounts(places.state)
    configure(places)
    running: dict[int, Daemon] = {}
    for daemon in daemons(places):
        running[start(daemon, places.logs)] = daemon
        _say(f"started {daemon.name}")
        while daemon.ready is not None:
            with suppress(OSError):
                if daemon.ready():
                    break
            time.sleep(0.1)
    while True:
        pid, status = os.wait()
        if (ended := running.pop(pid, None)) is not None:
            _say(f"{ended.name} exited with {os.waitstatus_to_exitcode(status)}")
            time.sleep(1)
            running[start(ended, places.logs)] = ended


def _say(what: str) -> None:
    print(what, flush=True)  # noqa: T201 - the node's log


if __name__ == "__main__":
    main(Places(Path(sys.argv[2]), Path(sys.argv[1]), sys.argv[3]))
