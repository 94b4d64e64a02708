"""The application around one function: a request in, the handler's outcome out. The table of outcomes is kept here."""

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from renga import answers, wire
from renga.answers import Attempt
from renga.claimcheck import ClaimCheck
from renga.contract import Contract
from renga.deadletters import Failure, death, quoted, subscription_url, with_failure
from renga.exchange import HttpRequest, HttpResponse, problem
from renga.fates import Reject, Retry
from renga.faults import faults
from renga.idempotency import Claimed, Different, Done, InProgress, Store, payload_hash
from renga.plain import PlainHttp
from renga.pubsub import push as pubsub_push
from renga.pubsub.push import Push
from renga.sinks import Sink
from renga.wire import NotAnEvent, WireEvent
from renga_events.base import AnyEvent, Event

if TYPE_CHECKING:
    from renga.outbox import Transaction
    from renga.outbox.relay import Relay
    from renga.pubsub.identity import PushIdentity
    from renga_events.envelope import Envelope

KEEP_ANSWERS_S = 24 * 3600.0
FROM_MEMORY = ("idempotent-replayed", "true")
"""The header of an answer that was given before: the handler did not run."""


class FunctionApp:
    """One function with everything that stands around it.

    Args:
        name: `schema/parse`.
        contract: what the handler promises.
        store: who has handled what; None handles every delivery anew.
        sink: where answers go that cannot be the response.
        claims: where data goes that is too large to travel.
        guard: who may wake the handler; None: whoever reaches us.
    """

    def __init__(
        self,
        name: str,
        contract: Contract,
        *,
        store: Store | None,
        sink: Sink | None,
        claims: ClaimCheck,
        guard: "PushIdentity | None" = None,
    ) -> None:
        self.name = name
        self.contract = contract
        self.store = store
        self.sink = sink
        self.claims = claims
        self.guard = guard
        self.ready = True
        self.streams: set[asyncio.Task[None]] = set()
        """Answers that are still being written."""
        self._cold = True
        self._plain = PlainHttp(contract, self._handle_plain)
        self._threads: ThreadPoolExecutor | None = None
        self._reports: set[asyncio.Task[None]] = set()
        self._relay: Relay | None = None

    async def respond(self, request: HttpRequest) -> HttpResponse:
        """Answer one request; never raises."""
        if request.path == "/health/live":
            return HttpResponse(200)
        if request.path == "/health/ready":
            return HttpResponse(200) if self.ready else problem(503, "The function is shutting down.")
        guarded = self.guard if self.contract.accepts else None
        if guarded and (refusal := await guarded.refusal(request.headers, wakes=request.method == "POST")):
            return refusal
        try:
            push = pubsub_push.of_request(request) if self.contract.accepts else None
            if push is not None:
                return await self._pushed(push, request)
            if not wire.is_event(request.headers):
                old = self._legacy(request)
                return await (self._deliver(old, request, replies=False) if old else self._plain.respond(request))
            if request.method != "POST":
                return problem(405, f"An event is sent with POST, not {request.method}.", ("allow", "POST"))
            replies = "reply" in request.headers.get("prefer", "")
            return await self._deliver(wire.decode(request.headers, request.body), request, replies=replies)
        except NotAnEvent as error:
            return problem(400, str(error))

    def stop(self) -> None:
        """No longer be ready, and end the streams: their readers resume elsewhere, requests are finished here."""
        self.ready = False
        for stream in self.streams:
            stream.cancel()

    def relay(self) -> None:
        """Begin to send what an earlier process committed and did not live to send, if this function has an outbox.

        Once is enough; it is called on the event loop.
        """
        if self._relay is not None or self.contract.outbox is None or self.sink is None:
            return
        from renga.outbox.relay import Relay

        sink = self.sink

        async def publish(event: WireEvent) -> None:
            await sink.publish(await self.claims.check_in(event))

        # Twice the time that a handling may take: who said it is surely gone.
        patience_s = 2.0 * self.contract.deployment.timeout_s
        self._relay = Relay(self.contract.outbox, self.name, publish, patience_s)
        self._relay.begin()

    async def close(self) -> None:
        """Finish what was begun and let go of everything."""
        if self._relay is not None:
            await self._relay.end()
        if self._reports:
            await asyncio.wait(self._reports, timeout=2)
        for resource in (self.store, self.sink):
            if resource is not None:
                await resource.close()
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
        if self.contract.outbox is not None:
            self.contract.outbox.close()

    async def _pushed(self, push: Push, request: HttpRequest) -> HttpResponse:
        """One message of a Pub/Sub subscription, which can be acknowledged or come again, and nothing else."""
        if self.sink is None and self.contract.emits:
            return problem(500, f"{self.name} has answers, which a push does not take: set K_SINK=pubsub://PROJECT.")
        event = self._published(push, request) or push.event()
        response = await self._deliver(event, request, replies=False)
        if response.status != 422 or self.sink is None or self.contract.takes_dead_letters:
            # A dead letter is not buried a second time: it would come back as its own dead letter.
            return response
        failure = Failure(subscription_url(push.subscription), response.status, quoted(response.body))
        try:
            buried = await self.sink.bury(with_failure(event, failure))
        except Retry as retry:
            return problem(503, str(retry), ("retry-after", "1"))
        except ValueError as error:
            return problem(500, f"{self.name} rejected an event that cannot be buried: {error}")
        return HttpResponse(204) if buried else response

    def _legacy(self, request: HttpRequest) -> WireEvent | None:
        """What Google's sources sent before CloudEvents, if this function accepts what became of it."""
        if not self.contract.accepts or b'"eventType"' not in request.body:
            return None
        from renga import legacy

        event = legacy.event_of(request)
        return event if event and self.contract.accepted(event.envelope.type) else None

    def _published(self, push: Push, request: HttpRequest) -> WireEvent | None:
        """A message that is no CloudEvent, if this function accepts such messages."""
        if wire.is_event(push.attributes) or not pubsub_push.is_wrapped(request):
            return None
        from renga import legacy

        return legacy.published(request) if self.contract.accepted(legacy.PUBLISHED) else None

    async def _deliver(self, event: WireEvent, request: HttpRequest, *, replies: bool) -> HttpResponse:
        """One CloudEvent, from any broker."""
        accepted = self.contract.accepted(event.envelope.type)
        if accepted is None:
            takes = ", ".join(cls.ce_type for cls in self.contract.accepts) or "no events: it is called over plain HTTP"
            return problem(422, f"{self.name} takes {takes}; this is {event.envelope.type[:200]!r}.")

        # A dead letter is its event once more: it is told apart, or who heard the event would never hear of its end.
        died = death(event)

        async def handle(attempt: Attempt) -> HttpResponse:
            attempt = attempt._replace(death=died)
            typed = await self._open(event, accepted)
            started = time.perf_counter()
            result = await self._answers(typed, attempt)
            outgoing = await self._checked_in(self._enveloped(result, attempt, started))
            response = await self._send(outgoing, replies=replies)
            await self._sent(attempt)
            return response

        key = event.envelope.key if died is None else died
        payload = payload_hash(event.envelope.datacontenttype, event.data or b"") if self.store else b""
        return await self._once(key, payload, event.envelope, request, handle)

    async def _handle_plain(
        self, request: HttpRequest, typed: Any, cause: "Envelope", idempotency_key: str | None
    ) -> HttpResponse:
        """One plain HTTP call: the answer is data, and a door's answers are published besides."""

        async def handle(attempt: Attempt) -> HttpResponse:
            started = time.perf_counter()
            incoming = typed.inside(cause) if isinstance(typed, Event) else typed
            result = await self._answers(incoming, attempt)
            if self.contract.door and self.sink:
                said = self._enveloped(result, attempt, started)
                for event in await self._checked_in(said):
                    await self.sink.publish(event)
                bodies = [event.data or b"" for event in said]
            else:
                bodies = [event.to_json() for event in result]
            await self._sent(attempt)
            return self._plain.render(bodies, cause)

        payload = payload_hash(request.headers.get("content-type"), request.body) if idempotency_key else b""
        return await self._once(idempotency_key, payload, cause, request, handle)

    async def _once(
        self,
        key: str | None,
        payload: bytes,
        cause: "Envelope",
        request: HttpRequest,
        handle: Callable[[Attempt], Any],
    ) -> HttpResponse:
        """Claim, handle, remember; an event seen before is answered as it was."""
        store = self.store if key else None
        number = 1
        if store and key:
            claimed = await self._claim(store, key, payload, cause)
            if isinstance(claimed, HttpResponse):
                return claimed
            number = claimed
        cold, self._cold = self._cold, False
        traceparent = request.headers.get("traceparent") or cause.extension("traceparent")
        attempt = Attempt(self.name, cause, number, cold, traceparent)
        started = time.perf_counter()
        try:
            response: HttpResponse = await handle(attempt)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises has its row in the table of outcomes
            duration_ms = (time.perf_counter() - started) * 1000
            response = await self._failed(error, attempt, duration_ms)
            if store and key:
                await self._release(store, key)
        else:
            if store and key:
                await self._remember(store, key, response)
        return response

    async def _claim(self, store: Store, key: str, payload: bytes, cause: "Envelope") -> int | HttpResponse:
        """Which attempt this is, or the answer that takes its place."""
        try:
            claim = await store.claim(key, self.contract.deployment.timeout_s, payload)
        except OSError as error:
            return problem(503, f"The idempotency store is away: {error}", ("retry-after", "1"))
        match claim:
            case Done(answer):
                before = HttpResponse.unpack(answer)
                return before._replace(headers=[*before.headers, FROM_MEMORY])
            case InProgress():
                return problem(409, "This event is being handled right now.", ("retry-after", "1"))
            case Different():
                return problem(422, f"{cause.id!r} of {cause.source} was other data before: it needs an id of its own.")
            case Claimed(number):
                return number

    async def _remember(self, store: Store, key: str, response: HttpResponse) -> None:
        """Done is done: a store that went away meanwhile is no reason to have the event handled again."""
        try:
            await store.complete(key, response.pack(), KEEP_ANSWERS_S)
        except OSError as error:
            from renga.log import logger

            logger(function=self.name).warning("answer not remembered; it is given all the same", reason=str(error))

    async def _release(self, store: Store, key: str) -> None:
        try:
            await store.release(key)
        except OSError as error:
            from renga.log import logger

            logger(function=self.name).warning("claim not released; it ends with its lease", reason=str(error))

    async def _open(self, event: WireEvent, accepted: type[Event]) -> Event:
        """The typed event.

        Raises:
            Reject: the data does not fit the type.
        """
        if issubclass(accepted, AnyEvent):
            return accepted(data=event.data).inside(event.envelope)
        data = await self.claims.check_out(event)
        try:
            return accepted.from_json(data or b"{}", event.envelope)
        except ValidationError as error:
            raise Reject(f"The data is no {accepted.ce_type}: {faults(error)}.") from None

    async def _answers(self, incoming: Any, attempt: Attempt) -> list[Event]:
        """What the handler says; out of an outbox, each answer is in its envelope already."""
        outbox = self.contract.outbox
        if outbox is None:
            return answers.events_of(await self._call(self.contract.handler, incoming))

        def handle(transaction: "Transaction") -> list[WireEvent]:
            started = time.perf_counter()
            result = answers.events_of(self.contract.handler(incoming, transaction))
            duration_ms = (time.perf_counter() - started) * 1000
            return [answers.to_wire(event, attempt, index, duration_ms) for index, event in enumerate(result)]

        said = await self._in_thread(outbox.answers, attempt, handle)
        return [self.contract.emitted(event.envelope.type).from_json(event.data, event.envelope) for event in said]

    async def _sent(self, attempt: Attempt) -> None:
        """The answers are on their way: the outbox need not keep them for anybody."""
        if self.contract.outbox is not None:
            await self._in_thread(self.contract.outbox.sent, attempt.function, [attempt.cause.key])

    async def _call(self, handler: Callable[..., Any], *arguments: Any) -> Any:
        if self.contract.is_async:
            return await handler(*arguments)
        return await self._in_thread(handler, *arguments)

    async def _in_thread(self, handler: Callable[..., Any], *arguments: Any) -> Any:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(max(1, self.contract.deployment.concurrency or 32), "handler")
        return await asyncio.get_running_loop().run_in_executor(self._threads, copy_context().run, handler, *arguments)

    def _enveloped(self, events: list[Event], attempt: Attempt, started: float) -> list[WireEvent]:
        if self.contract.outbox is not None:
            return [WireEvent(event.envelope, event.to_json()) for event in events]
        duration_ms = (time.perf_counter() - started) * 1000
        return [answers.to_wire(event, attempt, index, duration_ms) for index, event in enumerate(events)]

    async def _checked_in(self, events: list[WireEvent]) -> list[WireEvent]:
        return [await self.claims.check_in(event) for event in events]

    async def _send(self, outgoing: list[WireEvent], *, replies: bool) -> HttpResponse:
        """One answer is the reply where one is asked for or nothing else can take it; the rest goes to the sink."""
        if not outgoing:
            return HttpResponse(204)
        if len(outgoing) == 1 and (replies or self.sink is None):
            headers, body = wire.encode_binary(outgoing[0])
            return HttpResponse(200, headers, body)
        if self.sink is not None:
            for event in outgoing:
                await self.sink.publish(event)
            return HttpResponse(204)
        if replies:
            raise RuntimeError(f"{self.name} gave {len(outgoing)} answers; more than one needs a sink: set K_SINK.")
        return HttpResponse(200, [("content-type", wire.BATCHED)], wire.encode_batch(outgoing))

    async def _failed(self, error: Exception, attempt: Attempt, duration_ms: float) -> HttpResponse:
        """The row of the table that an exception has, told to the log and to whoever follows the run."""
        from renga.log import logger

        cause = attempt.cause
        log = logger(
            function=self.name,
            run_id=cause.correlation_id,
            event_id=cause.id,
            event_type=cause.type,
            trace_id=attempt.trace().trace_id,
            attempt=attempt.number,
        )
        reason = str(error)
        if isinstance(error, Reject):
            outcome, response = "rejected", problem(422, reason)
            log.warning("rejected", reason=reason)
        elif isinstance(error, Retry):
            outcome, response = "retry", problem(503, reason, ("retry-after", str(max(0, round(error.after)))))
            log.warning("asked for another try", reason=reason)
        else:
            reason = f"{type(error).__name__} in {self.name}"
            outcome, response = "failed", problem(500, f"{reason}; its log says more.")
            log.error("failed", exc_info=error)
        self._report(attempt, outcome, response.status, reason, duration_ms)
        return response

    def _report(self, attempt: Attempt, outcome: str, status: int, reason: str, duration_ms: float) -> None:
        """Tell the run's followers, if there is a way; the answer does not wait for it."""
        # Who hears of failed attempts, and who keeps what fails for good, would hear of their own for ever.
        if self.sink is None or self.contract.hears_everything or self.contract.takes_dead_letters:
            return
        from renga.attempts import report

        task = asyncio.get_running_loop().create_task(
            report(self.sink, attempt, outcome=outcome, status=status, reason=reason, duration_ms=duration_ms)
        )
        self._reports.add(task)
        task.add_done_callback(self._reports.discard)
