"""The type of the fixture that starts a small HTTP server."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

from renga.http.server import Server

Serving = Callable[[], AbstractAsyncContextManager[tuple[Server, int]]]
"""Call it for a context that yields the server and its port."""
