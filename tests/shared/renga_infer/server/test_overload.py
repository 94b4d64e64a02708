"""What a caller hears whose model has too much to do."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import inference
from inference import Reply, ask, call
from renga_infer.server.app import InferenceApp

INFER = "/v2/models/affine/infer"


def test_a_full_queue_and_a_late_answer(running: Callable[..., None], tmp_path: Path) -> None:
    """429 with Retry-After beyond the limit of the queue, 504 after a request's own time; the others are answered."""
    batching = {"max_batch_size": 8, "max_queue_delay_microseconds": 10_000_000, "max_queue_size": 2}
    inference.publish(tmp_path, "1", 1.0, batching=batching)

    async def test(app: InferenceApp) -> None:
        def put(rows: int, **parameters: int) -> "asyncio.Task[Reply]":
            return asyncio.ensure_future(call(app, "POST", INFER, ask([[1, 2]] * rows, parameters=parameters)))

        # In one turn of the loop, in which nobody's time runs out.
        first, late, beyond = put(4), put(1, timeout=50_000), put(1)
        refused = await beyond
        assert (refused.status, refused.json["error"].split(":")[-1]) == (429, " send it again later.")
        assert int(refused.headers["retry-after"]) >= 1
        expired = await asyncio.wait_for(late, 60)
        assert (expired.status, "had no answer in time" in expired.json["error"]) == (504, True)
        assert not first.done()
        # Who is late has left its place, and these make the batch full.
        second = await asyncio.wait_for(put(4), 9)
        assert [(await first).status, second.status] == [200, 200]

    running(test, folder=tmp_path)
