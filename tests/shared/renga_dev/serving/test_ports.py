"""Ports for replicas."""

import socket

from renga_dev.serving.ports import Ports


def test_a_port_is_free_and_given_once() -> None:
    """No port is given twice until it is given back, nor one that somebody listens on."""
    ports = Ports()
    taken = {ports.take() for _ in range(100)}
    assert len(taken) == 100
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        assert not ports._is_free(stranger.getsockname()[1])
    for port in taken:
        ports.give_back(port)
    assert not ports._taken
