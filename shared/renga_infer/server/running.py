"""The service as a process: it listens at once, is ready when its models are, and finishes what it accepted."""

import asyncio
import contextlib
import gc
import logging
import os
import signal
import socket
from collections.abc import Iterator

import uvicorn

from renga_infer.errors import UnavailableError
from renga_infer.registry.registry import Limits, Registry
from renga_infer.registry.states import State
from renga_infer.registry.stores import Store
from renga_infer.server.app import InferenceApp
from renga_infer.settings import InferenceSettings

_AGAIN_S = (1, 2, 5, 10, 30)
"""How long it waits before it asks a store again that did not answer, in seconds; then the last one over and over."""
_CLOSE_S = 1.0
"""How long models may go on once nobody waits for an answer any more."""
_log = logging.getLogger("renga_infer")


class _Server(uvicorn.Server):
    """Uvicorn's own handling of signals would end the process before the models finished."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def listen(settings: InferenceSettings) -> socket.socket:
    """The socket of HTTP.

    Raises:
        OSError: the port is taken.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.create_server((settings.host, settings.port), family=family, backlog=2048)
    # Its connections inherit it: head and body of an answer are two writes, and Nagle would hold the second for 40 ms.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


async def serve(settings: InferenceSettings, store: Store, listener: socket.socket) -> None:
    """Serve until SIGTERM or SIGINT, then finish what was accepted. It waits for no model that computes for nobody.

    Whatever else keeps the models from being loaded is raised: a process that will never be ready ends.
    """
    registry = Registry(store, Limits(settings.memory_bytes, settings.timeout_s, settings.cpu_numbers))
    app = InferenceApp(
        registry,
        max_request_bytes=settings.max_request_bytes,
        strict_readiness=settings.strict_readiness,
        control=settings.control,
    )
    config = uvicorn.Config(
        app,
        settings.host,
        settings.port,
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        date_header=False,
        # Longer than clients and proxies keep a connection: one that both close at once costs a request.
        timeout_keep_alive=75,
        timeout_graceful_shutdown=max(1, round(settings.drain_s)),
    )
    server = _Server(config)
    remote = None
    if settings.grpc_port:
        from renga_infer.server import rpc  # it wants grpcio, which nothing else does

        remote = await rpc.start(app, settings.host, settings.grpc_port, max_request_bytes=settings.max_request_bytes)
    loop = asyncio.get_running_loop()
    stopped: list[asyncio.Future[None]] = []

    def stop() -> None:
        if remote is not None and not stopped:
            # At once, before HTTP refuses anybody: it takes no new calls, and the time to finish is one for both.
            stopped.append(asyncio.ensure_future(remote.stop(settings.drain_s)))
        app.stop()
        server.should_exit = True

    _settle()
    loading = asyncio.ensure_future(_load(registry))
    loading.add_done_callback(lambda task: None if task.cancelled() or task.exception() is None else stop())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await server.serve([listener])
    await asyncio.gather(*stopped)
    loading.cancel()
    await asyncio.wait([loading])
    error = None if loading.cancelled() else loading.exception()
    closing = asyncio.ensure_future(_close(registry))
    if not (await asyncio.wait([closing], timeout=_CLOSE_S))[0]:
        at_work = [line for line in registry.index() if line.state in {State.LOADING, State.UNLOADING}]
        names = ", ".join(f"{line.name} version {line.version}" for line in at_work) or "one that was being loaded"
        _log.warning("After the last answer a model did not end in %g s: %s.", _CLOSE_S, names, exc_info=error)
        os._exit(0 if error is None else 1)  # no thread can be ended from outside, and Python would wait for it
    await closing
    if error is not None:
        raise error


async def _close(registry: Registry) -> None:
    """Wait for every thread that computes or loads."""
    await registry.close()
    await asyncio.get_running_loop().shutdown_default_executor()


def _settle() -> None:
    """Keep the collector of garbage from what is here to stay, and from looking often: requests wait while it does.

    With 64 clients it looked 40 times a second, now and then for 40 ms, through the modules that are imported; requests
    leave no cycles behind. Models come later, so that what is unloaded can be collected.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000)


async def _load(registry: Registry) -> None:
    """Load the models; while the store does not answer, ask again: the server lives, and is not ready."""
    waits = iter(_AGAIN_S)
    wait = _AGAIN_S[-1]
    while True:
        try:
            await registry.start()
        except UnavailableError as error:
            wait = next(waits, _AGAIN_S[-1])
            _log.warning("%s Trying again in %d s.", error, wait)
            await asyncio.sleep(wait)
        else:
            break
    for line in registry.index():
        _log.info("model %s version %s is %s. %s", *line)
