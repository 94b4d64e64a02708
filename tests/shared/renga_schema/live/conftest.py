"""Real servers, one of each for all tests, and what it means that a database has what a script says."""

from collections.abc import Iterator

import pytest

import mariadb
import postgres


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL of our own; every test makes a database in it."""
    programs = postgres.binaries()
    if programs is None:
        pytest.skip(postgres.MISSING)
    with postgres.server(programs) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """A MariaDB of our own with the database `trial`."""
    programs = mariadb.binaries()
    if programs is None:
        pytest.skip(mariadb.MISSING)
    with mariadb.server(programs) as url:
        yield url
