"""The decorator that makes a handler a function: callable as before, and hosted anywhere."""

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ParamSpec, Protocol, TypeVar, cast, overload

from pydantic import BaseModel

from renga.contract import Contract, Deployment, Handler, Route

if TYPE_CHECKING:
    from renga.outbox import Outbox, Transaction

P = ParamSpec("P")
E = TypeVar("E", bound=BaseModel)
R = TypeVar("R")
H = TypeVar("H", bound=Handler)
R_co = TypeVar("R_co", covariant=True)


class Function(Protocol[P, R_co]):
    """A decorated handler. It is a plain function, because that is what functions-framework takes as a target."""

    contract: Contract

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R_co:
        """Call the handler with an event, as a test does, or with a request, as functions-framework does."""
        ...

    def get(self, path: str) -> Callable[[H], H]:
        """Answer `GET path` with a handler: names in braces become arguments, query parameters too."""
        ...

    def put(self, path: str) -> Callable[[H], H]:
        """Answer `PUT path`, likewise; the fields of a JSON body become arguments too."""
        ...

    def delete(self, path: str) -> Callable[[H], H]:
        """Answer `DELETE path`, likewise."""
        ...


@overload
def function(handler: Callable[P, R], /) -> Function[P, R]: ...
@overload
def function(
    *,
    concurrency: int = 10,
    timeout_s: int = 60,
    min_scale: int = 0,
    max_scale: int = 10,
    window_s: int = 60,
    memory: str = "512Mi",
    outbox: None = None,
) -> Callable[[Callable[P, R]], Function[P, R]]: ...


@overload
def function(
    *,
    outbox: "Outbox",
    concurrency: int = 10,
    timeout_s: int = 60,
    min_scale: int = 0,
    max_scale: int = 10,
    window_s: int = 60,
    memory: str = "512Mi",
) -> "Callable[[Callable[[E, Transaction], R]], Function[[E, Transaction], R]]": ...


def function(handler: Callable[..., Any] | None = None, /, *, outbox: "Outbox | None" = None, **deployment: Any) -> Any:
    """Make a handler a function. Its annotations are the subscription and the contract.

    Args:
        handler: takes an event; with an outbox, a Transaction besides.
        outbox: where its answers are committed together with what it changes.
        deployment: as in Deployment; it ends up in the function's Knative manifest.

    Raises:
        TypeError: the annotations promise nothing that can be kept.
    """
    if handler is None:
        return lambda given: function_of(given, Deployment(**deployment), outbox)
    return function_of(handler, Deployment())


def function_of(handler: Callable[P, R], deployment: Deployment, outbox: "Outbox | None" = None) -> Function[P, R]:
    """Decorate one handler."""
    contract = Contract.of(handler, deployment, outbox)

    @functools.wraps(handler)
    def hosted(*args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs and not isinstance(args[0], BaseModel) and hasattr(args[0], "headers"):
            from renga.frameworks import answer

            return answer(contract, args[0])
        return handler(*args, **kwargs)

    def answering(method: str, path: str) -> Callable[[H], H]:
        def register(endpoint: H) -> H:
            contract.routes.append(Route.of(method, path, endpoint))
            return endpoint

        return register

    decorated = cast("Any", hosted)
    decorated.contract = contract
    for method in ("GET", "PUT", "DELETE"):
        setattr(decorated, method.lower(), functools.partial(answering, method))
    return cast("Function[P, R]", decorated)
