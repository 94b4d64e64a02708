"""The laptop runtime: one event loop, one port, one state directory; serving and eventing put together."""

import contextlib
import dataclasses
import errno
import fcntl
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from renga.http.asgi import Receive, Scope, Send, send_whole
from renga.http.client import Client
from renga.http.server import Server
from renga_dev.endpoint import STATUS_PATH
from renga_dev.eventing.attempts import Observer as DeliveryObserver
from renga_dev.eventing.engine import Eventing
from renga_dev.eventing.policy import Profile
from renga_dev.gateway import Gateway
from renga_dev.manifests import Manifests
from renga_dev.pubsub.table import read as read_table
from renga_dev.pubsub.transport import PubSub
from renga_dev.serving.clock import Clock
from renga_dev.serving.observer import Observer, Silence
from renga_dev.serving.route import ServiceStatus
from renga_dev.serving.services import LocalServices
from renga_dev.serving.workload import Place

DRAIN_S = 30.0
SHARED_CODE = ("shared", "events")
"""Folders of a project whose code functions may import."""

_LAST_WORDS_S = 1.0
_ASK_S = 0.5
_LOG_LIMIT_BYTES = 16 * 1024 * 1024


class StateInUse(RuntimeError):  # noqa: N818 - says what is the case
    """Another runtime holds the state directory."""


class PortTaken(OSError):  # noqa: N818 - likewise
    """Somebody else listens there."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a runtime is to do."""

    manifests: Manifests
    project: Path
    """The folder that holds functions/."""
    state: Path
    """The state directory; made where it is absent."""
    host: str = "127.0.0.1"
    port: int = 8080
    """0: the kernel's choice."""
    broker: Literal["knative", "pubsub"] = "knative"
    """What carries the events: Brokers with Knative's rules, or Pub/Sub's emulator."""
    profile: Profile = "mt"
    verify: Literal["new", "all", "none"] = "new"
    """Which revisions must become ready once before the start is good; `new`: those changed since they last were."""
    reload: bool = False
    drain_s: float = DRAIN_S
    """How long requests in flight have at the stop (wall seconds)."""
    clock: Clock = dataclasses.field(default_factory=Clock)
    observer: Observer = dataclasses.field(default_factory=Silence)
    deliveries: DeliveryObserver | None = None
    """Is told of every delivery attempt."""


