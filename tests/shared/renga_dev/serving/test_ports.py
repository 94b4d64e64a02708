"""Ports for servers that are about to start."""

import socket
import sys

import pytest

from renga_dev.serving import ports
from renga_dev.serving.ports import LOOPBACK, Port


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a server bind what is held for it")
def test_it_is_ours_before_its_server_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another runtime that tries the same port does not get it, its server does, and freed it is anybody's."""
    port = Port()
    monkeypatch.setattr(ports, "_FIRST", port.number)
    monkeypatch.setattr(ports, "_LAST", port.number)
    with pytest.raises(OSError, match=f"No free port between {port.number}"):
        Port()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, port.number))
    with socket.create_server(("", port.number)), pytest.raises(OSError, match="after 200 tries"):
        Port()
    port.free()
    with Port() as again:
        assert again.number == port.number
