"""A real PostgreSQL server, where this machine has one."""

from collections.abc import Iterator

import pytest

from postgres import MISSING, binaries, server


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of an empty database of a server of our own."""
    programs = binaries()
    if programs is None:
        pytest.skip(MISSING)
    with server(programs) as url:
        yield url
