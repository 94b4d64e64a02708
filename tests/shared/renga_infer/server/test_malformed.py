"""Bodies that are wrong in every way, in great number."""

import asyncio
import gc
import json
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import inference
from inference import Reply, call
from renga_infer.registry.registry import Registry
from renga_infer.registry.stores import Folder
from renga_infer.server.app import InferenceApp

BODIES = 5000
"""Of each of two kinds: wrong in a way that is known, and with bytes turned at random."""
ROUNDS = 4
INFER = "/v2/models/affine/infer"
ODD: list[Any] = [None, True, -1, 0.5, 10**40, -(10**400), "", "x" * 300, "\u0000", [], {}, [[]], {"a": {}}]
Fields = dict[str, Any]


def tensor(chance: random.Random) -> Fields:
    """A right input."""
    rows = chance.randint(1, 5)
    data = [[chance.uniform(-9, 9) for _ in range(2)] for _ in range(rows)]
    return {"name": "x", "datatype": "FP64", "shape": [rows, 2], "data": data}


def shape(chance: random.Random, body: Fields) -> None:
    """A shape that the data has not."""
    wrong = [[0, 2], [2], [2, 2, 1], [10**9, 10**9], [-1, 2], [6, 2], [1.5, 2], ["1", 2], [True, 2], [2**64, 2], []]
    body["inputs"][0]["shape"] = chance.choice([*wrong, *(odd for odd in ODD if odd != [])])


def datatype(chance: random.Random, body: Fields) -> None:
    """Another datatype than that of the model."""
    body["inputs"][0]["datatype"] = chance.choice(["FP16", "FP32", "INT8", "BOOL", "BYTES", "BF16", "fp64", *ODD])


def element(chance: random.Random, body: Fields) -> None:
    """An element that is no number."""
    row = chance.choice(body["inputs"][0]["data"])
    row[chance.randrange(2)] = chance.choice([None, True, "1", [], {}, [1], 10**400, float("nan"), float("-inf")])


def ragged(chance: random.Random, body: Fields) -> None:
    """Rows of unequal length."""
    row = chance.choice(body["inputs"][0]["data"])
    row.append(1) if chance.random() < 0.5 else row.pop()


def missing(chance: random.Random, body: Fields) -> None:
    """A field less."""
    where = chance.choice([body, body["inputs"][0]])
    del where[chance.choice(list(where))]


def odd(chance: random.Random, body: Fields) -> None:
    """Something else in the place of a field."""
    where, name = chance.choice([(body, "inputs"), *((body["inputs"][0], one) for one in ("name", "data", "shape"))])
    where[name] = chance.choice(ODD)


def outputs(chance: random.Random, body: Fields) -> None:
    """Outputs that are none."""
    body["outputs"] = chance.choice([[{"name": "z"}], [{"name": "y"}] * 2, [{}], [7], {"name": "y"}, "y", 7])


def parameters(chance: random.Random, body: Fields) -> None:
    """Parameters that are none."""
    where, lie = chance.choice([(body, {"timeout": -1}), (body["inputs"][0], {"binary_data_size": -1})])
    where["parameters"] = chance.choice([[], "a", 7, {"a": []}, {"a": {}}, {"a": None}, lie])


def size(chance: random.Random, body: Fields) -> None:
    """A binary size with nothing behind it."""
    entry = body["inputs"][0]
    del entry["data"]
    entry["parameters"] = {"binary_data_size": chance.choice([1, 8, 16, 2**31, 2**63, 10**30, 1.5, "16", True])}


def many(chance: random.Random, body: Fields) -> None:
    """Too many rows, or an input too many."""
    if chance.random() < 0.5:
        body["inputs"].append(tensor(chance) | {"name": chance.choice(["x", "z"])})
    else:
        body["inputs"][0] |= {"shape": [65, 2], "data": [0.0] * 130}


WRONGS: list[Callable[[random.Random, Fields], None]] = [
    shape,
    datatype,
    element,
    ragged,
    missing,
    odd,
    outputs,
    parameters,
    size,
    many,
]  # fmt: skip


def refused(reply: Reply, sent: bytes) -> None:
    """A wrong body is the sender's fault, and the sender reads why."""
    assert 400 <= reply.status < 500, (reply, sent)
    assert len(reply.json["error"]) > 10, (reply, sent)
    assert len(reply.body) < 2000, (reply, sent)


def wrong(chance: random.Random, number: int) -> bytes:
    """A body that is wrong in the way of its number."""
    body = {"inputs": [tensor(chance)]}
    WRONGS[number % len(WRONGS)](chance, body)
    return json.dumps(body).encode()


def turned(chance: random.Random) -> bytes:
    """A body with bytes turned, cut or doubled; some are right all the same."""
    body = bytearray(json.dumps({"inputs": [tensor(chance)]}).encode())
    at = chance.randrange(len(body))
    match chance.randrange(3):
        case 0:
            body[at] = chance.randrange(256)
        case 1:
            del body[at : at + chance.randint(1, 20)]
        case _:
            body[at:at] = body[at : at + chance.randint(1, 20)]
    return bytes(body)


def test_thousands_of_wrong_bodies_are_refused_each_with_its_reason(tmp_path: Path) -> None:
    """The answer is a 4xx that says why; nothing of them stays in memory, and right ones are answered."""
    inference.publish(tmp_path, "1", 1.0)

    async def run() -> None:
        registry = Registry(Folder(tmp_path))
        await registry.start()
        app = InferenceApp(registry, max_request_bytes=1_000_000)
        chance = random.Random(1)  # noqa: S311 - cases, not secrets
        blocks = []
        for _ in range(ROUNDS):
            for number in range(BODIES // ROUNDS):
                sent = wrong(chance, number)
                refused(await call(app, "POST", INFER, sent), sent)
                sent = turned(chance)
                reply = await call(app, "POST", INFER, sent)
                if reply.status != 200:
                    refused(reply, sent)
            gc.collect()
            blocks.append(sys.getallocatedblocks())
        assert blocks[-1] < blocks[0] + 1000, blocks
        assert (await call(app, "POST", INFER, inference.ask([[3, 4]]))).json["outputs"][0]["data"] == [7]
        await registry.close()

    asyncio.run(run())


def test_binary_bodies_that_lie_are_refused(tmp_path: Path) -> None:
    """Header lengths, sizes and shapes that do not agree with the bytes are refused, whichever of them lies."""
    inference.publish(tmp_path, "1", 1.0)

    async def run() -> None:
        registry = Registry(Folder(tmp_path))
        await registry.start()
        app = InferenceApp(registry, max_request_bytes=1_000_000)
        chance = random.Random(2)  # noqa: S311 - cases, not secrets
        for _ in range(BODIES // 3):
            rows = chance.randint(1, 9)
            right = {"rows": rows, "size": rows * 16, "sent": rows * 16, "header": 0}
            lie = chance.choice(list(right))
            right[lie] += chance.choice([-rows, -1, 1, 16, 10**6, 2**31, 2**63])
            entry = {
                "name": "x",
                "datatype": "FP64",
                "shape": [right["rows"], 2],
                "parameters": {"binary_data_size": right["size"]},
            }
            head = json.dumps({"inputs": [entry]}).encode()
            sent = head + bytes(min(max(0, right["sent"]), 4096))
            length = str(len(head) + right["header"])
            refused(await call(app, "POST", INFER, sent, inference_header_content_length=length), sent)
        await registry.close()

    asyncio.run(run())
