"""The password of a PostgreSQL of Azure's: a token of Entra's, for the one that workload identity gives a pod."""

import json
import os
from pathlib import Path

from psycopg import OperationalError

SERVERS = ".postgres.database.azure.com"
AUTHORITY = "https://login.microsoftonline.com/"
_SCOPE = "https://ossrdbms-aad.database.windows.net/.default"
_TIMEOUT_S = 5.0
_SAID = 300
"""So much of a refusal is repeated (characters)."""


def password(host: str) -> str | None:
    """A token that opens a server for an hour at least; None where there is no identity of Azure's, or no server of it.

    A connection asks for one of its own: there are few, and a token that is kept is one that can be too old.

    Raises:
        psycopg.OperationalError: Entra cannot be reached, or gives none.
    """
    file = os.environ.get("AZURE_FEDERATED_TOKEN_FILE")
    if not file or not host.endswith(SERVERS):
        return None
    # 15 ms of imports, paid where there is such an identity.
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from urllib.parse import urlencode, urlsplit

    client, tenant = os.environ.get("AZURE_CLIENT_ID", ""), os.environ.get("AZURE_TENANT_ID", "")
    url = urlsplit(os.environ.get("AZURE_AUTHORITY_HOST", AUTHORITY))
    connection = (HTTPSConnection if url.scheme == "https" else HTTPConnection)(url.netloc, timeout=_TIMEOUT_S)
    try:
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": Path(file).read_text().strip(),
            "scope": _SCOPE,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        connection.request("POST", f"/{tenant}/oauth2/v2.0/token", urlencode(form), headers)
        answer = connection.getresponse()
        said = answer.read().decode(errors="replace")
    except (OSError, HTTPException) as error:
        raise OperationalError(f"no token of Entra's for {client!r}: {error}") from error
    finally:
        connection.close()
    try:
        return str(json.loads(said)["access_token"])
    except (ValueError, KeyError, TypeError):
        raise OperationalError(f"no token of Entra's for {client!r}: {answer.status} {said[:_SAID]}") from None
