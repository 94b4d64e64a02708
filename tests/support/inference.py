"""Small models with known answers, as folders that a registry loads."""

import asyncio
import json
from collections.abc import Callable, Coroutine, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from safetensors.numpy import save

from renga_infer.card import Card
from renga_infer.protocol.requests import Request, read_request
from renga_infer.registry.package import write_version
from renga_infer.registry.registry import Limits, Registry
from renga_infer.registry.stores import Folder

Arrays = Mapping[str, np.ndarray[Any, Any]]


def described(**fields: Any) -> dict[str, Any]:
    """A card as JSON data, but for the hash of its weights."""
    card: dict[str, Any] = {
        "name": "affine",
        "version": "1",
        "runtime": "linear",
        "description": "For tests.",
        "licence": "none",
        "inputs": [{"name": "x", "datatype": "FP64", "shape": [-1, 2]}],
        "outputs": [{"name": "y", "datatype": "FP64", "shape": [-1]}],
    }
    return card | fields


def card_of(weights: Arrays, **fields: Any) -> tuple[dict[str, Any], bytes]:
    """A whole card as JSON data, with the bytes of `model.safetensors` that it tells of."""
    content = save(dict(weights))
    return described(**({"weights_sha256": sha256(content).hexdigest()} | fields)), content


def affine(factor: float, *, features: int = 2) -> Arrays:
    """Weights of a model that answers `factor * sum(x)`."""
    return {"weight": np.full((features, 1), factor), "bias": np.zeros(1)}


def write_weights(folder: Path, content: bytes) -> Path:
    """`model.safetensors` in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.safetensors"
    path.write_bytes(content)
    return path


def grown(seed: int, *, features: int = 5, trees: int = 7, depth: int = 4, scores: int = 1) -> dict[str, Any]:
    """Weights of random trees in the form of the runtime `gbdt`; some are a single leaf, thresholds are round."""
    random = np.random.default_rng(seed)
    nodes: list[list[Any]] = []
    leaves: list[float] = []

    def grow(level: int) -> int:
        if level == depth or random.random() < 0.15:
            leaves.append(float(random.normal()))
            return -len(leaves)
        index = len(nodes)
        nodes.append([int(random.integers(features)), round(float(random.normal()), 1), bool(random.integers(2)), 0, 0])
        nodes[index][3] = grow(level + 1)
        nodes[index][4] = grow(level + 1)
        return index

    roots = [grow(0) for _ in range(trees)]
    columns: Sequence[Sequence[Any]] = list(zip(*nodes, strict=True))
    return {
        "feature": np.array(columns[0], "int32"),
        "threshold": np.array(columns[1], "float64"),
        "default_left": np.array(columns[2], "bool"),
        "left": np.array(columns[3], "int32"),
        "right": np.array(columns[4], "int32"),
        "value": np.array(leaves, "float64"),
        "root": np.array(roots, "int32"),
        "output": np.arange(trees, dtype="int32") % scores,
        "base": random.normal(size=scores),
        "node_value": random.normal(size=len(nodes)),
    }


def publish(models: Path, version: str, factor: float, *, name: str = "affine", **fields: Any) -> Card:
    """A version that answers `factor * sum(x)`, with its card and golden set, in a folder of models."""
    card = described(name=name, version=version, **fields)
    return write_version(models, card, affine(factor), [{"x": np.array([[1.0, 2.0], [3.0, 4.0]])}])


def ask(rows: Sequence[Sequence[float]], **fields: Any) -> bytes:
    """The body of a request to such a version."""
    x = {"name": "x", "datatype": "FP64", "shape": [len(rows), len(rows[0])], "data": [list(row) for row in rows]}
    return json.dumps({"inputs": [x], **fields}).encode()


def as_request(rows: Sequence[Sequence[float]], **fields: Any) -> Request:
    """The same as data."""
    return read_request(ask(rows, **fields))


async def answer(registry: Registry, version: str | None = None, name: str = "affine", **fields: Any) -> Any:
    """Which version answers `[[3, 4]]`, and what."""
    response = await registry.infer(name, version, as_request([[3.0, 4.0]], **fields))
    return response.model_version, response.outputs[0].data.tolist()


def with_registry(
    models: Path, test: Callable[[Registry], Coroutine[Any, Any, None]], limits: Limits | None = None
) -> None:
    """Run a test with a registry of a folder that was started."""

    async def run() -> None:
        registry = Registry(Folder(models), limits)
        await registry.start()
        await test(registry)
        await asyncio.wait_for(registry.close(), 60)

    asyncio.run(run())


class Reply(NamedTuple):
    """What an application answered; header names in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


async def call(app: Any, method: str, path: str, body: bytes = b"", **headers: str) -> Reply:
    """One request to an ASGI application, in this process; underscores in header names stand for hyphens."""
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
    }
    sent: list[Any] = []
    unread = [{"type": "http.request", "body": body}]

    async def receive() -> Any:
        if unread:
            return unread.pop()
        return await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start, *rest = sent
    names = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], names, b"".join(message.get("body", b"") for message in rest))
