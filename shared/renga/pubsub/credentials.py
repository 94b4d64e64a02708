"""Access tokens of whatever identity the environment gives: workload identity, federation from another cloud, a key."""

import asyncio
from typing import TYPE_CHECKING, Any

from renga.fates import Retry

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

SCOPE = "https://www.googleapis.com/auth/pubsub"


class GoogleCredentials:
    """Google's application default credentials; found and refreshed on a thread, because google-auth blocks."""

    def __init__(self) -> None:
        self._credentials: Credentials | None = None
        self._refreshing = asyncio.Lock()

    async def token(self) -> str:
        """A token that is still good.

        Raises:
            Retry: none can be had now; the message says why.
        """
        async with self._refreshing:
            found = self._credentials
            if found is None or not found.valid:
                found = self._credentials = await asyncio.to_thread(self._renewed, found)
        return str(found.token)

    def forget(self) -> None:
        """Do not use the present token again: it was refused."""
        if self._credentials is not None:
            self._credentials.token = None

    def _renewed(self, found: "Credentials | None") -> "Credentials":
        # 100 ms of imports: only a function that publishes pays them, and not before it does.
        import google.auth
        from google.auth.exceptions import GoogleAuthError
        from google.auth.transport.requests import Request

        try:
            credentials: Any = found or google.auth.default(scopes=[SCOPE])[0]
            credentials.refresh(Request())
        except GoogleAuthError as error:
            raise Retry(f"Google gives no token for Pub/Sub: {error}") from error
        renewed: Credentials = credentials
        return renewed
