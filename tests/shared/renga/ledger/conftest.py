"""A real PostgreSQL server, where this machine has one."""

from collections.abc import Iterator

import pytest

from postgres import MISSING, binaries, server


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty database of a server of our own."""
    programs = binaries()
    if programs is None:
        pytest.skip(MISSING)
    with server(programs, tmp_path_factory.mktemp("postgres")) as url:
        yield url
