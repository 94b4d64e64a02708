"""Requests in, batches through, answers out."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import numpy as np
import pytest

import inference
from leaping import Loop, leap
from renga_infer.admission import Admitted, admit
from renga_infer.card import Card
from renga_infer.engine.batching import Answer, Batcher
from renga_infer.engine.statistics import Statistics
from renga_infer.errors import (
    DeadlineExceededError,
    InvalidRequestError,
    ModelFailedError,
    OverloadedError,
)


class Doubling:
    """Answers twice the sum of a row, as slowly and as wrongly as a test wants it, and remembers its calls."""

    memory_bytes = 0

    def __init__(self, *, hook: Callable[[Any], None] = lambda _: None) -> None:
        self.calls: list[Any] = []
        self.fallbacks = 0
        self.begun = threading.Event()
        self.open = threading.Event()
        self.open.set()
        self._hook = hook

    def compute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
        """Twice the sums, once the model is open."""
        self.calls.append(inputs["x"].copy())
        self.begun.set()
        assert self.open.wait(60)
        self._hook(inputs["x"])
        return {"y": inputs["x"].sum(axis=-1) * 2}


def card(**batching: Any) -> Card:
    """A card of two columns."""
    return Card.model_validate(inference.card_of(inference.affine(1.0), batching=batching)[0])


def rows(*values: float) -> Any:
    """Rows of two columns, each `[value, 0]`."""
    return inference.as_request([[value, 0.0] for value in values])


def running(test: Callable[[Callable[..., Batcher]], Coroutine[Any, Any, None]]) -> None:
    """Run a test with a way to make batchers, which are closed after it."""

    async def run() -> None:
        made: list[Batcher] = []

        def make(model: Doubling, **batching: Any) -> Batcher:
            made.append(Batcher(card(**batching), model, Statistics()))
            return made[-1]

        await test(make)
        for batcher in made:
            await asyncio.wait_for(batcher.close(), 60)

    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(run())


def put(batcher: Batcher, *values: float, timeout_s: float = 600.0) -> "asyncio.Task[Answer]":
    """Put one request into the queue."""
    request: Admitted = admit(batcher.card, rows(*values))
    return asyncio.ensure_future(batcher.compute(request, timeout_s))


async def busy(batcher: Batcher, model: Doubling) -> "asyncio.Task[Answer]":
    """Have the model compute one request that it does not finish until it is opened."""
    model.open.clear()
    first = put(batcher, 0.0)
    assert await asyncio.to_thread(model.begun.wait, 60)
    return first


def test_what_comes_while_the_model_computes_is_the_next_batch() -> None:
    """Requests that wait are computed together, each gets its own rows back, and a batch has at most its size."""

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling()
        batcher = make(model, max_batch_size=4)
        first = await busy(batcher, model)
        others = [put(batcher, *values) for values in ((1, 2), (3,), (4, 5), (6,))]
        await asyncio.sleep(0)
        assert batcher.waiting == 4
        model.open.set()
        answers = [answer["y"].tolist() for answer in await asyncio.gather(first, *others)]
        assert answers == [[0], [2, 4], [6], [8, 10], [12]]
        assert [len(call) for call in model.calls] == [1, 4, 2]
        counted = batcher.statistics
        assert (counted.success.count, counted.executions, counted.rows) == (5, 3, 7)
        assert {size: calls.infer.count for size, calls in counted.batches.items()} == {1: 1, 4: 1, 2: 1}

    running(test)


def test_the_first_of_a_batch_waits_for_others() -> None:
    """With a delay a batch begins when it is full or the delay is over, whichever comes first."""

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling()
        patient = make(model, max_batch_size=3, max_queue_delay_microseconds=10_000_000)
        begun = [put(patient, 1.0), put(patient, 2.0)]
        await asyncio.sleep(0.05)
        assert model.calls == []
        begun.append(put(patient, 3.0))
        await asyncio.gather(*begun)
        assert [len(call) for call in model.calls] == [3]
        await asyncio.gather(put(patient, 1.0, 2.0), put(patient, 3.0))
        assert [len(call) for call in model.calls] == [3, 3], "rows count, not requests"
        brief = make(model, max_batch_size=3, max_queue_delay_microseconds=20_000)
        await put(brief, 1.0)
        assert len(model.calls) == 3

    running(test)


def test_batches_are_padded_to_the_next_bucket() -> None:
    """The model sees declared lengths only; padding is zeros, and nobody gets it back."""

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling()
        batcher = make(model, max_batch_size=8, buckets={"batch": [2, 8]})
        assert (await put(batcher, 1.0))["y"].tolist() == [2]
        assert (await put(batcher, 1.0, 2.0, 3.0))["y"].tolist() == [2, 4, 6]
        assert [call.tolist() for call in model.calls] == [
            [[1, 0], [0, 0]],
            [[1, 0], [2, 0], [3, 0], [0, 0], [0, 0], [0, 0], [0, 0], [0, 0]],
        ]
        assert (batcher.statistics.rows, batcher.statistics.padded_rows) == (4, 10)

    running(test)


def test_a_full_queue_says_when_to_come_back() -> None:
    """Beyond the limit a request is refused at once; those whose sender left make room."""

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling()
        batcher = make(model, max_queue_size=2)
        first = await busy(batcher, model)
        waiting = [put(batcher, 1.0), put(batcher, 2.0)]
        await asyncio.sleep(0)
        with pytest.raises(OverloadedError, match="2 requests wait for the model 'affine'") as refusal:
            await put(batcher, 3.0)
        assert refusal.value.retry_after_s >= 1
        waiting[0].cancel()
        await asyncio.sleep(0)
        late = put(batcher, 4.0)
        await asyncio.sleep(0)
        model.open.set()
        assert [(await answer)["y"].tolist() for answer in (first, waiting[1], late)] == [[0], [4], [8]]
        assert [len(call) for call in model.calls] == [1, 2], "who left was not computed"
        assert batcher.statistics.dropped == 1

    running(test)


def test_a_deadline_ends_the_wait() -> None:
    """In the queue and during the computation alike; what is late in the queue is not computed."""

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling()
        batcher = make(model)
        model.open.clear()
        computing = put(batcher, 1.0, timeout_s=60)
        assert await asyncio.to_thread(model.begun.wait, 60)
        queued = put(batcher, 2.0, timeout_s=60)
        await asyncio.sleep(0)
        leap(61)
        for late in (computing, queued):
            with pytest.raises(DeadlineExceededError, match="had no answer in time"):
                await late
        model.open.set()
        assert (await put(batcher, 3.0))["y"].tolist() == [6]
        assert [call.tolist() for call in model.calls] == [[[1, 0]], [[3, 0]]]

    running(test)


def test_one_bad_input_costs_only_itself() -> None:
    """When a batch fails, its requests are computed one by one; bad ones get their reason, the others their answer."""

    def fails(x: Any) -> None:
        if (x == 13).any():
            raise ValueError("13 is no number of seats")
        if (x == 17).any():
            raise KeyError("seat")

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling(hook=fails)
        batcher = make(model)
        first = await busy(batcher, model)
        others = [put(batcher, value) for value in (1.0, 13.0, 2.0, 17.0)]
        await asyncio.sleep(0)
        model.open.set()
        assert (await first)["y"].tolist() == [0]
        assert [(await others[at])["y"].tolist() for at in (0, 2)] == [[2], [4]]
        with pytest.raises(InvalidRequestError, match="does not take these inputs: 13 is no number of seats"):
            await others[1]
        with pytest.raises(ModelFailedError, match="failed: KeyError: 'seat'"):
            await others[3]

    running(test)


def test_whom_nobody_waits_for_is_not_asked_again() -> None:
    """Of a batch that failed, those whose sender left or whose time ran out are not computed one by one."""

    def fails(x: Any) -> None:
        if (x == 13).any():
            raise ValueError("13 is no number of seats")

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling(hook=fails)
        batcher = make(model)
        model.open.clear()
        batch = [put(batcher, 13.0), put(batcher, 1.0), put(batcher, 2.0, timeout_s=60), put(batcher, 3.0)]
        assert await asyncio.to_thread(model.begun.wait, 60)
        batch[1].cancel()
        leap(61)
        with pytest.raises(DeadlineExceededError):
            await batch[2]
        model.open.set()
        assert (await batch[3])["y"].tolist() == [6]
        assert [call[:, 0].tolist() for call in model.calls] == [[13, 1, 2, 3], [13], [3]]
        with pytest.raises(InvalidRequestError):
            await batch[0]

    running(test)


def test_what_a_model_computes_eagerly_is_counted() -> None:
    """A model says so of each call, and the version's numbers have it."""

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling()

        def falls(x: Any) -> None:
            model.fallbacks += len(x) == 2

        model._hook = falls
        batcher = make(model)
        for values in ((1.0,), (1.0, 2.0), (3.0, 4.0)):
            await put(batcher, *values)
        assert (batcher.statistics.fallbacks, batcher.statistics.executions) == (2, 3)

    running(test)


