"""Tokens by Google's own library, from a service account's key and a token endpoint that is made here."""

import asyncio
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from google.auth import jwt

from renga.fates import Retry
from renga.pubsub.credentials import SCOPE, GoogleCredentials


class Tokens:
    """What the token endpoint was asked, and answers."""

    def __init__(self) -> None:
        self.assertions: list[str] = []
        self.status = 200
        self.url = ""


@pytest.fixture
def tokens() -> Iterator[Tokens]:
    """A token endpoint, as a service account's key names one."""
    found = Tokens()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode())
            found.assertions.append(asked["assertion"][0])
            granted = {"access_token": f"token-{len(found.assertions)}", "expires_in": 3600, "token_type": "Bearer"}
            body = json.dumps(granted if found.status == 200 else {"error": "invalid_grant"}).encode()
            self.send_response(found.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/token"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield found
    server.shutdown()
    server.server_close()
    thread.join(60)


@pytest.fixture
def key(tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A key file that the environment names."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    account = {
        "type": "service_account",
        "project_id": "shop",
        "private_key_id": "1",
        "private_key": made.private_bytes(serialization.Encoding.PEM, form, plain).decode(),
        "client_email": "publisher@shop.iam.gserviceaccount.com",
        "client_id": "1",
        "token_uri": tokens.url,
    }
    path = tmp_path / "key.json"
    path.write_text(json.dumps(account))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(path))
    return path


def test_one_token_for_all(tokens: Tokens, key: Path) -> None:
    """Many publishers at once ask for one token, for Pub/Sub and nothing else; a refused one is replaced."""

    async def ask() -> list[str]:
        credentials = GoogleCredentials()
        together = await asyncio.gather(*(credentials.token() for _ in range(10)))
        credentials.forget()
        return [*together, await credentials.token()]

    assert asyncio.run(ask()) == ["token-1"] * 10 + ["token-2"]
    claims = jwt.decode(tokens.assertions[0], verify=False)  # type: ignore[no-untyped-call]
    assert claims["scope"] == SCOPE
    assert key.is_file()


def test_no_token(tokens: Tokens, key: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An identity that is refused, or none at all, is a reason to try again that says why."""
    tokens.status = 400
    with pytest.raises(Retry, match="invalid_grant"):
        asyncio.run(GoogleCredentials().token())
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(tmp_path / "no-such-key.json"))
    with pytest.raises(Retry, match=r"no-such-key\.json"):
        asyncio.run(GoogleCredentials().token())
    assert key.is_file()
