"""Idempotency across machines: one Redis hash per event, changed by scripts so that each step is atomic."""

import asyncio
from typing import Any
from urllib.parse import unquote, urlsplit

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.commands.core import AsyncScript
from redis.credentials import CredentialProvider
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from renga import _aws, _entra
from renga._tokens import NoToken
from renga.idempotency import Claim, Claimed, Different, Done, InProgress
from renga.idempotency.leases import ALIVE_S, Leases

# A hash holds `attempt` and `payload`, while in progress `owner` and `until` (milliseconds), and when done `answer`.
# The owner is a token; the claimer's own is there already where its connection broke and it asks again, and the tokens
# after the fourth argument are of claims that its process gave up.
_CLAIM = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entry = redis.call('HMGET', KEYS[1], 'answer', 'owner', 'until', 'payload')
local held = entry[2] and entry[2] ~= ARGV[1] and tonumber(entry[3]) > now
for given_up = 5, #ARGV do held = held and entry[2] ~= ARGV[given_up] end
local taken = entry[1] or held
if taken and entry[4] ~= ARGV[4] then return {'different'} end
if entry[1] then return {'done', entry[1]} end
if taken then return {'busy'} end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'until', now + ARGV[2], 'payload', ARGV[4])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'mine', redis.call('HINCRBY', KEYS[1], 'attempt', 1)}
"""
# Only the owner may finish or give back: a process that outlived its lease must not undo its successor's work.
_COMPLETE = """
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'answer', ARGV[2])
redis.call('HDEL', KEYS[1], 'owner', 'until')
return redis.call('PEXPIRE', KEYS[1], ARGV[3])
"""
_RELEASE = """
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
return redis.call('HDEL', KEYS[1], 'owner', 'until')
"""
_RENEW = """
if redis.call('HGET', KEYS[1], 'owner') ~= ARGV[1] then return 0 end
local time = redis.call('TIME')
return redis.call('HSET', KEYS[1], 'until', time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2])
"""
_REMEMBER_ATTEMPTS_MS = 24 * 3600 * 1000
_WAIT_S = 5.0


class _Tokens(CredentialProvider):
    """What opens Redis where its URL has a user and no password: on Azure and AWS a token, for each connection one."""

    def __init__(self, host: str, user: str) -> None:
        self._host, self._user = host, user

    def get_credentials(self) -> tuple[str, str]:
        """The user, and the token of the moment; no password where nobody gives one."""
        try:
            return self._user, _entra.password(self._host) or _aws.token(self._host, self._user) or ""
        except NoToken as error:
            raise RedisConnectionError(str(error)) from error

    async def get_credentials_async(self) -> tuple[str, str]:
        """The same; meanwhile everything else goes on."""
        return await asyncio.to_thread(self.get_credentials)


def _opened(url: str) -> dict[str, Any]:
    """What connections are made of: the URL, and who authenticates them where it does not say it."""
    parts = urlsplit(url)
    if parts.password is not None or not parts.username:
        return {"url": url}
    tokens = _Tokens(parts.hostname or "", unquote(parts.username))
    return {"url": parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl(), "credential_provider": tokens}


class RedisStore:
    """Raises OSError from every method while Redis is away.

    Args:
        url: `redis://` or `rediss://`. A Redis of Azure's or AWS' whose URL has a user and no password is opened with
            tokens, of the identity that the pod has.
        function: whose events these are.
    """

    def __init__(self, url: str, function: str) -> None:
        # A kept connection may have been cut since, when its token ended too: each script does no more when it runs
        # once more.
        self._redis: Redis = Redis.from_url(**_opened(url), retry=Retry(NoBackoff(), 1))
        self._prefix = f"renga:{function}:"
        self._leases = Leases(self._renewed)
        self._claim = self._redis.register_script(_CLAIM)
        self._complete = self._redis.register_script(_COMPLETE)
        self._release = self._redis.register_script(_RELEASE)
        self._renew = self._redis.register_script(_RENEW)

    async def claim(self, key: str, lease_s: float, payload: bytes = b"") -> Claim:
        """Take an event."""
        token = self._leases.token()
        arguments = [
            token,
            int(min(lease_s, ALIVE_S) * 1000),
            _REMEMBER_ATTEMPTS_MS,
            payload,
            *self._leases.doubtful(key),
        ]
        try:
            state, *rest = await self._run(self._claim, key, arguments)
        except OSError:
            self._leases.doubt(key, token)
            raise
        match state:
            case b"done":
                self._leases.settle(key)
                return Done(rest[0])
            case b"busy":
                return InProgress()
            case b"different":
                return Different()
        self._leases.hold(key, token, lease_s)
        return Claimed(int(rest[0]))

    async def complete(self, key: str, answer: bytes, keep_s: float) -> None:
        """Remember the answer."""
        await self._finish(self._complete, key, [answer, int(keep_s * 1000)])

    async def release(self, key: str) -> None:
        """Give the event back."""
        await self._finish(self._release, key, [])

    async def close(self) -> None:
        """Close the connections."""
        self._leases.close()
        await self._redis.aclose()

    async def _renewed(self, key: str, token: str, lease_s: float) -> None:
        await self._run(self._renew, key, [token, int(lease_s * 1000)])

    async def _finish(self, script: AsyncScript, key: str, arguments: list[Any]) -> None:
        token = self._leases.let_go(key)
        try:
            await self._run(script, key, [token, *arguments])
        except OSError:
            self._leases.doubt(key, token)
            raise

    async def _run(self, script: AsyncScript, key: str, arguments: list[Any]) -> Any:
        try:
            async with asyncio.timeout(_WAIT_S):
                return await script(keys=[self._prefix + key], args=arguments)
        except TimeoutError as error:
            raise ConnectionError(f"Redis is away: no answer within {_WAIT_S:g} s") from error
        except RedisConnectionError as error:
            raise ConnectionError(f"Redis is away: {error}") from error
        except RedisError as error:
            raise OSError(f"Redis refused: {error}") from error
