"""The password of a store of Azure's: a token of Entra's, for the one that workload identity gives a pod."""

import json
import os
from pathlib import Path

from renga._tokens import NoToken, ask

SCOPES = {
    ".postgres.database.azure.com": "https://ossrdbms-aad.database.windows.net/.default",
    ".redis.azure.net": "https://redis.azure.com/.default",
}
"""What a token has to be for, by how the name of a server ends."""
AUTHORITY = "https://login.microsoftonline.com/"
_SAID = 300
"""So much of a refusal is repeated (characters)."""


def password(host: str) -> str | None:
    """A token that opens a server for an hour at least; None where there is no identity of Azure's, or no server of it.

    A connection asks for one of its own: there are few, and a token that is kept is one that can be too old.

    Raises:
        NoToken: Entra cannot be reached, or gives none.
    """
    file = os.environ.get("AZURE_FEDERATED_TOKEN_FILE")
    scope = next((scope for ending, scope in SCOPES.items() if host.endswith(ending)), None)
    if not file or scope is None:
        return None
    from urllib.parse import urlencode

    client, tenant = os.environ.get("AZURE_CLIENT_ID", ""), os.environ.get("AZURE_TENANT_ID", "")
    authority = os.environ.get("AZURE_AUTHORITY_HOST", AUTHORITY).rstrip("/")
    headers = {"content-type": "application/x-www-form-urlencoded"}
    try:
        form = {
            "grant_type": "client_credentials",
            "client_id": client,
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
            "client_assertion": Path(file).read_text().strip(),
            "scope": scope,
        }
        status, said = ask("POST", f"{authority}/{tenant}/oauth2/v2.0/token", headers, urlencode(form))
    except OSError as error:
        raise NoToken(f"no token of Entra's for {client!r}: {error}") from error
    try:
        return str(json.loads(said)["access_token"])
    except (ValueError, KeyError, TypeError):
        raise NoToken(f"no token of Entra's for {client!r}: {status} {said[:_SAID]}") from None
