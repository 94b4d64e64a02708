"""Every model by name and version: which are in memory, which answers, and how they change while they are asked."""

import asyncio
import time
from collections.abc import Iterable, Mapping
from functools import partial
from typing import NamedTuple

from renga_infer.admission import admit
from renga_infer.card import Card
from renga_infer.errors import (
    DeadlineExceededError,
    InferenceError,
    InvalidRequestError,
    ModelRefusedError,
    UnavailableError,
    UnknownModelError,
)
from renga_infer.protocol.datatypes import datatype_of
from renga_infer.protocol.requests import Request
from renga_infer.protocol.responses import Response
from renga_infer.protocol.tensors import Tensor
from renga_infer.registry.memory import Memory
from renga_infer.registry.routing import Routing, read_routing
from renga_infer.registry.shadow import Shadows
from renga_infer.registry.states import NOT_ASKED, UNLOADED, Indexed, Model, State, Version
from renga_infer.registry.stores import ROUTING, Store
from renga_infer.suggestion import among


class Limits(NamedTuple):
    """What a registry keeps within."""

    memory_bytes: int = 0
    """Of all weights in memory; 0: no limit."""
    timeout_s: float = 30.0
    """How long a request may take that does not say."""
    cpus: tuple[int, ...] = ()
    """The CPUs that the models' threads keep to; none: all."""


