"""From what a user names to where letters are and how they are sent again."""

import os
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from renga.desk.service import DeskSettings
from renga.sinks import Sink, sink_for
from renga_dev import endpoint, project
from renga_dev.dead.desk import FUNCTION, DeskByHttp, DeskOnDisk
from renga_dev.dead.lost import LostLetters
from renga_dev.dead.replay import Way
from renga_dev.dead.source import Source, Together
from renga_dev.dead.subscription import Subscription
from renga_dev.endpoint import SERVICE, Endpoint, NoRuntime, Refused
from renga_dev.pubsub.emulator import VARIABLE

BROKER = "default/default"
"""Namespace and name of the Broker that the chains hang on."""
_SCHEME = "pubsub://"


class Place(NamedTuple):
    """What a user named.

    Attributes:
        url: `pubsub://PROJECT/SUBSCRIPTION`, or the URL of a desk; None: the laptop.
        at: the URL of a runtime.
        state: a runtime's state folder.
    """

    url: str | None = None
    at: str | None = None
    state: Path | None = None


class Opened(NamedTuple):
    """Where letters are, and what follows from it for sending them."""

    source: Source
    runtime: str | None = None
    """The URL of a runtime that has the functions."""
    functions: str | None = None
    """An address with `{service}` in it."""
    broker: str | None = None

    def way(self, *, to: str | None, broker: str | None, everyone: bool) -> Way:
        """How letters are sent; what is given wins over what follows from the place.

        Raises:
            ValueError: one of them is no address.
        """
        given = broker or self.broker
        sink: Sink | None = sink_for(given, emulator=os.environ.get(VARIABLE, "")) if given else None
        if to is None:
            return Way(self.runtime, self.functions, sink, everyone)
        if not to.startswith(("http://", "https://")):
            raise ValueError(f"--to {to}: give an http or https URL, with {SERVICE} where the Service's name goes.")
        return Way(None, to, sink, everyone) if SERVICE in to else Way(to.rstrip("/"), None, sink, everyone)


async def opened(place: Place) -> Opened:
    """Open what a user named.

    Raises:
        ValueError: it is no address of letters.
        NoRuntime: a runtime was named, and nothing answers there.
        Refused: something else does.
    """
    if place.url is None:
        return await _laptop(place)
    if place.url.startswith(_SCHEME):
        return await _subscription(place)
    parts = urlsplit(place.url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"--from {place.url}: give pubsub://PROJECT/SUBSCRIPTION, or the URL of a desk.")
    url = place.url.rstrip("/")
    desk = DeskByHttp(Endpoint(url), url)
    if url.endswith(f"/{FUNCTION}"):
        runtime = url.removesuffix(f"/{FUNCTION}")
        return Opened(desk, runtime=runtime, broker=f"{runtime}/{BROKER}")
    # As Knative names Services to the world: the desk's address with another name in its place.
    service = FUNCTION.replace("/", "-")
    return Opened(desk, functions=url.replace(service, SERVICE, 1) if parts.hostname.startswith(service) else None)


async def _laptop(place: Place) -> Opened:
    named = place.at or os.environ.get("RENGA_URL")
    folder = place.state or (project.root() or Path.cwd()) / endpoint.STATE
    announced = endpoint.announced(place.state) if place.state else None
    url = named or announced or (None if place.state else endpoint.find(None))
    if url is not None:
        url = endpoint.find(url)
        if SERVICE in url:
            desk = url.replace(SERVICE, FUNCTION.replace("/", "-"))
            raise ValueError(f"{url} is where the functions of a cluster are: name its desk with --from {desk}.")
        found = await _running(url, folder, must_be=bool(named))
        if found is not None:
            return found
    sources: list[Source] = [LostLetters(folder / "events.db")]
    database = DeskSettings().database or _sqlite(folder / "state" / "deadletter.db")
    if database:
        sources.insert(0, DeskOnDisk(database))
    return Opened(Together(f"the state in {folder}", sources))


async def _running(url: str, folder: Path, *, must_be: bool) -> Opened | None:
    """A runtime with its desk; None where none runs and none must."""
    runtime = Endpoint(url)
    try:
        state = Path(str((await endpoint.status(runtime)).get("state", folder)))
    except (NoRuntime, Refused):
        runtime.close()
        if must_be:
            raise
        return None
    # Of a runtime on another machine the event log is not here, and is then left out.
    sources: list[Source] = [DeskByHttp(runtime, f"{url}/{FUNCTION}"), LostLetters(state / "events.db")]
    return Opened(Together(f"the runtime at {url}", sources), runtime=url, broker=f"{url}/{BROKER}")


async def _subscription(place: Place) -> Opened:
    """A subscription; its functions are those of the runtime that runs here, if one does."""
    project_id, _, subscription = (place.url or "").removeprefix(_SCHEME).strip("/").partition("/")
    if not project_id or not subscription or "/" in subscription:
        raise ValueError(f"--from {place.url}: give pubsub://PROJECT/SUBSCRIPTION.")
    source = Subscription(project_id, subscription, emulator=os.environ.get(VARIABLE, ""))
    runtime = place.at or os.environ.get("RENGA_URL")
    if runtime is None:
        folder = place.state or (project.root() or Path.cwd()) / endpoint.STATE
        runtime = endpoint.announced(folder)
    return Opened(source, runtime=runtime and runtime.rstrip("/"), broker=f"{_SCHEME}{project_id}")


def _sqlite(path: Path) -> str:
    """The URL of a file; empty where there is none, so that looking does not make one."""
    return f"sqlite:///{path.resolve()}" if path.is_file() else ""
