"""Clients that never stop asking, while versions are loaded, switched, split, shadowed and unloaded under them."""

import asyncio
import json
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import inference
from hosts import PATIENCE_S
from inference_server import InferenceServer
from renga_infer.client import InferenceClient
from renga_infer.errors import InferenceError


@dataclass
class Traffic:
    """What happened."""

    answers: Counter[str] = field(default_factory=Counter)
    """By the version that computed them."""
    failures: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    """Answers that are not what their version computes."""
    changes: int = 0
    latencies_s: list[float] = field(default_factory=list)
    _arrived: dict[str, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))

    def arrive(self, version: str) -> None:
        """Count an answer."""
        self.answers[version] += 1
        self._arrived[version].set()

    async def arrival(self, version: str) -> None:
        """Wait for the first answer of a version."""
        await self._arrived[version].wait()


async def traffic(server: InferenceServer, *, clients: int, seconds: float, changes: int) -> Traffic:
    """Ask `affine`, whose version N answers `N * sum(x)`, and change what answers, evenly over the time."""
    seen = Traffic()
    over = asyncio.Event()
    async with InferenceClient(server.url, attempts=1, timeout_s=PATIENCE_S) as client:
        asking = [asyncio.ensure_future(_ask(client, number, over, seen)) for number in range(clients)]
        try:
            await _change(server, changes, seconds, seen)
        finally:
            over.set()
        await asyncio.gather(*asking)
    return seen


async def _ask(client: InferenceClient, number: int, over: asyncio.Event, seen: Traffic) -> None:
    rows = np.array([[float(number), 1.0], [2.0, 3.0]])
    while not over.is_set():
        begun = time.monotonic()
        try:
            response = await client.infer("affine", {"x": rows}, parameters={"tenant": str(number)})
        except InferenceError as error:
            seen.failures.append(f"{type(error).__name__}: {error}")
            return
        seen.latencies_s.append(time.monotonic() - begun)
        seen.arrive(response.model_version)
        expected = rows.sum(axis=1) * float(response.model_version)
        if not np.allclose(response.outputs[0].data, expected, rtol=1e-12):
            seen.wrong.append(f"version {response.model_version}: {response.outputs[0].data} for {expected}")


async def _change(server: InferenceServer, changes: int, seconds: float, seen: Traffic) -> None:
    async with asyncio.timeout(PATIENCE_S):
        await seen.arrival("1")
    begun = time.monotonic()
    for change in range(changes):
        await asyncio.sleep(begun + seconds / (changes + 1) * (change + 1) - time.monotonic())
        newest = change + 2
        await asyncio.to_thread(inference.publish, server.models, str(newest), float(newest))
        match change % 3:
            case 0:
                await _repository(server, "load")
            case 1:
                await _repository(server, "load", {"parameters": {"version": str(newest)}})
                split = {str(newest - 1): 3, str(newest): 1}
                await _repository(server, "routing", {"default": str(newest), "split": split}, "PUT")
            case _:
                await _repository(server, "load", {"parameters": {"version": str(newest)}})
                shadowed = {"default": str(newest), "shadow": str(newest - 1)}
                await _repository(server, "routing", shadowed, "PUT")
        if newest > 3:
            await _repository(server, "unload", {"parameters": {"version": str(newest - 3)}})
        if seen.failures:
            return
        async with asyncio.timeout(PATIENCE_S):
            await seen.arrival(str(newest))
        seen.changes += 1
    await asyncio.sleep(begun + seconds - time.monotonic())


async def _repository(server: InferenceServer, what: str, body: Any = None, method: str = "POST") -> None:
    content = b"" if body is None else json.dumps(body).encode()
    answer = await asyncio.to_thread(server.call, method, f"/v2/repository/models/affine/{what}", content)
    assert answer.status == 200, (what, answer)
