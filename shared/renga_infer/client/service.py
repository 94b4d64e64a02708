"""One inference service, as its callers see it."""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from pydantic_core import from_json

from renga_infer.client.transport import AiohttpTransport, Answer, AnswerLost, NotSent, Transport
from renga_infer.errors import (
    DeadlineExceededError,
    InferenceError,
    InvalidRequestError,
    ModelFailedError,
    OverloadedError,
    UnavailableError,
    UnknownModelError,
)
from renga_infer.protocol.bodies import HEADER_LENGTH, Body, header_length_of
from renga_infer.protocol.datatypes import Array, datatype_of
from renga_infer.protocol.requests import TIMEOUT, Request, write_request
from renga_infer.protocol.responses import Response, read_response
from renga_infer.protocol.tensors import Parameters, Tensor

if TYPE_CHECKING:
    from purgatory import AsyncCircuitBreakerFactory

_FIRST_PAUSE_S = 0.05
_LONGEST_PAUSE_S = 2.0
_SHORTEST_TRY_S = 0.005
"""Less time than this is not worth another try."""


class _SilenceError(DeadlineExceededError):
    """The service said nothing in time; unlike its own 504 this speaks against the service."""


class _CircuitOpenError(UnavailableError):
    """The service was not asked; asking again at once would not be either."""


