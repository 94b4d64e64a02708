"""The client, against the service and against what goes wrong on the way to it."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import inference_server
from hosts import free_port
from inference_server import InferenceServer
from renga_infer.client import Answer, AnswerLost, InferenceClient, NotSent
from renga_infer.errors import (
    DeadlineExceededError,
    InferenceError,
    InvalidRequestError,
    ModelFailedError,
    OverloadedError,
    UnavailableError,
    UnknownModelError,
)
from renga_infer.protocol.requests import read_request

X = {"x": np.array([[1.0, 2.0], [3.0, 4.0]])}
TIME_S = 60.0
"""What a call has."""
OK = b'{"model_name":"affine","model_version":"1","outputs":[]}'


def asking(server: InferenceServer, test: Callable[[InferenceClient], Coroutine[Any, Any, None]]) -> None:
    """Run a test with a client of the service."""

    async def run() -> None:
        async with InferenceClient(server.url) as client:
            await test(client)

    asyncio.run(run())


def test_inference_over_kept_connections(inference_service: InferenceServer) -> None:
    """Answers come as arrays, with the version that computed them and the id that was sent."""

    async def test(client: InferenceClient) -> None:
        response = await client.infer("affine", X, request_id="7")
        assert (response.model_name, response.model_version, response.id) == ("affine", "2", "7")
        np.testing.assert_array_equal(response.outputs[0].data, [6, 14])
        explicit = await asyncio.gather(*(client.infer("affine", X, version="1", outputs=["y"]) for _ in range(20)))
        assert {answer.model_version for answer in explicit} == {"1"}
        assert all(answer.outputs[0].data.tolist() == [3, 7] for answer in explicit)

    asking(inference_service, test)


def test_what_the_service_says_of_itself(inference_service: InferenceServer) -> None:
    """Ready, and the metadata of a model."""

    async def test(client: InferenceClient) -> None:
        assert await client.ready()
        assert (await client.metadata("affine", "1"))["inputs"][0]["shape"] == [-1, 2]

    asking(inference_service, test)


def test_refusals_are_not_tried_again(inference_service: InferenceServer) -> None:
    """What is wrong is raised with the service's own sentence."""

    async def test(client: InferenceClient) -> None:
        with pytest.raises(UnknownModelError, match="did you mean 'affine'"):
            await client.infer("afine", X)
        with pytest.raises(InvalidRequestError, match="has no output 'z'"):
            await client.infer("affine", X, outputs=["z"])
        with pytest.raises(InvalidRequestError, match=r"has the shape \[2, 2, 1\]"):
            await client.infer("affine", {"x": X["x"][:, :, None]})

    asking(inference_service, test)


class Scripted:
    """A transport that answers as it is told to, and remembers what was asked."""

    def __init__(self, *script: Answer | Exception) -> None:
        self.script = list(script)
        self.asked: list[tuple[bytes, Mapping[str, str], float]] = []

    async def send(self, method: str, url: str, headers: Mapping[str, str], body: bytes, timeout_s: float) -> Answer:
        """The next line of the script; the last one over and over."""
        self.asked.append((body, headers, timeout_s))
        outcome = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def close(self) -> None:
        """There is nothing to close."""


def error(status: int, **headers: str) -> Answer:
    """A refusal of the service."""
    return Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, b'{"error": "So it is."}')


def ask(transport: Scripted, calls: int = 1, **settings: Any) -> list[Any]:
    """The outcomes of calls, one after another."""

    async def run() -> list[Any]:
        outcomes: list[Any] = []
        async with InferenceClient("http://service", transport=transport, **settings) as client:
            for _ in range(calls):
                try:
                    outcomes.append(await client.infer("affine", X, timeout_s=TIME_S))
                except InferenceError as raised:
                    outcomes.append(raised)
        return outcomes

    return asyncio.run(run())


AGAIN: dict[str, Answer | Exception] = {
    "no connection": NotSent("refused"),
    "a lost connection": AnswerLost("reset"),
    "away": error(503),
    "a gateway": error(502),
}


@pytest.mark.parametrize("failure", AGAIN.values(), ids=AGAIN)
def test_what_is_safe_is_tried_again(failure: Answer | Exception) -> None:
    """A service that comes back within the attempts answers; one that does not is away."""
    transport = Scripted(failure, failure, Answer(200, {}, OK))
    assert ask(transport)[0].model_version == "1"
    assert len(transport.asked) == 3
    (outcome,) = ask(Scripted(failure))
    assert isinstance(outcome, UnavailableError)


ONCE: dict[str, tuple[Answer | Exception, type[InferenceError]]] = {
    "a wrong request": (error(400), InvalidRequestError),
    "an unknown model": (error(404), UnknownModelError),
    "too large": (error(413), InvalidRequestError),
    "a failing model": (error(500), ModelFailedError),
    "no sentence": (Answer(500, {}, b"<html>"), ModelFailedError),
    "its deadline": (error(504), DeadlineExceededError),
    "silence": (TimeoutError(), DeadlineExceededError),
}