WRONG: dict[str, tuple[Any, str]] = {
    "nothing": ({}, "gave no output 'y'"),
    "too few rows": ({"y": np.zeros(0)}, r"of shape \[0\]; its card says FP64 of \[1\]"),
    "another dtype": ({"y": np.zeros(1, "float32")}, "gave 'y' as float32"),
}


@pytest.mark.parametrize(("outputs", "reason"), WRONG.values(), ids=WRONG)
def test_a_model_keeps_the_word_of_its_card(outputs: Any, reason: str) -> None:
    """What a model gives otherwise than its card says is its failure, never an answer."""

    class Wrong(Doubling):
        def compute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
            given: Mapping[str, Any] = outputs
            return given

    async def test(make: Callable[..., Batcher]) -> None:
        with pytest.raises(ModelFailedError, match=reason):
            await put(make(Wrong()), 1.0)

    running(test)


def test_a_slow_or_failing_model_does_not_block_another() -> None:
    """While one model computes and the next fails, a third answers; who failed goes on to answer others."""

    def fails(x: Any) -> None:
        if (x == 13).any():
            raise MemoryError("13 is too many")

    async def test(make: Callable[..., Batcher]) -> None:
        slow, failing, fast = Doubling(), Doubling(hook=fails), Doubling()
        stuck = await busy(make(slow), slow)
        unlucky = make(failing)
        with pytest.raises(ModelFailedError, match="MemoryError: 13 is too many"):
            await put(unlucky, 13.0)
        assert (await put(make(fast), 1.0))["y"].tolist() == [2]
        assert (await put(unlucky, 1.0))["y"].tolist() == [2]
        assert not stuck.done()
        slow.open.set()
        await stuck

    running(test)