class InferenceClient:
    """Asks one service; safe to share between tasks of one event loop.

    A request is tried again, within its deadline, where that is safe: inference has no effect but its answer, so a lost
    connection, a full queue (429) and a service that is away (503) are. `failures` in a row without an answer open the
    circuit: for `open_s` every call fails at once, then the next one is let through to see.
    """

    def __init__(
        self,
        url: str,
        *,
        timeout_s: float = 10.0,
        attempts: int = 3,
        failures: int = 5,
        open_s: float = 5.0,
        transport: Transport | None = None,
    ) -> None:
        if urlsplit(url).scheme not in {"http", "https"}:
            raise ValueError(f"{url!r} is no http or https URL of an inference service.")
        self.url = url.rstrip("/")
        self._timeout_s = timeout_s
        self._attempts = attempts
        self._failures = failures
        self._open_s = open_s
        self._transport = transport or AiohttpTransport()
        self._circuits: AsyncCircuitBreakerFactory | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections."""
        await self._transport.close()

    async def infer(
        self,
        model: str,
        inputs: Mapping[str, Array],
        *,
        version: str | None = None,
        outputs: Sequence[str] = (),
        parameters: Parameters | None = None,
        request_id: str = "",
        timeout_s: float | None = None,
    ) -> Response:
        """What the model answers, tensors as bytes both ways; `timeout_s` is what the caller has left.

        Raises:
            InvalidRequestError: the service does not take the request.
            UnknownModelError: the service has no such model or version.
            OverloadedError: its queue is full.
            UnavailableError: the service is away, or the circuit is open.
            DeadlineExceededError: the time ran out.
            ModelFailedError: the model, or the service, failed.
        """
        tensors = tuple(Tensor(name, datatype_of(array), array) for name, array in inputs.items())
        path = f"{_path(model, version)}/infer"

        def body(left_s: float) -> Body:
            given = {**(parameters or {}), TIMEOUT: max(1, int(left_s * 1_000_000))}
            wanted = Request(
                tensors, tuple(outputs), frozenset(outputs), all_binary=True, id=request_id, parameters=given
            )
            return write_request(wanted, inputs.keys())

        answer = await self._ask("POST", path, body, timeout_s)
        return read_response(answer.body, header_length_of(answer.headers.get(HEADER_LENGTH)))

    async def metadata(self, model: str, version: str | None = None, *, timeout_s: float | None = None) -> Any:
        """The model's metadata, as the protocol has it in JSON.

        Raises:
            InferenceError: as `infer` does.
        """
        return from_json((await self._ask("GET", _path(model, version), _nothing, timeout_s)).body)

    async def ready(self, *, timeout_s: float = 1.0) -> bool:
        """Whether the service says that it is ready; it is asked once, whatever the circuit."""
        try:
            answer = await self._transport.send("GET", f"{self.url}/v2/health/ready", {}, b"", timeout_s)
        except (NotSent, AnswerLost, TimeoutError):
            return False
        return answer.status == 200

    async def _ask(self, method: str, path: str, body: Callable[[float], Body], timeout_s: float | None) -> Answer:
        until = time.monotonic() + (self._timeout_s if timeout_s is None else timeout_s)
        for attempt in range(1, self._attempts + 1):
            try:
                return await self._through_circuit(method, path, body, until)
            except _CircuitOpenError:
                raise
            except (UnavailableError, OverloadedError) as error:
                pause = max(_pause(attempt), error.retry_after_s if isinstance(error, OverloadedError) else 0)
                if attempt == self._attempts or time.monotonic() + pause + _SHORTEST_TRY_S > until:
                    raise
            await asyncio.sleep(pause)
        raise AssertionError("the last attempt returns or raises")

    async def _through_circuit(self, method: str, path: str, body: Callable[[float], Body], until: float) -> Answer:
        # Imported with the first call, not with this module: it brings more than it needs, such as redis.
        from purgatory import AsyncCircuitBreakerFactory
        from purgatory.domain.model import OpenedState

        if self._circuits is None:
            self._circuits = AsyncCircuitBreakerFactory(
                self._failures, self._open_s, exclude=[(BaseException, _speaks_for_the_service)]
            )
        try:
            async with await self._circuits.get_breaker(self.url):
                return await self._send(method, path, body, until)
        except OpenedState as opened:
            # It is the same object each time, and would keep the frames of all that it was raised through.
            opened.__traceback__ = None
            raise _CircuitOpenError(
                f"The inference service at {self.url} was away {self._failures} times in a row: it is not asked for "
                f"{self._open_s:g} s.",
                retry_after_s=self._open_s,
            ) from None

    async def _send(self, method: str, path: str, body: Callable[[float], Body], until: float) -> Answer:
        left_s = until - time.monotonic()
        if left_s <= 0:
            raise DeadlineExceededError("There is no time left to ask the inference service.")
        content, length = body(left_s)
        headers = {"content-type": "application/json" if length is None else "application/octet-stream"}
        if length is not None:
            headers[HEADER_LENGTH] = str(length)
        try:
            answer = await self._transport.send(method, self.url + path, headers, content, left_s)
        except (NotSent, AnswerLost) as error:
            raise UnavailableError(f"The inference service at {self.url} is away: {error}") from None
        except TimeoutError:
            raise _SilenceError(f"The inference service at {self.url} did not answer within {left_s:.3g} s.") from None
        if answer.status != 200:
            raise _error_of(answer)
        return answer


def _path(model: str, version: str | None) -> str:
    of_model = f"/v2/models/{quote(model, safe='')}"
    return f"{of_model}/versions/{quote(version, safe='')}" if version else of_model


def _nothing(_left_s: float) -> Body:
    return Body(b"", None)


def _pause(attempt: int) -> float:
    """Longer each time, and for each caller another, so that they do not come back together."""
    longest = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** (attempt - 1))
    return random.uniform(longest / 2, longest)  # noqa: S311 - spreads load, keeps no secret


def _speaks_for_the_service(error: BaseException) -> bool:
    """Whether what went wrong shows that the service is there; then it does not count towards opening the circuit."""
    return not isinstance(error, UnavailableError | _SilenceError)


def _error_of(answer: Answer) -> InferenceError:
    """The error that a status stands for, with the service's own sentence."""
    try:
        sentence = str(from_json(answer.body)["error"])
    except (ValueError, TypeError, KeyError):
        sentence = f"The inference service answered {answer.status}: {answer.body[:200]!r}"
    after = answer.headers.get("retry-after", "")
    seconds = float(after) if after.isdigit() else 1.0
    match answer.status:
        case 404:
            return UnknownModelError(sentence)
        case 429:
            return OverloadedError(sentence, retry_after_s=seconds)
        case 502 | 503:
            return UnavailableError(sentence, retry_after_s=seconds)
        case 504:
            return DeadlineExceededError(sentence)
        case status if 400 <= status < 500:
            return InvalidRequestError(sentence)
    return ModelFailedError(sentence)