@pytest.mark.parametrize(("failure", "kind"), ONCE.values(), ids=ONCE)
def test_what_would_be_the_same_again_is_raised_at_once(
    failure: Answer | Exception, kind: type[InferenceError]
) -> None:
    """It is asked once, and raises what the status stands for."""
    transport = Scripted(failure)
    (outcome,) = ask(transport)
    assert isinstance(outcome, kind)
    assert len(transport.asked) == 1


def test_a_full_queue_is_waited_for_as_long_as_there_is_time() -> None:
    """429 is tried again after what the service says, unless the deadline comes first."""
    begun = time.monotonic()
    assert ask(Scripted(error(429, retry_after="1"), Answer(200, {}, OK)))[0].model_version == "1"
    assert time.monotonic() - begun >= 1
    transport = Scripted(error(429, retry_after="90"))
    (outcome,) = ask(transport)
    assert isinstance(outcome, OverloadedError)
    assert (outcome.retry_after_s, len(transport.asked)) == (90, 1)


def test_every_try_carries_the_time_that_is_left() -> None:
    """The deadline goes along in microseconds, and shrinks from try to try."""
    transport = Scripted(NotSent("refused"), Answer(200, {}, OK))
    ask(transport)
    left = [
        read_request(body, int(headers["inference-header-content-length"])).timeout_s
        for body, headers, _ in transport.asked
    ]
    assert left[0] is not None
    assert left[1] is not None
    assert TIME_S >= left[0] > left[1] + 0.02
    for seconds, (_, _, allowed) in zip(left, transport.asked, strict=True):
        assert abs((seconds or 0) - allowed) < 1e-3


class Clock:
    """The time of the circuit."""

    now_s = 0.0

    def time(self) -> float:
        """As the module of that name."""
        return self.now_s


def test_the_circuit_opens_and_half_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    """After failures in a row nothing is asked for a while; then one call decides."""
    transport = Scripted(NotSent("refused"))
    outcomes = ask(transport, 4, attempts=1, failures=3, open_s=60)
    assert len(transport.asked) == 3
    assert "was away 3 times in a row: it is not asked for 60 s" in str(outcomes[3])
    assert outcomes[3].retry_after_s == 60
    clock = Clock()
    monkeypatch.setattr("purgatory.domain.model.time", clock)

    async def comes_back() -> None:
        transport = Scripted(*[NotSent("refused")] * 4, Answer(200, {}, OK))
        async with InferenceClient("http://a", transport=transport, attempts=1, failures=3, open_s=60) as client:
            for asked in (1, 2, 3, 3):
                with pytest.raises(UnavailableError):
                    await client.infer("affine", X)
                assert len(transport.asked) == asked
            clock.now_s += 61
            with pytest.raises(UnavailableError):
                await client.infer("affine", X)
            with pytest.raises(UnavailableError, match="is not asked"):
                await client.infer("affine", X)
            assert len(transport.asked) == 4, "the one that was let through failed, so it is open again"
            clock.now_s += 61
            for _ in range(3):
                assert (await client.infer("affine", X)).model_version == "1"

    asyncio.run(comes_back())


@pytest.mark.parametrize("failure", [error(400), error(404), error(429), error(500), error(504)])
def test_a_service_that_speaks_keeps_the_circuit_closed(failure: Answer) -> None:
    """Refusals show that it is there."""
    transport = Scripted(failure)
    ask(transport, 9, attempts=1, failures=2, open_s=60)
    assert len(transport.asked) == 9


def test_the_service_goes_and_comes_back(own_models: Path, tmp_path: Path) -> None:
    """Killed in between, it is away, never wrong; back again, it is asked again."""

    async def run() -> None:
        port = str(free_port())
        async with InferenceClient(f"http://127.0.0.1:{port}", attempts=2, failures=4, open_s=0.1) as client:
            for _ in range(2):
                with inference_server.started(own_models, tmp_path / "log", PORT=port) as server:
                    server.port = int(port)
                    await asyncio.to_thread(server.until_ready)
                    await asyncio.sleep(0.15)
                    assert (await client.infer("affine", X)).outputs[0].data.tolist() == [3, 7]
                    server.process.kill()
                    server.process.wait()
                for _ in range(3):
                    with pytest.raises(UnavailableError):
                        await client.infer("affine", X)
                assert not await client.ready()

    asyncio.run(run())


def test_a_url_that_is_none() -> None:
    """Said at once, not with the first call."""
    with pytest.raises(ValueError, match="is no http or https URL"):
        InferenceClient("inference:8080")
