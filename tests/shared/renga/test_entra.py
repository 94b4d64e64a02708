"""Tokens of Entra's as passwords of Azure's stores, from an authority that is a server of this machine."""

import asyncio
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from redis import Redis
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError as Wrapped

from contract.receiver import Answer, Receiver, receiving
from renga import _entra
from renga._entra import password
from renga._tokens import NoToken
from renga.database import engine, is_away
from renga.idempotency import Claimed, store_for
from renga.idempotency.leases import ALIVE_S

HOST = "renga-dev-0a1b2c.postgres.database.azure.com"
ASKED = "tenant/oauth2/v2.0/token"


@pytest.fixture
def entra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Receiver]:
    """An authority, and what Azure's workload identity puts into a pod."""
    (tmp_path / "token").write_text("of the pod\n")
    with receiving() as receiver:
        monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", str(tmp_path / "token"))
        monkeypatch.setenv("AZURE_CLIENT_ID", "client")
        monkeypatch.setenv("AZURE_TENANT_ID", "tenant")
        monkeypatch.setenv("AZURE_AUTHORITY_HOST", f"{receiver.url}/")
        yield receiver


def test_the_pods_token_is_exchanged(entra: Receiver) -> None:
    """The token of the pod goes to the tenant's authority, and its answer is the password."""
    entra.script(ASKED, (Answer(body='{"access_token": "of Entra", "expires_in": 3599}'),))
    assert password(HOST) == "of Entra"
    (heard,) = entra.heard(ASKED)
    assert parse_qs(heard.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["client"],
        "client_assertion_type": ["urn:ietf:params:oauth:client-assertion-type:jwt-bearer"],
        "client_assertion": ["of the pod"],
        "scope": ["https://ossrdbms-aad.database.windows.net/.default"],
    }


def test_others_get_no_token(entra: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither a server that is not Azure's nor a place without an identity has anything sent anywhere."""
    assert password("database.example.org") is None
    assert password(f"{HOST}.example.org") is None
    monkeypatch.delenv("AZURE_FEDERATED_TOKEN_FILE")
    assert password(HOST) is None
    assert entra.heard(ASKED) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Answer(status=401, body='{"error": "invalid_client"}'), "401.*invalid_client"),
        (Answer(body="<html>"), "200 <html>"),
        (Answer(body='["access_token"]'), "200"),
        (Answer(cut=True), "Remote end closed"),
    ],
    ids=["refused", "no JSON", "another JSON", "cut"],
)
def test_no_token_is_given(entra: Receiver, answer: Answer, said: str) -> None:
    """What Entra says instead of a token is in the error, and what is asked again later is a connection."""
    entra.script(ASKED, (answer,))
    with pytest.raises(NoToken, match=f"no token of Entra's for 'client': .*{said}"):
        password(HOST)


@pytest.mark.usefixtures("entra")
def test_no_token_of_the_pod(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that is not there is named."""
    monkeypatch.setenv("AZURE_FEDERATED_TOKEN_FILE", "/nowhere/token")
    with pytest.raises(NoToken, match="/nowhere/token"):
        password(HOST)


@pytest.mark.connected
def test_connections_ask_for_theirs(entra: Receiver, postgres_database: str) -> None:
    """A connection without a password asks before it opens; one with a password does not, and a refusal may pass."""
    given = make_url(postgres_database)
    url = f"{HOST}:{given.port}/{given.database}?hostaddr={given.host}"
    entra.script(ASKED, (Answer(body='{"access_token": "t"}'), Answer(status=503)))
    for user in (given.username, f"{given.username}:secret"):
        made = engine(f"postgresql://{user}@{url}", "SETTING")
        with made.connect() as connection:
            assert connection.execute(text("SELECT 1")).scalar() == 1
        made.dispose()
    assert len(entra.heard(ASKED)) == 1
    made = engine(f"postgresql://{given.username}@{url}", "SETTING")
    with pytest.raises(Wrapped, match="503") as raised:
        made.connect()
    assert is_away(raised.value)


@pytest.mark.connected
def test_redis_is_opened_with_a_token_for_each_connection(
    entra: Receiver, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A connection has the token of its moment; one that was cut is made again with the next; a refusal may pass."""
    # Azure's names lead nowhere here.
    monkeypatch.setitem(_entra.SCOPES, "127.0.0.1", "https://redis.azure.com/.default")
    entra.script(
        ASKED, (*(Answer(body=f'{{"access_token": "{token}"}}') for token in ("t1", "t2")), Answer(status=503))
    )
    server = Redis.from_url(redis_url)

    def expire(known: str) -> None:
        server.acl_setuser(
            "object-id",
            enabled=True,
            reset_passwords=True,
            passwords=[f"+{known}"],
            keys=["renga:*"],
            categories=["+@all", "-@admin", "-@dangerous"],
        )
        server.client_kill_filter(user="object-id")

    async def life() -> None:
        store = store_for(redis_url.replace("redis://", "redis://object-id@"), "suite/entra")
        # So short a claim is not renewed: a renewal would be one who asks for a token too.
        expire("t1")
        assert await store.claim("a", ALIVE_S) == Claimed(1)
        expire("t2")
        assert await store.claim("b", ALIVE_S) == Claimed(1)
        expire("t3")
        with pytest.raises(OSError, match=r"Redis is away: no token of Entra's for 'client': 503"):
            await store.claim("c", ALIVE_S)
        await store.close()

    try:
        asyncio.run(life())
    finally:
        server.acl_deluser("object-id")
        server.close()
    scopes = [parse_qs(heard.body.decode())["scope"] for heard in entra.heard(ASKED)]
    assert scopes[:2] == [["https://redis.azure.com/.default"]] * 2
