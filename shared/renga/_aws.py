"""What opens the stores of AWS: a password that is looked up, and a token for Redis, both as the role of the pod.

Signatures are those of AWS' Signature Version 4, https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html.
"""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from renga._tokens import NoToken, ask

SECRET = "arn:aws:secretsmanager:"  # noqa: S105 - how the name of one begins
REDIS = ".cache.amazonaws.com"
_ALGORITHM = "AWS4-HMAC-SHA256"
_TOKEN_S = 900
"""ElastiCache takes a token for so long and no longer."""
_SAID = 300
"""So much of a refusal is repeated (characters)."""


class Credentials(NamedTuple):
    """Those of a role, for some hours."""

    key: str
    secret: str
    session: str


def password(arn: str) -> str:
    """The password in a secret that RDS keeps; it changes it every week, so that each connection asks.

    Raises:
        NoToken: the pod has no role, it may not read this secret, or AWS cannot be reached.
    """
    region = arn.split(":")[3]
    url = os.environ.get("AWS_ENDPOINT_URL_SECRETS_MANAGER", f"https://secretsmanager.{region}.amazonaws.com")
    body = json.dumps({"SecretId": arn})
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "host": urlsplit(url).netloc,
        "x-amz-target": "secretsmanager.GetSecretValue",
    }
    signed = with_signature(credentials(), datetime.now(UTC), region, "secretsmanager", headers=headers, body=body)
    try:
        status, said = ask("POST", f"{url}/", signed, body)
    except OSError as error:
        raise NoToken(f"no password from {arn}: {error}") from error
    try:
        return str(json.loads(json.loads(said)["SecretString"])["password"])
    except (ValueError, KeyError, TypeError):
        raise NoToken(f"no password from {arn}: {status} {said[:_SAID] if status != 200 else ''}") from None


def token(host: str, user: str) -> str | None:
    """What opens a Redis of ElastiCache's as a user; None where the pod has no role, or it is no server of AWS'.

    Raises:
        NoToken: the role's credentials are not to be had.
    """
    if not host.endswith(REDIS) or "AWS_CONTAINER_CREDENTIALS_FULL_URI" not in os.environ:
        return None
    # The server of a replication group is `master.GROUP....`, and a token is for the group.
    group = host.split(".")[1]
    return presigned(credentials(), datetime.now(UTC), os.environ.get("AWS_REGION", ""), group, user)


def credentials() -> Credentials:
    """Those of the role that EKS gives the pod.

    Raises:
        NoToken: it gives none.
    """
    url = os.environ.get("AWS_CONTAINER_CREDENTIALS_FULL_URI")
    if url is None:
        raise NoToken("no role of AWS: AWS_CONTAINER_CREDENTIALS_FULL_URI, which EKS Pod Identity sets, is not there")
    try:
        bearer = Path(os.environ.get("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "")).read_text().strip()
        status, said = ask("GET", url, {"authorization": bearer})
    except OSError as error:
        raise NoToken(f"no role of AWS from {url}: {error}") from error
    try:
        given = json.loads(said)
        return Credentials(str(given["AccessKeyId"]), str(given["SecretAccessKey"]), str(given["Token"]))
    except (ValueError, KeyError, TypeError):
        raise NoToken(f"no role of AWS from {url}: {status} {said[:_SAID] if status != 200 else ''}") from None


def with_signature(
    role: Credentials, now: datetime, region: str, service: str, *, headers: Mapping[str, str], body: str
) -> dict[str, str]:
    """The headers of a POST to `/`, with those that sign it. `headers` have lower-case names, and `host` among them."""
    moment = f"{now:%Y%m%dT%H%M%SZ}"
    signed = dict(sorted({**headers, "x-amz-date": moment, "x-amz-security-token": role.session}.items()))
    names = ";".join(signed)
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    request = f"POST\n/\n\n{lines}\n{names}\n{_sha256(body)}"
    scope = f"{now:%Y%m%d}/{region}/{service}/aws4_request"
    signature = _signature(role, scope, moment, request)
    credential = f"Credential={role.key}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {**signed, "authorization": f"{_ALGORITHM} {credential}"}


def presigned(role: Credentials, now: datetime, region: str, group: str, user: str) -> str:
    """A token of ElastiCache's: the URL of a request that is never made, signed and without its scheme."""
    moment, scope = f"{now:%Y%m%dT%H%M%SZ}", f"{now:%Y%m%d}/{region}/elasticache/aws4_request"
    asked = {
        "Action": "connect",
        "User": user,
        "X-Amz-Algorithm": _ALGORITHM,
        "X-Amz-Credential": f"{role.key}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(_TOKEN_S),
        "X-Amz-Security-Token": role.session,
        "X-Amz-SignedHeaders": "host",
    }
    query = urlencode(asked, quote_via=quote, safe="-_.~")
    request = f"GET\n/\n{query}\nhost:{group}\n\nhost\n{_sha256('')}"
    return f"{group}/?{query}&X-Amz-Signature={_signature(role, scope, moment, request)}"


def _signature(role: Credentials, scope: str, moment: str, request: str) -> str:
    key = f"AWS4{role.secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = f"{_ALGORITHM}\n{moment}\n{scope}\n{_sha256(request)}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
