"""Bodies that are wrong in every way, in great number."""

import asyncio
import gc
import itertools
import json
import math
import random
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import inference
from inference import Reply, call
from inference_server import InferenceServer
from renga_infer.protocol.bodies import HEADER_LENGTH
from renga_infer.registry.registry import Registry
from renga_infer.registry.stores import Folder
from renga_infer.server.app import InferenceApp

BODIES = 5000
"""Of each of two kinds: wrong in a way that is known, and with bytes turned at random."""
ROUNDS = 4
BLOCK = 2 * BODIES // ROUNDS
MOST_GROWTH = 3 * 2**20
"""Of the process, in bytes, from the first block of refusals to any later one: 300 bytes of each would show."""
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


def lying(chance: random.Random) -> tuple[bytes, str]:
    """A binary body with one lie: of its rows, its size, its bytes, its header or its numbers; and the header."""
    rows = chance.randint(1, 9)
    right = {"rows": rows, "size": rows * 16, "sent": rows * 16, "header": 0, "numbers": 0}
    lie = chance.choice(list(right))
    right[lie] += chance.choice([-rows, -1, 1, 16, 10**6, 2**31, 2**63])
    entry = {
        "name": "x",
        "datatype": "FP64",
        "shape": [right["rows"], 2],
        "parameters": {"binary_data_size": right["size"]},
    }
    head = json.dumps({"inputs": [entry]}).encode()
    tail = bytes(min(max(0, right["sent"]), 4096))
    if lie == "numbers":
        tail = struct.pack("<d", chance.choice([math.nan, math.inf, -math.inf])) + tail[8:]
    return head + tail, str(len(head) + right["header"])


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
            sent, length = lying(chance)
            refused(await call(app, "POST", INFER, sent, inference_header_content_length=length), sent)
        await registry.close()

    asyncio.run(run())


def mixture(chance: random.Random) -> Iterator[bytes]:
    """Requests without end, as bytes of HTTP: in turn wrong in a known way, turned at random, and lying."""
    for number in itertools.count():
        extra = ""
        match number % 3:
            case 0:
                body = wrong(chance, number // 3)
            case 1:
                body = turned(chance)
            case _:
                body, length = lying(chance)
                extra = f"{HEADER_LENGTH}: {length}\r\n"
        head = f"POST {INFER} HTTP/1.1\r\nhost: a\r\n{extra}content-length: {len(body)}\r\n\r\n"
        yield head.encode() + body


async def send(port: int, requests: Iterator[bytes], refusals: int) -> None:
    """Send requests over one connection until so many were refused; each refusal must say why."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while refusals:
        request = next(requests)
        writer.write(request)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.partition("content-length: ")[2].partition("\r\n")[0])
        reply = Reply(int(head.split()[1]), {}, await reader.readexactly(length))
        if reply.status != 200:
            refused(reply, request)
            refusals -= 1
    writer.close()
    await writer.wait_closed()


def test_ten_thousand_refusals_leave_the_process_as_it_was(inference_service: InferenceServer) -> None:
    """Each has its 4xx and its reason; the process lives, its memory is flat, and right requests are answered."""
    requests = mixture(random.Random(3))  # noqa: S311 - cases, not secrets

    async def block() -> None:
        await asyncio.gather(*(send(inference_service.port, requests, BLOCK // 4) for _ in range(4)))

    def memory() -> float:
        metrics = inference_service.call("GET", "/metrics").body.decode()
        return float(metrics.partition("\nprocess_resident_memory_bytes ")[2].partition("\n")[0])

    taken = []
    for _ in range(ROUNDS):
        asyncio.run(block())
        taken.append(memory())
    assert max(taken[1:]) < taken[0] + MOST_GROWTH, taken
    assert inference_service.process.poll() is None
    answer = inference_service.call("POST", INFER, inference.ask([[3, 4]]))
    assert json.loads(answer.body)["outputs"][0]["data"] == [14]