class Registry:
    """Loads, answers, switches, unloads; all methods belong to one event loop."""

    def __init__(self, store: Store, limits: Limits | None = None) -> None:
        self.models: dict[str, Model] = {}
        self.limits = limits or Limits()
        self.ready = False
        """Whether everything was loaded once that is to be there from the beginning."""
        self._store = store
        self.shadows = Shadows()
        self._memory = Memory(store, self.versions, limit_bytes=self.limits.memory_bytes, cpus=self.limits.cpus)

    async def start(self) -> None:
        """Load of every model what its routing names, or else the newest version; what is refused says so in the index.

        Raises:
            UnavailableError: the store does not answer.
        """
        stored = await asyncio.to_thread(self._store.models)
        for name in stored:
            try:
                await self._take(stored, name)
            except ModelRefusedError:
                continue  # The version keeps its reason, and the server is not ready: see `unready`.
            except InvalidRequestError as error:
                for version in self.models[name].versions.values():
                    version.reason = f"{ROUTING} is wrong: {error}"
        self.ready = True

    async def close(self) -> None:
        """Finish what was accepted."""
        self.ready = False
        await self.shadows.close()
        for version in list(self.versions()):
            await self._memory.unload(version)

    def versions(self) -> Iterable[Version]:
        """All of all models."""
        return (version for model in self.models.values() for version in model.versions.values())

    def index(self) -> list[Indexed]:
        """Every version that is known, with its state and why it is not ready."""
        return [
            Indexed(one.name, one.version, one.state, "" if one.state is State.READY else one.reason)
            for one in self.versions()
        ]

    def unready(self) -> list[str]:
        """The models whose default version cannot answer, and that nobody unloaded."""
        return [
            model.name
            for model in self.models.values()
            if not self._answers(model) and any(one.reason != UNLOADED for one in model.versions.values())
        ]

    @staticmethod
    def _answers(model: Model) -> bool:
        if model.routing is None:
            return False
        default = model.versions[model.routing.default]
        return default.state is State.READY or default.on_demand

    # Asking.

    def find(self, name: str, version: str | None = None) -> Version:
        """A version by its name, or the default of a model.

        Raises:
            UnknownModelError: there is none.
            UnavailableError: not all of them are known yet.
        """
        model = self.model(name)
        if version is None:
            if model.routing is None:
                self._settled()
                raise UnknownModelError(f"No version of the model {name!r} is loaded: {self._reasons(model)}")
            version = model.routing.default
        found = model.versions.get(version)
        if found is None:
            raise UnknownModelError(
                f"The model {name!r} has no version {version[:80]!r}; there is {', '.join(model.versions)}."
            )
        return found

    def model(self, name: str) -> Model:
        """A model with all its versions, loaded or not.

        Raises:
            UnknownModelError: there is none.
            UnavailableError: not all of them are known yet.
        """
        model = self.models.get(name)
        if model is None:
            self._settled()
            raise UnknownModelError(f"There is no model {name[:80]!r}; {among(name[:80], self.models)}")
        return model

    def _settled(self) -> None:
        """What is not there now may be later: nobody is told that it is unknown.

        Raises:
            UnavailableError: the server begins, or stops.
        """
        if not self.ready:
            raise UnavailableError("The models are being loaded, or the server stops: send it again.")

    async def card(self, name: str, version: str | None = None) -> Card:
        """The card of a version, which is loaded for it, or of the default of a model.

        Raises:
            InferenceError: there is no such version, or it is not to be had.
        """
        found = self.find(name, version)
        if found.card is None:
            limit = self.limits.timeout_s
            await self._demand(found, time.monotonic() + limit, limit)
        assert found.card is not None  # noqa: S101 - it is known as soon as the version was loaded once
        return found.card

    @staticmethod
    def _reasons(model: Model) -> str:
        return " ".join(f"Version {one.version}: {one.reason}" for one in model.versions.values()) or "there is none."

    async def infer(self, name: str, version: str | None, request: Request) -> Response:
        """What a model answers; the version that is named, or the one that the routing chooses.

        Raises:
            InferenceError: there is no such model, it does not take the request, or it has no answer in time.
        """
        limit = request.timeout_s or self.limits.timeout_s
        until = time.monotonic() + limit
        model = self.models.get(name)
        shadow: str | None = None
        if version is None and model is not None and model.routing is not None:
            version, shadow = model.routing.choose(name, request), model.routing.shadow
        found = self.find(name, version)
        begun_ns = time.perf_counter_ns()
        try:
            return await self._ask(found, shadow, request, until, limit)
        except InferenceError as error:
            found.statistics.failures[error.status] += 1
            found.statistics.failure.add(time.perf_counter_ns() - begun_ns)
            raise

    async def _ask(
        self, found: Version, shadow: str | None, request: Request, until: float, limit_s: float
    ) -> Response:
        while found.batcher is None:
            await self._demand(found, until, limit_s)
        card, batcher = found.batcher.card, found.batcher
        # Nothing waits from here to the queue: what is in the queue is answered, whatever is switched or unloaded.
        found.asked_at = time.monotonic()
        admitted = admit(card, request)
        answering = batcher.compute(admitted, until - found.asked_at)
        if shadow is None:
            outputs = await answering
        else:
            answer = asyncio.ensure_future(answering)
            self.shadows.begin(self.find(found.name, shadow), request, answer, limit_s)
            outputs = await answer
        tensors = tuple(Tensor(one, datatype_of(outputs[one]), outputs[one]) for one in admitted.outputs)
        return Response(found.name, found.version, tensors, request.id)

    async def _demand(self, version: Version, until: float, limit_s: float) -> None:
        """Wait until a version is in memory; others who wait for it wait for the same loading.

        Raises:
            UnknownModelError: it was unloaded or refused.
            UnavailableError: the store does not answer, or there is no room for it.
            DeadlineExceededError: it takes too long; the loading goes on.
        """
        who = f"The model {version.name!r}, version {version.version},"
        if version.demand is None:
            if not version.on_demand:
                self._settled()
                raise UnknownModelError(f"{who} is not loaded: {version.reason}")
            version.demand = asyncio.ensure_future(self._memory.load(version))
            version.demand.add_done_callback(partial(self._demanded, version))
        demand = version.demand
        await asyncio.wait([demand], timeout=until - time.monotonic())
        if not demand.done():
            raise DeadlineExceededError(f"{who} was not loaded within {limit_s:g} s: send it again.")
        error = demand.exception()
        if isinstance(error, ModelRefusedError):
            raise UnknownModelError(f"{who} is refused: {error}") from None
        if error is not None:
            raise error

    @staticmethod
    def _demanded(version: Version, demand: asyncio.Task[None]) -> None:
        version.demand = None
        if not demand.cancelled():
            demand.exception()  # The version keeps the reason; whoever still waits is told as well.

    # Changing.

    async def load(self, name: str, version: str | None = None, *, default: bool = False) -> None:
        """Look into the store again, and load of a model one version, or what its routing names, or else the newest.

        Versions that are in memory stay there, and are not read again; a model that was unloaded is whole again.
        Without `version` the routing becomes that of the store, or else leads to the newest; with it, it changes only
        if `default` says so or nothing answers yet.

        Raises:
            UnknownModelError: the store has no such model or version.
            ModelRefusedError: a version does not agree with its card or its golden set.
            InvalidRequestError: `routing.json` is none.
            UnavailableError: the store does not answer, or there is no room.
        """
        await self._take(await asyncio.to_thread(self._store.models), name, version, default=default)

    async def _take(
        self, stored: Mapping[str, list[str]], name: str, version: str | None = None, *, default: bool = False
    ) -> None:
        """See `load`; `stored` is what the store has."""
        if name not in stored or not stored[name]:
            raise UnknownModelError(f"The store has no model {name[:80]!r}; {among(name[:80], stored)}")
        if version is not None and version not in stored[name]:
            raise UnknownModelError(
                f"The store has no version {version[:80]!r} of {name!r}; there is {', '.join(stored[name])}."
            )
        content = await asyncio.to_thread(self._store.routing, name)
        model = self.models.setdefault(name, Model(name))
        model.versions = {
            number: model.versions.get(number) or Version(name, number)
            for number in stored[name] + [number for number in model.versions if number not in stored[name]]
        }
        if version is not None:
            await self._memory.load(model.versions[version])
            if default or model.routing is None:
                model.routing = Routing(default=version)
            return
        unloaded = model.routing is None
        if content is not None:
            await self._lead(model, read_routing(content, stored[name]))
        elif model.routing is not None:
            await self._lead(model, Routing(default=stored[name][-1]))
        else:
            await self._lead_to_newest(model, stored[name])
        if unloaded:
            for one in model.versions.values():
                if one.reason == UNLOADED:
                    one.on_demand, one.reason = True, NOT_ASKED

    async def route(self, name: str, content: bytes) -> Routing:
        """Change the way to the versions of a model, once all that it names are in memory.

        Raises:
            UnknownModelError: there is no such model.
            InvalidRequestError: the content is no routing, or names a version that is not there.
            ModelRefusedError: one of them is refused.
            UnavailableError: the store does not answer, or there is no room.
        """
        model = self.model(name)
        routing = read_routing(content, model.versions)
        await self._lead(model, routing)
        return routing

    async def _lead(self, model: Model, routing: Routing) -> None:
        for number in routing.versions():
            await self._memory.load(model.versions[number])
        # One assignment: no request sees half of it.
        model.routing = routing

    async def _lead_to_newest(self, model: Model, versions: list[str]) -> None:
        """Where nothing answers yet, an older version is better than none; the newest keeps its reason in the index."""
        first: ModelRefusedError | None = None
        for number in reversed(versions):
            try:
                await self._lead(model, Routing(default=number))
            except ModelRefusedError as error:
                first = first or error
            else:
                return
        assert first is not None  # noqa: S101 - there is at least one version
        raise first

    async def unload(self, name: str, version: str | None = None) -> None:
        """Take one version of a model out of memory, or all; what was accepted is finished first.

        Raises:
            UnknownModelError: there is none.
            InvalidRequestError: the version answers now, so that requests would fail.
        """
        model = self.model(name)
        if version is None:
            model.routing = None
            for one in model.versions.values():
                await self._memory.unload(one)
            return
        found = self.find(name, version)
        if model.routing is not None and version in model.routing.versions():
            raise InvalidRequestError(
                f"Requests for the model {name!r} are led to its version {version}: lead them elsewhere first."
            )
        await self._memory.unload(found)
