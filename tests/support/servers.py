"""Fixtures of real servers: one of each kind for a whole run, and those that a test may stop because they are its own.

Each skips, with what to install, where this machine has no such server.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

import mariadb
import postgres
import pubsub_server
import redis_server
from pubsub_server import PubSubServer
from redis_server import RedisServer

T = TypeVar("T")


def _here(programs: T | None, missing: str) -> T:
    """The programs; skips where there are none."""
    if programs is None:
        pytest.skip(missing)
    return programs


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The database `postgres` of a PostgreSQL server, of the newest version that this machine installed."""
    with postgres.server(_here(postgres.binaries(), postgres.MISSING)) as url:
        yield url


@pytest.fixture
def new_postgres_database(postgres_url: str) -> Iterator[Callable[[], str]]:
    """Makes empty databases on that server and gives their URLs; they go with the test."""
    made: list[str] = []

    def make() -> str:
        made.append(postgres.new_database(postgres_url))
        return made[-1]

    yield make
    for url in made:
        postgres.drop_database(postgres_url, url.rpartition("/")[2])


@pytest.fixture
def postgres_database(new_postgres_database: Callable[[], str]) -> str:
    """The URL of an empty database on that server."""
    return new_postgres_database()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.connected)])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty database is: in a file whose folder is not there yet, or on a real PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/new/folder/test.db"
    url: str = request.getfixturevalue("postgres_database")
    return url


@pytest.fixture
def own_postgres() -> Iterator[postgres.Server]:
    """A PostgreSQL server that only this test has."""
    with postgres.servers(_here(postgres.binaries(), postgres.MISSING)) as running:
        yield running


@pytest.fixture(scope="session")
def newest_postgres_url() -> Iterator[str]:
    """The database `postgres` of a PostgreSQL 18 with the roles that dumps are about; for `postgres.load`."""
    with postgres.server(_here(postgres.newest_binaries(), postgres.NEWEST_MISSING)) as url:
        postgres.create_roles(url)
        yield url


@pytest.fixture(scope="session")
def mariadb_url() -> Iterator[str]:
    """The database `trial` of a MariaDB server; whoever uses it empties it before: see `mariadb.emptied`."""
    with mariadb.server(_here(mariadb.binaries(), mariadb.MISSING)) as url:
        yield url


@pytest.fixture(scope="session")
def mariadb_port(mariadb_url: str) -> int:
    """The port of that server."""
    return mariadb.port_of(mariadb_url)


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a Redis server."""
    with redis_server.server(tmp_path_factory.mktemp("redis")) as running:
        yield running.url


@pytest.fixture
def own_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis server that only this test has."""
    with redis_server.server(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="session")
def emulator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PubSubServer]:
    """The Pub/Sub emulator; its projects are what tests have of it."""
    with pubsub_server.emulator(tmp_path_factory.mktemp("pubsub")) as running:
        yield running


@pytest.fixture
def pubsub(emulator: PubSubServer) -> Iterator[PubSubServer]:
    """A project on the emulator that nobody else has."""
    with emulator.own() as project:
        yield project
