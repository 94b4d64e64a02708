"""The function as an ASGI application, under servers that are not ours."""

import base64
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from hosts import PATIENCE_S, SERVERS, Collector, Start

HANDSHAKE = {
    "connection": "Upgrade",
    "upgrade": "websocket",
    "sec_websocket_version": "13",
    "sec_websocket_key": base64.b64encode(os.urandom(16)).decode(),
}


@pytest.mark.parametrize("server", SERVERS)
def test_lifespan(start: Start, sink: Collector, tmp_path: Path, server: str) -> None:
    """From its startup the function sends what an earlier process left; at its shutdown it lets go of everything."""
    with closing(sqlite3.connect(tmp_path / "seats.db")) as made:
        made.execute("CREATE TABLE seats (number INTEGER PRIMARY KEY, guest text)")
    env = {"K_SINK": sink.url, "BOOKING_DATABASE": f"sqlite:///{tmp_path}/seats.db", "RENGA_STATE_DIR": str(tmp_path)}
    dying = start("counter", "dying", DIE_AT="committed", **env)
    with pytest.raises(ConnectionError):
        dying.call("POST", "/", b'{"guest": "ada"}', content_type="application/json")
    dying.process.wait(PATIENCE_S)
    time.sleep(2.1)  # Until what it said is older than any process that may still send it.
    hosted = start("counter", server, **env)
    deadline = time.monotonic() + PATIENCE_S
    while not sink.received and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [headers["ce-type"] for headers, _ in sink.received] == ["test.ticket.sold.v1"]
    assert list(tmp_path.glob("idempotency-*.db-wal"))
    hosted.stop()
    # A SQLite file that was closed has no log beside it.
    assert not list(tmp_path.glob("idempotency-*.db-wal"))
    assert "Traceback" not in hosted.log.read_text()


def test_websocket(start: Start) -> None:
    """A WebSocket is refused before it is open, and the next request is answered."""
    hosted = start("outcomes", "gunicorn")
    assert hosted.call("GET", "/", **HANDSHAKE).status == 403
    assert hosted.deliver('{"do": "answer"}').status == 200
    assert "Traceback" not in hosted.log.read_text()
