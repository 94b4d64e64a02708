"""The network of a node: a namespace of its own, from which nothing leaves this machine."""

import contextlib
from pathlib import Path

from onenode.running import Failed, run
from onenode.settings import HOST_IP, NETWORK, NODE_IP, Places

_UNREACHABLE = ("unreachable", NETWORK, "metric", "4096")
_SETTINGS = {
    "net/ipv4/ip_forward": "1",
    "net/ipv6/conf/all/disable_ipv6": "1",
    "net/ipv6/conf/default/disable_ipv6": "1",
}


def make(places: Places) -> None:
    """A namespace whose only way out is a /30 to this machine; its default route ends in a bridge without ports.

    Raises:
        Failed: there is one of that name, or this may not make one.
    """
    name = places.name
    if not _is_mount(places.netns.parent):
        _folder_is_ours(places).touch()
    run("ip", "netns", "add", name)
    inside = ("ip", "-netns", name)
    run("ip", "link", "add", f"{name}-host", "type", "veth", "peer", "name", "eth0", "netns", name)
    run("ip", "addr", "add", f"{HOST_IP}/30", "dev", f"{name}-host")
    run("ip", "link", "set", f"{name}-host", "up")
    # A client that still knows an address of the cluster's must not send to it out of this machine.
    run("ip", "route", "replace", *_UNREACHABLE)
    run(*inside, "addr", "add", f"{NODE_IP}/30", "dev", "eth0")
    run(*inside, "link", "add", "sink", "type", "bridge")
    for device in ("lo", "eth0", "sink"):
        run(*inside, "link", "set", device, "up")
    run(*inside, "link", "set", "sink", "arp", "off")
    run(*inside, "route", "add", "default", "dev", "sink", "src", NODE_IP)
    # This machine may open connections to the node; nothing in the node may open one to this machine.
    inner = ("nsenter", f"--net={places.netns}")
    rule = ("--out-interface", "eth0", "--match", "conntrack", "--ctstate", "NEW", "--jump", "DROP")
    run(*inner, "iptables", "--table", "mangle", "--append", "POSTROUTING", *rule)
    for setting, value in _SETTINGS.items():
        run(*inner, "sh", "-c", f"echo {value} > /proc/sys/{setting}")


def remove(places: Places) -> None:
    """Take away what `make` made, as far as it is there."""
    if places.netns.exists():
        run("ip", "netns", "delete", places.name)
    with contextlib.suppress(Failed):  # it goes with its peer, or a little later
        run("ip", "link", "delete", f"{places.name}-host")
    with contextlib.suppress(Failed):
        run("ip", "route", "delete", *_UNREACHABLE)
    if _folder_is_ours(places).exists():
        with contextlib.suppress(Failed):  # somebody else's namespace is in it now
            run("umount", places.netns.parent)


def _folder_is_ours(places: Places) -> Path:
    """Says that `ip` made a mount of the folder of namespaces for us: it does so once, and leaves it."""
    return places.state / "netns-folder"


def _is_mount(folder: Path) -> bool:
    return any(line.split()[4] == str(folder) for line in Path("/proc/self/mountinfo").read_text().splitlines())
