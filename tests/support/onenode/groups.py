"""What a node takes of the machine that is not in a namespace: control groups, and settings of the kernel."""

import json
import os
import shutil
from pathlib import Path

from onenode.running import until
from onenode.settings import Places

_KERNEL = Path("/proc/sys")
_SETTINGS = (
    *("vm/overcommit_memory", "vm/panic_on_oom", "kernel/panic", "kernel/panic_on_oops"),
    *("kernel/keys/root_maxkeys", "kernel/keys/root_maxbytes"),
)
"""What kubelet sets for the whole machine."""


def remember(places: Places) -> None:
    """Write down the kernel's settings, which `restore` puts back."""
    (places.state / "sysctls").write_text(json.dumps({name: (_KERNEL / name).read_text() for name in _SETTINGS}))


def restore(places: Places) -> None:
    """Put them back."""
    file = places.state / "sysctls"
    if file.is_file():
        for name, value in json.loads(file.read_text()).items():
            (_KERNEL / name).write_text(value)


def make(places: Places) -> list[Path]:
    """A group for the node in each hierarchy, and one below it for its daemons; the latter are returned."""
    made = []
    for group in of(places):
        system = group / "system"
        system.mkdir(parents=True)
        # A set of processors starts empty.
        for each in (group, system):
            for name in ("cpuset.cpus", "cpuset.mems"):
                if (each / name).exists():
                    shutil.copyfile(each.parent / name, each / name)
        made.append(system)
    return made


def remove(places: Places) -> None:
    """Take them away, once nothing runs in them any more.

    Raises:
        Failed: something still runs.
    """
    for group in of(places):
        until(f"{group} to empty", lambda group=group: _remove(group), 60)  # type: ignore[misc]  # it is bound now


def of(places: Places) -> list[Path]:
    """Its groups, whether they are there or not."""
    return [path.parent / places.name for path in sorted(Path("/sys/fs/cgroup").glob("*/cgroup.procs"))]


def _remove(group: Path) -> bool:
    for folder, _, _ in os.walk(group, topdown=False):
        Path(folder).rmdir()
    return True
