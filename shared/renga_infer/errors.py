"""What goes wrong between a request and its answer; each knows the HTTP status that says so."""

from typing import ClassVar


class InferenceError(Exception):
    """A request that gets no result; the message is what its sender reads."""

    status: ClassVar[int]
    """The HTTP status."""


class InvalidRequestError(InferenceError):
    """The request is wrong: it will never be right, however often it is sent."""

    status = 400


class UnknownModelError(InferenceError):
    """There is no such model, no such version of it, or it was unloaded."""

    status = 404


class UnknownPathError(InferenceError):
    """There is nothing at this path."""

    status = 404


class WrongMethodError(InferenceError):
    """What is at this path is asked for in another way.

    Attributes:
        allowed: the methods that it is asked for with.
    """

    status = 405

    def __init__(self, message: str, *, allowed: tuple[str, ...]) -> None:
        super().__init__(message)
        self.allowed = allowed


class SlowRequestError(InferenceError):
    """The body did not come in time."""

    status = 408


class TooLargeError(InferenceError):
    """The body has more bytes than the server takes."""

    status = 413


class UnsupportedEncodingError(InferenceError):
    """The body is encoded in a way that the server does not read."""

    status = 415


class OverloadedError(InferenceError):
    """The model's queue is full; later it may not be.

    Attributes:
        retry_after_s: how long the sender waits before it tries again, in seconds.
    """

    status = 429

    def __init__(self, message: str, *, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class ModelFailedError(InferenceError):
    """The model raised, or broke the contract of its card."""

    status = 500


class UnavailableError(InferenceError):
    """The server or the model cannot answer now: it starts, it stops, or it could not be read from its store.

    Attributes:
        retry_after_s: how long the sender waits before it tries again, in seconds.
    """

    status = 503

    def __init__(self, message: str, *, retry_after_s: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class DeadlineExceededError(InferenceError):
    """The request's time ran out before its answer was there."""

    status = 504


class ModelRefusedError(Exception):
    """A version that is not served: its hash, its schema or its golden set does not agree; the message says which."""
