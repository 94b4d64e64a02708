"""Requests on their way to a process: headers, activation, timeouts and what breaks on the way."""

import asyncio
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from lab import Lab, subject
from leaping import leap
from renga.http.client import Interrupted
from renga_dev.calls import Request, ServiceName
from renga_dev.serving.replica import Replica

SUBJECT = ServiceName("default", "subject")
READY = {"httpGet": {"path": "/ready"}, "periodSeconds": 0}
DIRECT = {"target-burst-capacity": "0"}
"""Without the activator before replicas that are ready."""


@pytest.mark.rule("S2")
async def test_headers_say_how_the_request_came(lab: Lab) -> None:
    """Host is kept, the forwarding headers are set, and only a held request says that an activator held it."""
    async with lab.up(subject(annotations=DIRECT)) as up:
        cold = dict((await up.seen(headers=[("k-proxy-request", "forged")]))["headers"])
        warm = dict((await up.seen(headers=[("k-proxy-request", "forged")]))["headers"])
        assert cold["host"] == warm["host"] == "subject.default.localhost"
        assert warm["x-forwarded-for"] == "127.0.0.1"
        assert warm["x-forwarded-proto"] == "http"
        assert warm["forwarded"] == "for=127.0.0.1;proto=http"
        assert cold["k-proxy-request"] == "activator"
        assert "k-proxy-request" not in warm


@pytest.mark.rule("S2")
async def test_forwarding_headers_are_continued(lab: Lab) -> None:
    """What an earlier proxy said is kept, and this hop is added to it."""
    async with lab.up() as up:
        given = [("x-forwarded-for", "2001:db8::1, 10.0.0.1"), ("x-forwarded-proto", "https"), ("te", "trailers")]
        headers = dict((await up.seen(headers=given))["headers"])
        assert headers["x-forwarded-for"] == "2001:db8::1, 10.0.0.1, 127.0.0.1"
        assert headers["x-forwarded-proto"] == "https"
        assert headers["forwarded"] == 'for="[2001:db8::1]";proto=https, for=10.0.0.1, for=127.0.0.1'
        assert "te" not in headers


@pytest.mark.rule("S2")
async def test_a_call_from_eventing_has_the_cluster_address_as_its_host(lab: Lab) -> None:
    """Where the caller names no host, the function sees the one it has in a cluster."""
    async with lab.up() as up:
        answer = await up.runtime.local.call(SUBJECT, Request("POST", "/look?x=1", [("ce-id", "1")], b"abc"))
        assert answer.status == 200
        assert b'["host", "subject.default.svc.cluster.local"]' in answer.body
        assert b'"query": "x=1"' in answer.body
        assert b'"body": 3' in answer.body


@pytest.mark.rule("S8")
async def test_requests_at_zero_are_held_until_a_process_is_ready(lab: Lab) -> None:
    """Nothing runs before the first request; many first requests wait for one start and all succeed."""
    async with lab.up(subject(env={"START_DELAY": "0.3"})) as up:
        assert up.status().asleep
        answers = await asyncio.gather(*(up.seen() for _ in range(20)))
        assert len({answer["pid"] for answer in answers}) == 1
        assert up.heard.of("woke") == ["subject"]
        assert up.heard.of("ready") == ["subject"]
        assert up.status().cold_starts == 1


@pytest.mark.rule("S8")
async def test_a_start_slower_than_the_timeout_is_a_504_of_the_activator(lab: Lab) -> None:
    """The held time counts against timeoutSeconds."""
    async with lab.up(subject(env={"NEVER_LISTEN": "1"}, timeoutSeconds=60)) as up:
        held = asyncio.ensure_future(up.get("/look"))
        await up.until(lambda: up.status().waiting == 1, "it is held")
        leap(60)
        assert ((await held).status, (await held).body) == (504, b"activator request timeout")
        assert up.status().waiting == 0


@pytest.mark.rule("S8")
async def test_a_held_request_has_one_clock_for_the_start_and_the_work(lab: Lab, tmp_path: Path) -> None:
    """A request that was held and then takes too long is cut by the activator's clock, which started first."""
    closed = tmp_path / "closed"
    closed.touch()
    env, probe = {"NOT_READY_WHILE": str(closed)}, {"readinessProbe": READY}
    async with lab.up(subject(env=env, container=probe, timeoutSeconds=60, annotations=DIRECT)) as up:
        held = asyncio.ensure_future(up.get("/hold/a"))
        await up.until(lambda: up.status().waiting == 1, "it is held")
        leap(40)
        closed.unlink()
        await up.waits_at("a")
        leap(40)
        assert ((await held).status, (await held).body) == (504, b"activator request timeout")
        warm = asyncio.ensure_future(up.get("/hold/b"))
        await up.waits_at("b")
        leap(40)
        up.open("b")
        assert (await warm).status == 200


