"""Pushes that prove who they are: real tokens of a key pair made here, verified by a real function."""

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from google.auth import crypt, jwt

from hosts import PATIENCE_S, Hosted, Start

AUDIENCE = "https://schema-parse.example.org/"
EMAIL = "push@project.iam.gserviceaccount.com"
CALLER = "operator@example.org"
NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "issuer")])


class Issuer:
    """Signs tokens, and serves the certificates of its keys as Google does."""

    def __init__(self) -> None:
        self.keys: dict[str, rsa.RSAPrivateKey] = {}
        self.certificates: dict[str, str] = {}
        self.asked = 0
        self.status = 200
        self.rotate("first")

    def rotate(self, kid: str) -> None:
        """Use a new key from now on; the old ones are no longer vouched for."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        now = dt.datetime.now(dt.UTC)
        made = x509.CertificateBuilder().subject_name(NAME).issuer_name(NAME).public_key(key.public_key())
        made = made.serial_number(1).not_valid_before(now).not_valid_after(now + dt.timedelta(days=1))
        pem = made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        self.keys[kid] = key
        self.certificates = {kid: pem.decode()}

    def token(self, kid: str = "first", **claims: Any) -> str:
        """A token as a push subscription has it, with these claims in place of the right ones."""
        form = serialization.PrivateFormat.TraditionalOpenSSL
        plain = serialization.NoEncryption()
        pem = self.keys[kid].private_bytes(serialization.Encoding.PEM, form, plain)
        signer = crypt.RSASigner.from_string(pem, kid)  # type: ignore[no-untyped-call]
        now = int(time.time())
        right = {"iss": "https://accounts.google.com", "aud": AUDIENCE, "iat": now, "exp": now + 3600}
        right |= {"email": EMAIL, "email_verified": True, "sub": "1"}
        return str(jwt.encode(signer, right | claims).decode())  # type: ignore[no-untyped-call]


@pytest.fixture
def issuer() -> Iterator[tuple[Issuer, str]]:
    """An issuer and the URL of its certificates."""
    found = Issuer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked += 1
            body = json.dumps(found.certificates).encode()
            self.send_response(found.status)
            self.send_header("content-length", str(len(body)))
            self.send_header("cache-control", "public, max-age=3600")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield found, f"http://127.0.0.1:{server.server_port}/certs"
    server.shutdown()
    server.server_close()
    thread.join(PATIENCE_S)


@pytest.fixture
def guarded(start: Start, issuer: tuple[Issuer, str]) -> Hosted:
    """A function that takes only pushes of one service account."""
    return start(
        "outcomes",
        RENGA_PUSH_AUDIENCE=AUDIENCE,
        RENGA_PUSH_EMAIL=EMAIL,
        RENGA_CALLERS=f" {CALLER}, other@example.org",
        RENGA_PUSH_CERTIFICATES=issuer[1],
    )


def test_the_right_token(guarded: Hosted, issuer: tuple[Issuer, str]) -> None:
    """A push with its token is handled; the keys are fetched once."""
    for _ in range(3):
        assert guarded.deliver(header_authorization=f"Bearer {issuer[0].token()}").status == 204
    assert issuer[0].asked == 1


@pytest.mark.parametrize(
    ("claims", "status", "said"),
    [
        ({"aud": "https://elsewhere.example.org/"}, 401, "not valid"),
        ({"exp": int(time.time()) - 60, "iat": int(time.time()) - 4000}, 401, "not valid"),
        ({"iss": "https://accounts.example.org"}, 401, "not Google"),
        ({"email": "other@project.iam.gserviceaccount.com"}, 403, "other@"),
        ({"email_verified": False}, 403, EMAIL),
    ],
)
def test_wrong_claims(
    guarded: Hosted, issuer: tuple[Issuer, str], claims: dict[str, Any], status: int, said: str
) -> None:
    """Another audience, issuer or account, or a token that has run out, is refused with what is wrong."""
    answer = guarded.deliver(header_authorization=f"Bearer {issuer[0].token(**claims)}")
    assert answer.status == status
    assert said in json.loads(answer.body)["detail"]


def forged(issuer: Issuer) -> str:
    """Signed with a key that nobody vouches for, under a name that somebody does."""
    other = Issuer()
    other.certificates = issuer.certificates
    return other.token()


@pytest.mark.parametrize("make", [forged, lambda _: "not.a.token", lambda _: "", lambda issuer: issuer.token() + "x"])
def test_no_token(guarded: Hosted, issuer: tuple[Issuer, str], make: Callable[[Issuer], str]) -> None:
    """Without a token that Google signed, nothing wakes the handler: no event, no push, no plain call."""
    authorization = f"Bearer {make(issuer[0])}"
    assert guarded.deliver(header_authorization=authorization).status == 401
    assert guarded.call("POST", "/", b"{}", content_type="application/json").status == 401
    assert guarded.deliver().headers["www-authenticate"].startswith("Bearer")
    token = f"Bearer {issuer[0].token()}"
    assert json.loads(guarded.call("GET", "/counts/me", authorization=token).body) == {"me": 0}


def test_routes_ask_who_calls(guarded: Hosted, issuer: tuple[Issuer, str]) -> None:
    """Routes beside the handler answer those who were named, and nobody else; of those none can wake the handler."""
    asked = guarded.call("GET", "/counts/me")
    assert asked.status == 401
    assert "RENGA_CALLERS" in json.loads(asked.body)["detail"]
    caller = f"Bearer {issuer[0].token(email=CALLER)}"
    assert guarded.call("GET", "/counts/me", authorization=caller).status == 200
    stranger = f"Bearer {issuer[0].token(email='stranger@example.org')}"
    assert guarded.call("GET", "/counts/me", authorization=stranger).status == 403
    assert guarded.deliver(header_authorization=caller).status == 403


def test_health_needs_no_token(guarded: Hosted) -> None:
    """Kubernetes asks without one."""
    assert guarded.call("GET", "/health/ready").status == 200


def test_new_keys(guarded: Hosted, issuer: tuple[Issuer, str]) -> None:
    """A key that is not known is asked for once; whoever invents keys cannot make us ask again and again."""
    old = issuer[0].token()
    assert guarded.deliver(header_authorization=f"Bearer {old}").status == 204
    issuer[0].rotate("second")
    for _ in range(3):
        assert guarded.deliver(header_authorization=f"Bearer {issuer[0].token('second')}").status == 401
    assert issuer[0].asked == 1


def test_no_keys(guarded: Hosted, issuer: tuple[Issuer, str]) -> None:
    """While the keys cannot be fetched nobody is let in, and nobody is turned away for good."""
    issuer[0].status = 500
    assert guarded.deliver(header_authorization=f"Bearer {issuer[0].token()}").status == 503
    issuer[0].status = 200
    assert guarded.deliver(header_authorization=f"Bearer {issuer[0].token()}").status == 204


def test_half_a_setting(start: Start) -> None:
    """An account without an audience would verify nothing: the function does not start."""
    hosted = start("outcomes", wait=False, RENGA_PUSH_EMAIL=EMAIL)
    assert hosted.process.wait(PATIENCE_S) == 1
    assert "RENGA_PUSH_AUDIENCE" in hosted.log.read_text()
