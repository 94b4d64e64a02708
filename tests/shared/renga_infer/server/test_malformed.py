"""Bodies that are wrong in every way, in great number."""

import asyncio
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import inference
from inference import Reply, call
from renga_infer.registry.registry import Registry
from renga_infer.registry.stores import Folder
from renga_infer.server.app import InferenceApp

BODIES = 5000
"""Of each of the two kinds; `tests/benchmarks/infer_traffic.py` sends more, for longer."""
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


def test_thousands_of_wrong_bodies_are_refused_each_with_its_reason(tmp_path: Path) -> None:
    """Whatever is wrong, the answer is a 4xx that says so, and right ones in between are answered."""
    inference.publish(tmp_path, "1", 1.0)

    async def run() -> None:
        registry = Registry(Folder(tmp_path))
        await registry.start()
        app = InferenceApp(registry, max_request_bytes=1_000_000)
        chance = random.Random(1)  # noqa: S311 - cases, not secrets
        for number in range(BODIES):
            body = {"inputs": [tensor(chance)]}
            wrong = WRONGS[number % len(WRONGS)]
            wrong(chance, body)
            sent = json.dumps(body).encode()
            refused(await call(app, "POST", INFER, sent), sent)
        for _ in range(BODIES):
            # Bytes turned, cut or doubled; some of these are right by chance, and then they are answered.
            turned = bytearray(json.dumps({"inputs": [tensor(chance)]}).encode())
            at = chance.randrange(len(turned))
            match chance.randrange(3):
                case 0:
                    turned[at] = chance.randrange(256)
                case 1:
                    del turned[at : at + chance.randint(1, 20)]
                case _:
                    turned[at:at] = turned[at : at + chance.randint(1, 20)]
            reply = await call(app, "POST", INFER, bytes(turned))
            if reply.status != 200:
                refused(reply, bytes(turned))
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
