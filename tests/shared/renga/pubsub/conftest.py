"""The emulator, started once for these tests."""

from collections.abc import Iterator

import pytest

from pubsub_server import PubSubServer, emulator


@pytest.fixture(scope="package")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PubSubServer]:
    """A running emulator."""
    with emulator(tmp_path_factory.mktemp("pubsub")) as running:
        yield running


@pytest.fixture
def project(server: PubSubServer) -> PubSubServer:
    """A project of its own on it."""
    return server.own()
