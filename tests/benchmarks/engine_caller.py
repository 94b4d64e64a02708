"""One caller with one connection: `engine_caller.py URL HOST NUMBER`; prints the seconds of each answer as JSON."""

import asyncio
import json
import sys
import time

from renga.http.client import Client


async def main(url: str, host: str, number: int) -> list[float]:
    """Events to a function, each another; the first tenth is not counted."""
    client, prefix, seconds = Client(), str(time.time_ns()), []
    for each in range(number + number // 10):
        headers = [
            ("host", host),
            ("ce-specversion", "1.0"),
            ("ce-id", f"{prefix}-{each}"),
            ("ce-source", "/bench"),
            ("ce-type", "bench.asked.v1"),
            ("content-type", "application/json"),
        ]
        began = time.perf_counter()
        answer = await client.request("POST", url, headers=headers, body=b"{}", timeout_s=20)
        seconds.append(time.perf_counter() - began)
        assert answer.status == 204, answer
    client.close()
    return seconds[number // 10 :]


if __name__ == "__main__":
    found = asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
    sys.stdout.write(json.dumps(found))
