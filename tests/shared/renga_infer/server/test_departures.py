"""Clients that leave, and bodies that do not come."""

import asyncio
import gc
from collections.abc import Callable
from typing import Any

import pytest

from inference import ask, call
from renga_infer.registry.registry import Limits
from renga_infer.server.app import InferenceApp

INFER = "/v2/models/affine/infer"


def test_a_client_that_leaves_is_dropped(running: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Its request leaves the queue, and nothing is sent."""

    async def test(app: InferenceApp) -> None:
        batcher = app.registry.find("affine").batcher
        assert batcher is not None
        gate = asyncio.Event()
        entered = asyncio.Event()

        async def stuck(*_: Any) -> Any:
            entered.set()
            await gate.wait()

        monkeypatch.setattr(batcher, "compute", stuck)
        left = asyncio.Event()
        unread = [{"type": "http.request", "body": ask([[1, 2]])}]

        async def receive() -> Any:
            if unread:
                return unread.pop()
            await left.wait()
            return {"type": "http.disconnect"}

        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "POST", "path": INFER, "headers": []}
        answering = asyncio.ensure_future(app(scope, receive, send))
        await entered.wait()
        left.set()
        await asyncio.wait_for(answering, 60)
        assert sent == []

    running(test)


def test_requests_leave_nothing_to_collect(running: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """Those whose client was watched, and those that were refused, are gone with their last reference."""
    monkeypatch.setattr("renga_infer.server.app._WATCH_AFTER_S", 0)

    async def test(app: InferenceApp) -> None:
        async def some() -> None:
            for body in (ask([[1, 2]]), b"{"):
                await asyncio.gather(*(call(app, "POST", INFER, body) for _ in range(20)))

        await some()
        gc.collect()
        gc.disable()
        try:
            await some()
            assert gc.collect() == 0
        finally:
            gc.enable()

    running(test)


def test_a_body_that_does_not_come(running: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is waited for as long as a request may take, and no longer once the server stops."""

    async def ask_slowly(app: InferenceApp) -> "asyncio.Task[list[Any]]":
        sent: list[Any] = []
        begun = asyncio.Event()
        parts = [{"type": "http.request", "body": b"{", "more_body": True}]

        async def receive() -> Any:
            if parts:
                return parts.pop()
            begun.set()
            return await asyncio.get_running_loop().create_future()

        async def send(message: Any) -> None:
            sent.append(message)

        async def answered() -> list[Any]:
            await app({"type": "http", "method": "POST", "path": INFER, "headers": []}, receive, send)
            return sent

        asking = asyncio.ensure_future(answered())
        await begun.wait()
        return asking

    async def test(app: InferenceApp) -> None:
        monkeypatch.setattr(app.registry, "limits", Limits(timeout_s=0.05))
        start, body = await asyncio.wait_for(await ask_slowly(app), 60)
        assert (start["status"], b"not here within 0.05 s" in body["body"]) == (408, True)
        monkeypatch.setattr(app.registry, "limits", Limits(timeout_s=60))
        asking = await ask_slowly(app)
        app.stop()
        start, body = await asyncio.wait_for(asking, 60)
        assert (start["status"], b"The server stops" in body["body"]) == (503, True)

    running(test)
