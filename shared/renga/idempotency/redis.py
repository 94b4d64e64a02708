"""Idempotency across machines: one Redis hash per event, changed by scripts so that each step is atomic."""

import os
import socket
from typing import Any

from redis.asyncio import Redis
from redis.commands.core import AsyncScript
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError

from renga.idempotency import Claim, Claimed, Different, Done, InProgress

# A hash holds `attempt` and `payload`, while in progress `owner` and `until` (milliseconds), and when done `answer`.
_CLAIM = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local entry = redis.call('HMGET', KEYS[1], 'answer', 'owner', 'until', 'payload')
local taken = entry[1] or (entry[2] and tonumber(entry[3]) > now)
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
_REMEMBER_ATTEMPTS_MS = 24 * 3600 * 1000


class RedisStore:
    """Raises OSError from every method while Redis is away."""

    def __init__(self, url: str, function: str) -> None:
        self._redis: Redis = Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5)
        self._prefix = f"renga:{function}:"
        self._owner = f"{socket.gethostname()}:{os.getpid()}:{os.urandom(4).hex()}"
        self._claim = self._redis.register_script(_CLAIM)
        self._complete = self._redis.register_script(_COMPLETE)
        self._release = self._redis.register_script(_RELEASE)

    async def claim(self, key: str, lease_s: float, payload: bytes = b"") -> Claim:
        """Take an event."""
        arguments = [self._owner, int(lease_s * 1000), _REMEMBER_ATTEMPTS_MS, payload]
        state, *rest = await self._run(self._claim, key, arguments)
        match state:
            case b"done":
                return Done(rest[0])
            case b"busy":
                return InProgress()
            case b"different":
                return Different()
        return Claimed(int(rest[0]))

    async def complete(self, key: str, answer: bytes, keep_s: float) -> None:
        """Remember the answer."""
        await self._run(self._complete, key, [self._owner, answer, int(keep_s * 1000)])

    async def release(self, key: str) -> None:
        """Give the event back."""
        await self._run(self._release, key, [self._owner])

    async def close(self) -> None:
        """Close the connections."""
        await self._redis.aclose()

    async def _run(self, script: AsyncScript, key: str, arguments: list[Any]) -> Any:
        try:
            return await script(keys=[self._prefix + key], args=arguments)
        except RedisConnectionError as error:
            raise ConnectionError(f"Redis is away: {error}") from error
        except RedisError as error:
            raise OSError(f"Redis refused: {error}") from error
