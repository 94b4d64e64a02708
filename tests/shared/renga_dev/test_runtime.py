"""Both halves together: starting, stopping, colliding and dying."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path
from typing import Any

import pytest

from lab import Lab, read, subject
from renga.http.client import Client
from renga_dev.eventing.engine import Eventing
from renga_dev.runtime import Options, PortTaken, Runtime, StateInUse

BROKER: dict[str, Any] = {
    "apiVersion": "eventing.knative.dev/v1",
    "kind": "Broker",
    "metadata": {"name": "default", "annotations": {"messaging.knative.dev/async-handler": "true"}},
}
TRIGGER: dict[str, Any] = {
    "apiVersion": "eventing.knative.dev/v1",
    "kind": "Trigger",
    "metadata": {"name": "all"},
    "spec": {
        "broker": "default",
        "subscriber": {
            "ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "subject"},
            "uri": "/status/204",
        },
    },
}
EVENT = [("ce-specversion", "1.0"), ("ce-id", "1"), ("ce-source", "/t"), ("ce-type", "demo.v1")]


@pytest.mark.rule("S8")
async def test_an_event_wakes_the_service_that_subscribes(lab: Lab) -> None:
    """Published to the Broker, held while the process starts, delivered, and nothing is owed any more."""
    async with lab.up(subject(), BROKER, TRIGGER) as up:
        answer = await up.get("/default/default", host="localhost", method="POST", headers=EVENT)
        assert answer.status == 202
        assert isinstance(up.runtime.eventing, Eventing)
        await asyncio.wait_for(up.runtime.eventing.idle(), 60)
        assert up.status().cold_starts == 1
        assert up.runtime.eventing.lost == 0


async def test_it_says_in_its_state_directory_where_it_is(lab: Lab, tmp_path: Path) -> None:
    """runtime.json is there while it runs and gone afterwards."""
    file = tmp_path / ".renga/runtime.json"
    async with lab.up() as up:
        assert json.loads(file.read_text()) == {"pid": os.getpid(), "url": up.runtime.url}
    assert not file.exists()


async def test_a_taken_port_is_named_with_its_holder_and_what_to_do(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another renga is named by its project; anybody else is only said to be there."""
    monkeypatch.setattr("renga_dev.runtime._ASK_S", 60.0)
    async with lab.up() as up:
        with pytest.raises(PortTaken) as taken:
            async with Lab(tmp_path / "other").up(port=up.runtime.port):
                pass
        assert f"Port {up.runtime.port} on 127.0.0.1 is taken by `renga up` of {tmp_path}" in str(taken.value)
        assert f"(pid {os.getpid()})" in str(taken.value)
        assert "--port" in str(taken.value)
    stranger = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
    async with stranger:
        port = stranger.sockets[0].getsockname()[1]
        with pytest.raises(PortTaken, match=f"Port {port} on 127.0.0.1 is taken. Stop that"):
            async with lab.up(port=port):
                pass


async def test_two_runtimes_never_share_a_state_directory_and_otherwise_do_not_collide(
    lab: Lab, tmp_path: Path
) -> None:
    """The second on one directory is refused and named the first; on another directory it runs beside it."""
    async with lab.up() as up:
        with pytest.raises(StateInUse, match=r"in use by the runtime at http://127.0.0.1:\d+ \(pid \d+\)"):
            async with lab.up():
                pass
        async with Lab(tmp_path / "other").up() as other:
            assert (await other.seen())["pid"] != (await up.seen())["pid"]
    async with lab.up() as again:
        assert (await again.get("/status/200")).status == 200


@pytest.mark.rule("S10")
async def test_a_request_in_flight_survives_the_stop(lab: Lab, tmp_path: Path) -> None:
    """The stop waits for it; the process gets SIGTERM afterwards; new requests are told that it is stopping."""
    async with lab.up(drain_s=60.0) as up:
        await up.seen()
        running = asyncio.ensure_future(up.get("/hold/a"))
        await up.waits_at("a")
        stopping = asyncio.ensure_future(up.runtime.stop())
        await up.until(lambda: not (tmp_path / ".renga/runtime.json").exists(), "it is stopping")
        assert (await up.get("/look")).status == 503
        up.open("a")
        assert (await running).status == 200
        await stopping
        assert "SIGTERM with 0 in flight" in up.log()
        assert up.status().asleep