CLOCKS: list[dict[str, int]] = [
    {"timeoutSeconds": 60},
    {"timeoutSeconds": 300, "responseStartTimeoutSeconds": 60},
    {"timeoutSeconds": 300, "idleTimeoutSeconds": 60},
]
"""Each is a minute until an answer begins."""


@pytest.mark.rule("S9")
@pytest.mark.parametrize("pod", CLOCKS)
async def test_a_clock_that_runs_out_before_the_answer_begins(lab: Lab, pod: dict[str, int]) -> None:
    """It makes a 504; until then it makes none."""
    async with lab.up(subject(pod=pod, annotations=DIRECT)) as up:
        await up.runtime.local.routes[SUBJECT].revision.start_one()
        for seconds, status, body in ((30, 200, b"1"), (60, 504, b"request timeout")):
            gate = f"after-{seconds}"
            asked = asyncio.ensure_future(up.get(f"/hold/{gate}"))
            await up.waits_at(gate)
            leap(seconds)
            if status == 200:
                up.open(gate)
            assert ((await asked).status, (await asked).body) == (status, body)
            await up.until(lambda: up.status().replicas[0].in_flight == 0, "the turn is given back")


@pytest.mark.rule("S9")
@pytest.mark.parametrize(("pod", "pause"), [*zip(CLOCKS, (90, 90, 40), strict=True)])
async def test_an_answer_that_began_in_time(lab: Lab, pod: dict[str, int], pause: int) -> None:
    """Of the clocks only the idle one runs on, and begins anew with each part; all of it may take longer."""
    async with lab.up(subject(pod=pod, annotations=DIRECT)) as up:
        await up.runtime.local.routes[SUBJECT].revision.start_one()
        answer = await up.client.stream(
            "GET", up.runtime.url + "/parts/a/b", headers=[("host", "subject.default.localhost")]
        )
        parts = answer.chunks()
        assert (answer.status, await anext(parts)) == (200, b"0")
        for gate, part in (("a", b"1"), ("b", b"2")):
            leap(pause)
            up.open(gate)
            assert await anext(parts) == part
        assert await answer.read() == b""
        await up.until(lambda: up.status().replicas[0].in_flight == 0, "the turn is given back")


@pytest.mark.rule("S9")
async def test_an_answer_that_pauses_too_long_is_cut_and_not_changed(lab: Lab) -> None:
    """After its first byte an answer keeps its status; when the idle clock runs out it ends without its end."""
    async with lab.up(subject(pod={"timeoutSeconds": 300, "idleTimeoutSeconds": 60})) as up:
        await up.runtime.local.routes[SUBJECT].revision.start_one()
        answer = await up.client.stream(
            "GET", up.runtime.url + "/parts/a", headers=[("host", "subject.default.localhost")]
        )
        parts = answer.chunks()
        assert (answer.status, await anext(parts)) == (200, b"0")
        leap(60)
        with pytest.raises(Interrupted):
            await anext(parts)
        answer.close()
        await up.until(lambda: "the reader left" in up.log(), "the function learns that nobody listens")


@pytest.mark.usefixtures("dying_slowly")
async def test_a_process_that_dies_in_a_call_interrupts_it_and_the_next_call_wakes_another(lab: Lab) -> None:
    """Eventing is told by an exception, an HTTP caller by a 502 with a sentence; both can come again."""
    async with lab.up() as up:
        first = await up.seen()
        with pytest.raises(Interrupted):
            await up.runtime.local.call(SUBJECT, Request("POST", "/die", [("ce-id", "1")]))
        answer = await up.get("/die")
        assert answer.status == 502
        assert b"default/subject went away before it answered" in answer.body
        assert (await up.seen())["pid"] != first["pid"]
        assert any("It exited with code 3." in said for said in up.heard.of("failed"))


async def test_a_process_that_dies_between_calls_is_not_called_again(lab: Lab) -> None:
    """Kill -9 of an idle replica costs the next caller a start, not an error."""
    async with lab.up() as up:
        for _ in range(3):
            pid = (await up.seen())["pid"]
            process = up.runtime.local.routes[SUBJECT].revision.replicas[0].process
            process.kill()
            await process.exited
            assert (await up.seen())["pid"] != pid


@pytest.mark.usefixtures("dying_slowly")
async def test_an_answer_broken_in_its_middle_is_broken_for_the_caller_too(lab: Lab) -> None:
    """A truncated answer is never passed on as a whole one."""
    async with lab.up() as up:
        with pytest.raises(Interrupted):
            await up.get("/half/0.05")
        with pytest.raises(Interrupted):
            await up.runtime.local.call(SUBJECT, Request("GET", "/half/0.05", []))


async def test_a_replica_outlives_answers_that_broke_at_once(lab: Lab) -> None:
    """Two connections to a living process break together: the next caller is answered, by the same process."""
    async with lab.up() as up:
        first = await up.seen()
        broken = await asyncio.gather(*(up.get("/cut/0.05") for _ in range(2)), return_exceptions=True)
        assert [type(error) for error in broken] == [Interrupted, Interrupted]
        assert (await up.seen())["pid"] == first["pid"]


