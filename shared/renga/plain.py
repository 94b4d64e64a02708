"""The HTTP trigger beside the event trigger: plain JSON or text in, plain JSON out, and the function's own routes."""

import functools
import inspect
import os
from collections.abc import Awaitable, Callable
from typing import Any, get_args, get_origin
from urllib.parse import parse_qs, parse_qsl

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json, to_json

from renga.contract import Contract, Handler, Route, Stream
from renga.exchange import HttpRequest, HttpResponse, problem
from renga.fates import Reject, Retry
from renga.faults import faults
from renga.wire import is_json
from renga_events.envelope import Envelope

HandlePlain = Callable[[HttpRequest, Any, Envelope, str | None], Awaitable[HttpResponse]]
_JSON = ("content-type", "application/json")
_TEXT_TYPES = ("text/", "application/sql", "application/yaml", "application/x-yaml", "application/toml")


class NotTaken(ValueError):  # noqa: N818 - says what is the case
    """A plain request that cannot become the function's input.

    Attributes:
        status: the HTTP status that says so.
    """

    def __init__(self, status: int, sentence: str) -> None:
        self.status = status
        super().__init__(sentence)


class PlainHttp:
    """Reads plain requests into what the handler takes and renders what it returns."""

    def __init__(self, contract: Contract, handle: HandlePlain) -> None:
        self._contract = contract
        self._handle = handle
        self._inputs: tuple[type[BaseModel], ...] = (contract.door,) if contract.door else contract.accepts

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer a request that is no CloudEvent."""
        matches = [
            (route, match) for route in self._contract.routes if (match := route.pattern.fullmatch(request.path))
        ]
        for route, match in matches:
            if route.method == request.method or (route.method, request.method) == ("GET", "HEAD"):
                try:
                    given = self._given(request, match.groupdict())
                except NotTaken as refusal:
                    return problem(refusal.status, str(refusal))
                return await self._run_route(route, given, request)
        if request.method != "POST" or matches:
            if request.path == "/" or matches:
                allowed = ", ".join(sorted({route.method for route, _ in matches} or {"POST"}))
                return problem(405, f"{request.method} is not answered here; {allowed} is.", ("allow", allowed))
            return problem(404, f"There is nothing at {request.path[:200]}.")
        try:
            typed = self._read(request)
        except NotTaken as refusal:
            return problem(refusal.status, str(refusal))
        key = request.headers.get("idempotency-key")
        cause = Envelope(
            id=key or os.urandom(16).hex(),
            source="/http",
            type="dev.renga.http.request",
            extensions={"traceparent": request.headers["traceparent"]} if "traceparent" in request.headers else {},
        )
        return await self._handle(request, typed, cause, key and f"/http {key}")

    def render(self, answers: list[bytes], cause: Envelope) -> HttpResponse:
        """A handler's answers, each as JSON: one as it is, several as an array; `renga-run` names the run."""
        if not answers:
            return HttpResponse(204)
        headers = [_JSON, ("renga-run", cause.correlation_id)]
        return HttpResponse(200, headers, answers[0] if len(answers) == 1 else b"[" + b",".join(answers) + b"]")

    def _read(self, request: HttpRequest) -> BaseModel:
        """The handler's input.

        Raises:
            NotTaken: with the status and the sentence that says why.
        """
        if self._contract.hears_everything or self._contract.takes_dead_letters:
            raise NotTaken(400, "This function takes CloudEvents: send ce-specversion, ce-id, ce-source and ce-type.")
        content_type = request.headers.get("content-type")
        if is_json(content_type):
            body = request.body or b"{}"
            return self._fit(self._parse_json(body), request.query, body)
        assert content_type is not None  # noqa: S101 - a missing one counts as JSON
        takes_text = [cls for cls in self._inputs if getattr(cls, "text_field", None)]
        if content_type.startswith(_TEXT_TYPES) and takes_text:
            try:
                text = request.body.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                raise NotTaken(
                    422, f"The text is not UTF-8: byte {error.start} is {request.body[error.start]:#04x}."
                ) from None
            return self._fit({takes_text[0].text_field: text}, request.query)  # type: ignore[attr-defined]
        also = " or text/plain" if takes_text else ""
        raise NotTaken(415, f"{content_type[:100]!r} is not taken here; send application/json{also}, or a CloudEvent.")

    def _parse_json(self, body: bytes) -> Any:
        try:
            return from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise NotTaken(400, f"The body is not JSON: {error}.") from None

    def _given(self, request: HttpRequest, arguments: dict[str, str]) -> dict[str, Any]:
        """A route's arguments: what its path names, and the query or, where one is sent, the fields of a JSON body.

        Raises:
            NotTaken: the body is something else.
        """
        if request.method != "PUT" or not request.body:
            return dict(parse_qsl(request.query)) | arguments
        fields = self._parse_json(request.body) if is_json(request.headers.get("content-type")) else None
        if not isinstance(fields, dict):
            raise NotTaken(415, f"{request.path[:200]} takes a JSON object, sent as application/json.")
        return fields | arguments

    def _fit(self, data: Any, query: str, written: bytes | None = None) -> BaseModel:
        """The data, with what the query says besides, as the first input that takes it; `written`: the data's JSON."""
        failure: ValidationError | None = None
        for cls in self._inputs:
            asked = _query_fields(cls, query) if isinstance(data, dict) else {}
            try:
                return cls.model_validate_json(to_json({**asked, **data}) if asked else written or to_json(data))
            except ValidationError as error:
                failure = failure or error
        assert failure is not None  # noqa: S101 - a contract has at least one input
        raise NotTaken(422, f"The data does not fit {self._inputs[0].__name__}: {faults(failure)}.")

    async def _run_route(self, route: Route, given: dict[str, Any], request: HttpRequest) -> HttpResponse:
        try:
            validated, wants = _validated(route.handler)
            if "last_event_id" in wants and "last-event-id" in request.headers:
                given.setdefault("last_event_id", request.headers["last-event-id"])
            result = validated(**given)
            if inspect.isawaitable(result):
                result = await result
        except ValidationError as error:
            return problem(422, f"{route.path}: {faults(error)}.")
        except Reject as rejection:
            return problem(422, str(rejection))
        except Retry as retry:
            return problem(503, str(retry), ("retry-after", str(max(0, round(retry.after)))))
        except Exception:  # noqa: BLE001 - a bug in a route is a 500 and a traceback in the log
            from renga.log import logger

            logger(route=route.path).exception("failed")
            return problem(500, f"{route.path} failed; the function's log says more.")
        if result is None:
            return problem(404, f"There is nothing at {request.path[:200]}.")
        if isinstance(result, Stream):
            headers = [("content-type", result.media_type), ("cache-control", "no-store")]
            return HttpResponse(200, headers, stream=result.chunks)
        return HttpResponse(200, [_JSON], to_json(result))


@functools.cache
def _validated(handler: Handler) -> tuple[Handler, frozenset[str]]:
    """A route's handler with its arguments checked, and their names; made with the first request that needs it."""
    from pydantic import validate_call

    return validate_call(handler), frozenset(inspect.signature(handler).parameters)


def _query_fields(cls: type[BaseModel], query: str) -> dict[str, Any]:
    """Query parameters as a model's fields; a field that holds several takes them repeated or with commas."""
    fields: dict[str, Any] = {}
    for name, values in parse_qs(query).items():
        field = cls.model_fields.get(name)
        kinds = (field.annotation, *get_args(field.annotation)) if field else ()
        several = any(get_origin(kind) in {list, tuple} for kind in kinds)
        fields[name] = [item for value in values for item in value.split(",")] if several else values[-1]
    return fields