@pytest.mark.rule("S10")
async def test_the_stop_ends_in_time_whatever_the_functions_do(lab: Lab) -> None:
    """A function that works on and one that ignores SIGTERM are killed when the drain time is over."""
    async with lab.up(subject(env={"IGNORE_TERM": "1"}), drain_s=0.3) as up:
        pid = (await up.seen())["pid"]
        running = asyncio.ensure_future(up.get("/hold/a"))
        await up.waits_at("a")
        await asyncio.wait_for(up.runtime.stop(), 60)
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)
        await asyncio.gather(running, return_exceptions=True)


async def test_a_start_that_fails_leaves_nothing_behind(lab: Lab, tmp_path: Path) -> None:
    """After a failed start the port, the state directory and the processes are free again."""
    broken = subject("broken", env={"CRASH": "always"})
    for _ in range(2):
        with pytest.raises(Exception, match="default/broken did not start"):
            async with lab.up(subject(annotations={"min-scale": "1"}), broken, verify="all"):
                pass
    assert not (tmp_path / ".renga/runtime.json").exists()
    async with lab.up() as up:
        assert (await up.get("/status/200")).status == 200


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_kill_9_of_the_runtime_leaves_no_function_and_the_next_start_works(tmp_path: Path) -> None:
    """Functions die with the runtime; its lock and its log are free for the next one, which goes on with the work."""
    code = f"""
        import asyncio, sys
        sys.path.insert(0, {str(Path(__file__).parents[2] / "support")!r})
        from pathlib import Path
        from lab import Lab, subject
        async def main():
            async with Lab(Path({str(tmp_path)!r})).up(subject(annotations={{"min-scale": "1"}})) as up:
                print(up.status().replicas[0].pid, flush=True)
                await asyncio.sleep(600)
        asyncio.run(main())
    """
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as parent:
        assert parent.stdout is not None
        function = int(parent.stdout.readline())
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{function}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                break
        except (FileNotFoundError, ProcessLookupError):
            break
        time.sleep(0.02)
    else:
        pytest.fail(f"the function {function} outlived its runtime")
    asyncio.run(_start_again(tmp_path))


async def _start_again(folder: Path) -> None:
    async with Lab(folder).up() as up:
        assert (await up.get("/status/200")).status == 200


def test_idle_memory_is_bounded_and_the_heavy_libraries_stay_out(tmp_path: Path) -> None:
    """With every function at zero the runtime has no toolkit loaded and its resident memory is under 80 MB."""
    code = f"""
        import asyncio, sys
        sys.path.insert(0, {str(Path(__file__).parents[2] / "support")!r})
        from pathlib import Path
        from lab import Lab, subject
        async def main():
            async with Lab(Path({str(tmp_path)!r})).up(subject()) as up:
                heavy = {{"sqlglot", "sqlalchemy", "jinja2", "renga_schema"}} & set(sys.modules)
                # Not getrusage, whose peak begins with that of the process that started this one.
                print(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0], *heavy)
        asyncio.run(main())
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=100, check=True
    )
    kilobytes, *heavy = done.stdout.split()
    assert not heavy
    assert int(kilobytes) < 80_000


async def test_while_revisions_are_tried_out_callers_are_told_to_come_back(tmp_path: Path) -> None:
    """The port is bound first, so that functions can be told where it is; until the start is good it says 503."""
    closed = tmp_path / "closed"
    closed.touch()
    probe = {"readinessProbe": {"httpGet": {"path": "/ready"}, "periodSeconds": 0}}
    manifests = read(subject(env={"NOT_READY_WHILE": str(closed)}, container=probe))
    runtime = Runtime(Options(manifests, tmp_path, tmp_path / ".renga", port=0, verify="all", drain_s=1.0))
    client = Client()
    starting = asyncio.ensure_future(runtime.start())
    try:
        async with asyncio.timeout(60):
            while not runtime.url:  # noqa: ASYNC110 - it becomes known in the middle of the start
                await asyncio.sleep(0.01)
        answer = await client.request("GET", runtime.url + "/-/status")
        assert answer.status == 503
        assert answer.header("retry-after") == "1"
        closed.unlink()
        await starting
        assert (await client.request("GET", runtime.url + "/-/status")).status == 200
    finally:
        client.close()
        await runtime.stop()
