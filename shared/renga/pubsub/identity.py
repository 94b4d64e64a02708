"""Who pushes, and who else calls: an OIDC token of Google's, checked before anything in the request is believed.

Knative lets every request through to a function that is reachable from outside, so the function checks it itself.
"""

import asyncio
import time
from collections.abc import Collection, Mapping
from typing import Any

from renga.exchange import HttpResponse, problem

CERTIFICATES = "https://www.googleapis.com/oauth2/v1/certs"
ISSUERS = ("https://accounts.google.com", "accounts.google.com")
_SKEW_S = 10
_WHO_CALLS = "Who calls this proves it by an OIDC token of Google's for this function's audience: see RENGA_CALLERS."
_KEEP_S = 3600.0
"""How long keys are kept where their answer does not say."""
_ASK_AGAIN_S = 30.0
"""Between two requests for keys, whatever tokens claim to be signed with."""


class KeysAway(Exception):  # noqa: N818 - says what is the case
    """Google's public keys cannot be fetched now."""


class PushIdentity:
    """Lets through what the push service account signed for us, and to the routes beside the handler who may call them.

    Args:
        audience: what the subscription was made to ask for; the push URL by default.
        email: of the subscription's service account; empty for any that Google vouches for.
        callers: e-mails of who else may call the routes.
        certificates: where the public keys are: PEM certificates by key id, as JSON.
    """

    def __init__(
        self, audience: str, email: str = "", callers: Collection[str] = (), *, certificates: str = CERTIFICATES
    ) -> None:
        self._audience = audience
        self._email = email
        self._callers = frozenset(callers)
        self._url = certificates
        self._keys: dict[str, str] = {}
        self._good_until = 0.0
        self._asked = -_ASK_AGAIN_S
        self._fetching = asyncio.Lock()

    async def refusal(self, headers: Mapping[str, str], *, wakes: bool) -> HttpResponse | None:
        """What to answer a request that does not prove who sent it; None for one that does.

        Args:
            headers: of the request, with names in lower case.
            wakes: whether it is for the handler, which takes pushes alone, or for a route beside it.
        """
        scheme, _, token = headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            wanted = "An event comes with the OIDC token of its push subscription." if wakes else _WHO_CALLS
            return problem(401, wanted, _challenge())
        try:
            claims = await self._verified(token.strip())
        except KeysAway as error:
            return problem(503, str(error), ("retry-after", "5"))
        except ValueError as error:
            return problem(401, f"The token is not valid: {str(error)[:200]}", _challenge("invalid_token"))
        if claims.get("iss") not in ISSUERS:
            return problem(401, "The token is not Google's.", _challenge("invalid_token"))
        known = {self._email} if wakes else {self._email, *self._callers}
        if self._email and (claims.get("email") not in known or claims.get("email_verified") is not True):
            return problem(403, f"The token is {str(claims.get('email'))[:100]!r}'s, whom this does not take.")
        return None

    async def _verified(self, token: str) -> dict[str, Any]:
        """The claims of a token whose signature, expiry and audience are right.

        Raises:
            ValueError: they are not.
            KeysAway: nobody can say.
        """
        # 70 ms of imports, paid with the first push and only where pushes are verified.
        from google.auth import jwt

        key = jwt.decode_header(token).get("kid")  # type: ignore[no-untyped-call]  # google-auth is typed in part
        if time.monotonic() > self._good_until or key not in self._keys:
            await self._fetch(key)
        if key not in self._keys:
            raise ValueError(f"nobody we trust has the key {str(key)[:60]!r}.")
        claims: dict[str, Any] = jwt.decode(  # type: ignore[no-untyped-call]
            token, certs=self._keys, audience=self._audience, clock_skew_in_seconds=_SKEW_S
        )
        return claims

    async def _fetch(self, wanted: str | None) -> None:
        """Fetch the keys, unless somebody just did."""
        async with self._fetching:
            now = time.monotonic()
            fresh = now <= self._good_until
            if fresh and (wanted in self._keys or now < self._asked + _ASK_AGAIN_S):
                return
            from renga.http.client import Client

            client = Client()
            self._asked = now
            try:
                response = await client.request("GET", self._url, timeout_s=10)
            except (ConnectionError, TimeoutError) as error:
                if fresh:
                    return
                raise KeysAway(f"Google's public keys cannot be fetched: {error or 'no answer'}") from error
            finally:
                client.close()
            if response.status != 200:
                raise KeysAway(f"Google's public keys cannot be fetched: {self._url} answered {response.status}.")
            self._keys = _keys(response.body)
            self._good_until = now + _max_age(response.header("cache-control") or "")


def _keys(body: bytes) -> dict[str, str]:
    from pydantic import TypeAdapter, ValidationError

    try:
        return TypeAdapter(dict[str, str]).validate_json(body)
    except ValidationError:
        raise KeysAway("Google's public keys cannot be read: they are no JSON object of certificates.") from None


def _max_age(cache_control: str) -> float:
    for part in cache_control.split(","):
        name, _, value = part.strip().partition("=")
        if name.lower() == "max-age" and value.isdigit():
            return float(value)
    return _KEEP_S


def _challenge(error: str = "") -> tuple[str, str]:
    return "www-authenticate", f'Bearer error="{error}"' if error else "Bearer"
