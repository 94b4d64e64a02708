"""What opens the stores of AWS, from servers of this machine that say what AWS' would."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import OperationalError as Wrapped

from contract.receiver import Answer, Receiver, receiving
from renga._aws import Credentials, password, presigned, token, with_signature
from renga._tokens import NoToken
from renga.database import engine, is_away

ARN = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:rds!db-0a1b2c3d-x1Y2z3"
REDIS = "master.renga-dev.0a1b2c.euc1.cache.amazonaws.com"
AGENT = "v1/credentials"
SECRETS = ""
ROLE = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "session/to+ken==")
GIVEN = Answer(body=json.dumps({"AccessKeyId": ROLE.key, "SecretAccessKey": ROLE.secret, "Token": ROLE.session}))
KEPT = Answer(body=json.dumps({"SecretString": json.dumps({"username": "renga", "password": "of this week"})}))
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Receiver]:
    """An agent and a Secrets Manager, and what EKS Pod Identity puts into a pod."""
    (tmp_path / "token").write_text("of the pod\n")
    with receiving() as receiver:
        monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{receiver.url}/{AGENT}")
        monkeypatch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(tmp_path / "token"))
        monkeypatch.setenv("AWS_REGION", "eu-central-1")
        monkeypatch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", receiver.url)
        receiver.script(AGENT, (GIVEN,))
        receiver.script(SECRETS, (KEPT,))
        yield receiver


def test_a_request_is_signed_as_aws_own_library_does() -> None:
    """The signature is the one that botocore 1.44.5 made of the same request."""
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": "secretsmanager.eu-central-1.amazonaws.com",
        "x-amz-target": "secretsmanager.GetSecretValue",
    }
    signed = with_signature(ROLE, NOW, "eu-central-1", "secretsmanager", headers=headers, body='{"SecretId": "arn"}')
    assert signed["x-amz-date"] == "20260102T030405Z"
    assert signed["authorization"] == (
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-central-1/secretsmanager/aws4_request, "
        "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target, "
        "Signature=e9ca353e35342e3ae1d053f55f0abeaa22ff0db1af8d94ed29f8097c6599918b"
    )


def test_a_token_is_signed_as_aws_own_library_does() -> None:
    """So is that of the URL which is Redis' password; it has the session, and no scheme."""
    signed = presigned(ROLE, NOW, "eu-central-1", "renga-dev", "renga-dev-functions")
    assert signed.startswith("renga-dev/?Action=connect&User=renga-dev-functions&X-Amz-Algorithm=AWS4-HMAC-SHA256")
    assert "X-Amz-Expires=900&X-Amz-Security-Token=session%2Fto%2Bken%3D%3D&X-Amz-SignedHeaders=host" in signed
    assert signed.endswith("&X-Amz-Signature=c11e45a54db012870ad3c8c2c5d377f0fb7bd37d0c41e8109dc7a6b0effb71c9")


def test_a_password_is_looked_up(aws: Receiver) -> None:
    """The pod's token is shown to the agent, and Secrets Manager is asked for this secret as the role."""
    assert password(ARN) == "of this week"
    (agent,) = aws.heard(AGENT)
    assert (agent.method, agent.headers["authorization"]) == ("GET", "of the pod")
    (asked,) = aws.heard(SECRETS)
    assert json.loads(asked.body) == {"SecretId": ARN}
    assert asked.headers["x-amz-target"] == "secretsmanager.GetSecretValue"
    assert asked.headers["x-amz-security-token"] == ROLE.session
    assert "/eu-central-1/secretsmanager/aws4_request" in asked.headers["authorization"]


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        (AGENT, Answer(status=403, body="not this pod"), "no role of AWS from .*: 403 not this pod"),
        (AGENT, Answer(body="<html>"), "no role of AWS from .*: 200"),
        (AGENT, Answer(cut=True), "no role of AWS from .*: Remote end closed"),
        (SECRETS, Answer(status=400, body='{"__type": "AccessDeniedException"}'), f"{ARN}: 400 .*AccessDenied"),
        (SECRETS, Answer(body='{"SecretString": "no JSON"}'), f"{ARN}: 200 $"),
        (SECRETS, Answer(cut=True), f"{ARN}: Remote end closed"),
    ],
    ids=["no role", "no JSON", "agent cut", "refused", "another secret", "cut"],
)
def test_nothing_is_given(aws: Receiver, path: str, answer: Answer, said: str) -> None:
    """Who refused, and what was said, is in the error; what may be a secret is not."""
    aws.script(path, (answer,))
    with pytest.raises(NoToken, match=said):
        password(ARN)


def test_there_is_no_role(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside of EKS it says what is missing."""
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", raising=False)
    with pytest.raises(NoToken, match="AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        password(ARN)


def test_tokens_are_for_redis_of_aws(aws: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """A group of ElastiCache's gets one for its user; a server of anybody else, or a place without a role, none."""
    given = token(REDIS, "renga-dev-functions")
    assert given is not None
    assert given.startswith("renga-dev/?Action=connect&User=renga-dev-functions&")
    assert len(aws.heard(AGENT)) == 1
    assert token("redis.example.org", "user") is None
    assert token(f"{REDIS}.example.org", "user") is None
    monkeypatch.delenv("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    assert token(REDIS, "user") is None
    assert len(aws.heard(AGENT)) == 1


@pytest.mark.connected
def test_connections_look_theirs_up(aws: Receiver, postgres_database: str) -> None:
    """A connection whose password is a secret's name asks before it opens; a refusal may pass."""
    aws.script(SECRETS, (KEPT, Answer(status=400, body="throttled")))
    made = engine(str(make_url(postgres_database).set(password="ARN")).replace("***", quote(ARN, safe="")), "SETTING")
    with made.connect() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    made.dispose()
    with pytest.raises(Wrapped, match="throttled") as raised:
        made.connect()
    assert is_away(raised.value)
    assert len(aws.heard(SECRETS)) == 2