def test_closing_finishes_what_was_accepted() -> None:
    """Everything in the queue is answered before the thread ends."""

    async def test(make: Callable[..., Batcher]) -> None:
        model = Doubling()
        batcher = make(model, max_batch_size=2)
        first = await busy(batcher, model)
        others = [put(batcher, float(value)) for value in range(5)]
        await asyncio.sleep(0)
        closing = asyncio.ensure_future(batcher.close())
        await asyncio.sleep(0.01)
        assert not closing.done()
        model.open.set()
        await closing
        assert all(request.done() and request.exception() is None for request in (first, *others))
        patient = make(Doubling(), max_queue_delay_microseconds=10_000_000)
        last = put(patient, 1.0)
        await asyncio.sleep(0)
        await asyncio.wait_for(patient.close(), 9)
        assert last.done(), "nobody else is waited for"

    running(test)


def test_a_free_axis_beside_the_batch() -> None:
    """Only requests of one padded length share a batch; each gets its own length back."""
    words = {"name": "x", "datatype": "FP64", "shape": [-1, -1], "axes": ["batch", "words"]}
    same = {"name": "y", "datatype": "FP64", "shape": [-1, -1], "axes": ["batch", "words"]}
    described, _ = inference.card_of(
        inference.affine(1.0), inputs=[words], outputs=[same], batching={"buckets": {"words": [2, 4]}}
    )

    class Negative(Doubling):
        def compute(self, inputs: Mapping[str, Any]) -> Mapping[str, Any]:
            self.calls.append(inputs["x"].copy())
            self.begun.set()
            assert self.open.wait(60)
            return {"y": -inputs["x"]}

    async def test() -> None:
        model = Negative()
        batcher = Batcher(Card.model_validate(described), model, Statistics())

        def put_row(*row: float) -> "asyncio.Task[Answer]":
            return asyncio.ensure_future(batcher.compute(admit(batcher.card, inference.as_request([row])), 600))

        model.open.clear()
        asked = [put_row(1)]
        assert await asyncio.to_thread(model.begun.wait, 60)
        asked += [put_row(2, 2), put_row(3, 3, 3), put_row(4), put_row(5, 5, 5, 5)]
        await asyncio.sleep(0)
        model.open.set()
        answers = [answer["y"].tolist() for answer in await asyncio.gather(*asked)]
        assert answers == [[[-1]], [[-2, -2]], [[-3, -3, -3]], [[-4]], [[-5, -5, -5, -5]]]
        assert [call.tolist() for call in model.calls[1:]] == [[[2, 2], [4, 0]], [[3, 3, 3, 0], [5, 5, 5, 5]]]
        await batcher.close()

    asyncio.run(test())