async def test_a_replica_outlives_a_caller_who_left_while_it_was_in_doubt(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A caller who hangs up while nobody knows whether the process has ended does not take it from the others."""
    monkeypatch.setattr("renga_dev.serving.revision._LAST_MOMENTS_S", 600.0)
    async with lab.up() as up:
        first = await up.seen()
        (replica,) = up.runtime.local.routes[SUBJECT].revision.replicas
        asking = asyncio.ensure_future(up.runtime.local.call(SUBJECT, Request("GET", "/cut/0.05", [])))
        await up.until(lambda: not replica.accepts, "it is in doubt")
        asking.cancel()
        assert (await up.seen())["pid"] == first["pid"]


SILENT = """
import os, time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/silent":
            while not os.path.exists(os.environ["LEAVE_AT"]):
                time.sleep(0.01)
            return
        self.send_response(204)
        self.end_headers()

ThreadingHTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""
"""Hangs up on `/silent` without a word, once a file is there; and lives on."""


async def test_a_turn_that_broke_is_not_passed_on_while_the_replica_is_in_doubt(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who waits for it gets it when it is known that the process lives, not on a process that may be dying."""
    leave = tmp_path / "leave"
    service = subject(
        containerConcurrency=1,
        env={"LEAVE_AT": str(leave)},
        annotations={"max-scale": "1"},
        container={"command": [sys.executable, "-c", SILENT]},
    )
    async with lab.up(service) as up:
        revision = up.runtime.local.routes[SUBJECT].revision
        is_gone = revision.is_gone
        waiting: list[int] = []

        async def asked(replica: Replica) -> bool:
            waiting.append(revision.waiting)
            return await is_gone(replica)

        monkeypatch.setattr(revision, "is_gone", asked)
        broken = asyncio.ensure_future(up.get("/silent"))
        await up.until(lambda: up.status().replicas and up.status().replicas[0].in_flight == 1, "one runs")
        held = asyncio.ensure_future(up.get("/"))
        await up.until(lambda: up.status().waiting == 1, "one waits")
        leave.touch()
        assert ((await broken).status, (await held).status) == (502, 204)
        assert waiting == [1]


async def test_an_unknown_service_is_a_key_error(lab: Lab) -> None:
    """Eventing finds out at once when it calls what is not there."""
    async with lab.up() as up:
        with pytest.raises(KeyError):
            await up.runtime.local.call(ServiceName("default", "nobody"), Request("GET", "/", []))


async def test_reload_switches_when_the_new_revision_is_ready_and_drains_the_old(lab: Lab, tmp_path: Path) -> None:
    """A running request ends on the old code; the next runs on the new revision, which counts up."""
    (tmp_path / "functions/a/b").mkdir(parents=True)
    async with lab.up(subject(function="a/b")) as up:
        route = up.runtime.local.routes[SUBJECT]
        old = await up.seen()
        running = asyncio.ensure_future(up.get("/hold/a"))
        await up.waits_at("a")
        await route.reload()
        new = await up.seen()
        up.open("a")
        assert (await running).status == 200
        assert (old["env"]["K_REVISION"], new["env"]["K_REVISION"]) == ("subject-00001", "subject-00002")
        assert up.heard.of("reloaded") == ["subject-00002"]
        await up.until(lambda: [found.pid for found in up.status().replicas] == [new["pid"]], "the old one is gone")


async def test_requests_held_by_a_revision_that_is_superseded_are_answered_by_the_new_one(lab: Lab) -> None:
    """Who waits for the old revision's start does not lose its turn."""
    async with lab.up(subject(env={"START_DELAY": "60"})) as up:
        held = [asyncio.ensure_future(up.seen()) for _ in range(5)]
        await up.until(lambda: up.status().waiting == 5, "five are held")
        route = up.runtime.local.routes[SUBJECT]
        route.workload = replace(route.workload, env={**route.workload.env, "START_DELAY": "0"})
        await route.reload()
        answers = await asyncio.gather(*held)
        assert {answer["env"]["K_REVISION"] for answer in answers} == {"subject-00002"}


async def test_a_new_revision_that_does_not_start_leaves_the_old_one_serving(lab: Lab, tmp_path: Path) -> None:
    """Saving a broken file does not take a running function down; its error is shown."""
    (tmp_path / "functions/a/b").mkdir(parents=True)
    crash = tmp_path / "functions/a/b/crash"
    async with lab.up(subject(function="a/b", env={"CRASH": str(crash)}), reload=True) as up:
        old = await up.seen()
        crash.touch()
        await up.until(lambda: up.heard.of("failed"), "the broken revision is told of")
        assert "no module named 'nonsense'" in up.heard.of("failed")[0]
        assert (await up.seen())["pid"] == old["pid"]
        assert "no module named 'nonsense'" in (up.status().last_error or "")
        crash.unlink()
        await up.until(lambda: up.heard.of("reloaded"), "the repaired revision takes over")
        assert (await up.seen())["pid"] != old["pid"]
