"""Runs of the schema chain over HTTP, as a caller has them who waits for the end on the live stream."""

import json
import time
from collections.abc import Sequence

from renga.http.client import Client


async def one_run_s(client: Client, url: str, design: str, targets: Sequence[str]) -> float:
    """Seconds from handing in to hearing that the run ended well.

    Raises:
        AssertionError: it was not taken, or did not end well.
    """
    body = json.dumps({"text": design, "name": "shop.sql", "targets": list(targets)}).encode()
    began = time.perf_counter()
    headers = [("content-type", "application/json")]
    answer = await client.request("POST", f"{url}/schema/submit", headers=headers, body=body)
    assert answer.status == 200, answer
    stream = await client.stream("GET", f"{url}/platform/ledger/runs/{answer.header('renga-run')}/stream")
    said = b""
    async for chunk in stream.chunks():
        said += chunk
        if b'"state":"well"' in said.replace(b": ", b":"):
            break
    else:
        raise AssertionError(said[-500:])
    took = time.perf_counter() - began
    stream.close()
    return took