class Runtime:
    """`renga up`.

    ```python
    runtime = Runtime(Options(manifests, project=Path.cwd(), state=Path(".renga")))
    await runtime.start()
    ...
    await runtime.stop()
    ```
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.url = ""
        """Where it listens, once started."""
        self.local: LocalServices
        self.eventing: Eventing | PubSub
        self._gateway: Gateway | None = None
        self._cleanup = contextlib.AsyncExitStack()

    @property
    def port(self) -> int:
        """The port it listens on, once started."""
        return int(self.url.rpartition(":")[2])

    async def start(self) -> None:
        """Listen, see that every new revision starts, and go on with what the event log still owes.

        Raises:
            StateInUse: another runtime has the state directory.
            PortTaken: somebody else has the port.
            InvalidManifests: something in them cannot be run on this machine.
            RevisionsFailed: a revision did not become ready.
            NoEmulator: Pub/Sub is asked for, and its emulator cannot be had.
            NoTable: likewise, and the project has no table of topics.
        """
        try:
            await self._start()
        except BaseException:
            await self._cleanup.aclose()
            raise

    async def _start(self) -> None:
        options, stack = self.options, self._cleanup
        place = Place(
            project=options.project.resolve(),
            state=options.state.resolve(),
            shared_code=tuple(folder for name in SHARED_CODE if (folder := options.project.resolve() / name).is_dir()),
        )
        for folder in (place.state / "state", place.state / "logs"):
            folder.mkdir(parents=True, exist_ok=True)
        stack.enter_context(_locked(place.state))
        _rotate(place.state / "logs")
        server = Server(self._answer)
        self.url = await _listen(server, options.host, options.port)
        stack.push_async_callback(server.drain, _LAST_WORDS_S)
        pubsub = await self._pubsub(place) if options.broker == "pubsub" else None
        self.local = LocalServices(
            options.manifests,
            place,
            base_url=self.url,
            clock=options.clock,
            observer=options.observer,
            broker=pubsub.environment if pubsub else None,
        )
        stack.push_async_callback(self.local.stop, options.drain_s)
        self.eventing = pubsub or Eventing(
            options.manifests,
            self.local,
            place.state / "events.db",
            profile=options.profile,
            observer=options.deliveries,
            concurrency=self.local.capacity,
        )
        if options.verify != "none":
            await self.local.verify(everything=options.verify == "all")
        await self.local.start()
        await self.eventing.start()
        if pubsub is None:
            stack.push_async_callback(self.eventing.stop)
        self._gateway = Gateway(self.local, self.eventing.ingress, self.status)
        stack.push_async_callback(self._gateway.drain, options.drain_s)
        if pubsub is not None:
            stack.push_async_callback(pubsub.pause)
        stack.enter_context(_announced(place.state, self.url))
        if options.reload:
            self.local.watch()

    async def _pubsub(self, place: Place) -> PubSub:
        """The emulator comes before the functions, which publish to it, and goes after them."""
        table = read_table(place.project)
        brokers = frozenset(self.options.manifests.brokers)
        found = await PubSub.found(table, brokers, self.url, place.state / "logs" / "pubsub-emulator.log")
        self._cleanup.push_async_callback(found.stop)
        return found

    async def stop(self) -> None:
        """Finish what is in flight, keep in the event log what is not, end every process.

        In this order: HTTP calls to Services end while the Brokers still take what they publish; deliveries end or go
        back to the log; processes are asked to stop; the port is given up.
        """
        await self._cleanup.aclose()

    def services(self) -> list[ServiceStatus]:
        """How each Service stands now."""
        return self.local.status()

    def status(self) -> dict[str, Any]:
        """What `GET /-/status` answers, as JSON."""
        services = [{**dataclasses.asdict(found), "name": str(found.name)} for found in self.services()]
        return {
            "pid": os.getpid(),
            "url": self.url,
            "project": str(self.options.project.resolve()),
            "state": str(self.options.state.resolve()),
            "pending": self.eventing.pending(),
            "dead": self.eventing.dead,
            "lost": self.eventing.lost,
            "services": services,
        }

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._gateway is None:
            sentence = b"The runtime is starting: its revisions are tried out first."
            headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"retry-after", b"1")]
            await send_whole(send, 503, headers, sentence)
        else:
            await self._gateway(scope, receive, send)


async def _listen(server: Server, host: str, port: int) -> str:
    """Bind; return the URL at which this machine reaches it."""
    try:
        bound = await server.start(host, port)
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        holder = await _who_has(port)
        raise PortTaken(
            f"Port {port} on {host} is taken{holder}. Stop that, or choose another with --port; 0 takes a free one."
        ) from None
    reachable = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{reachable}:{bound}"


async def _who_has(port: int) -> str:
    """` by ...`, where the holder is another renga and says so."""
    client = Client(connect_timeout_s=_ASK_S)
    try:
        answer = await client.request("GET", f"http://127.0.0.1:{port}{STATUS_PATH}", timeout_s=_ASK_S)
        said = json.loads(answer.body)
        return f" by `renga up` of {said['project']} (pid {said['pid']})"
    except (ConnectionError, TimeoutError, ValueError, KeyError, TypeError):
        return ""
    finally:
        client.close()


@contextlib.contextmanager
def _locked(state: Path) -> Iterator[None]:
    """Hold the state directory; the kernel lets go of it however this process ends."""
    with (state / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateInUse(
                f"{state} is in use by {_holder(state)}. Stop it, or choose another with --state."
            ) from None
        yield


def _holder(state: Path) -> str:
    try:
        said = json.loads((state / "runtime.json").read_text())
        return f"the runtime at {said['url']} (pid {said['pid']})"
    except (OSError, ValueError, KeyError, TypeError):
        return "another runtime that is starting or stopping"


@contextlib.contextmanager
def _announced(state: Path, url: str) -> Iterator[None]:
    """Say in the state directory where the runtime is, as long as it is there."""
    path = state / "runtime.json"
    draft = path.with_suffix(".new")
    draft.write_text(json.dumps({"pid": os.getpid(), "url": url}) + "\n")
    draft.replace(path)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def _rotate(logs: Path) -> None:
    """Keep one earlier generation of a log that has grown large."""
    for log in logs.glob("*.log"):
        if log.stat().st_size > _LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
