"""Replicas of a revision: concurrency, the queue, failing starts, scaling and drain."""

import asyncio
import os
import random
from collections import Counter
from functools import partial

import pytest

from lab import Lab, subject
from leaping import leap
from renga_dev.calls import ServiceName
from renga_dev.serving.autoscaler import TICK_S
from renga_dev.serving.process import Process
from renga_dev.serving.revision import ACTIVATOR_QUEUE

SUBJECT = ServiceName("default", "subject")
DIRECT = {"target-burst-capacity": "0"}
"""Without the activator before replicas that are ready."""


async def passing(seconds: float) -> None:
    """Let time pass, decision by decision."""
    end = asyncio.get_running_loop().time() + seconds
    while asyncio.get_running_loop().time() < end:
        leap(TICK_S)
        await asyncio.sleep(0.002)


@pytest.mark.rule("S5")
async def test_one_runs_ten_wait_and_the_twelfth_is_refused(lab: Lab) -> None:
    """With containerConcurrency 1 there is one in flight and a queue of ten; the next is a 503."""
    async with lab.up(subject(containerConcurrency=1, annotations={"max-scale": "1", **DIRECT})) as up:
        await up.seen()
        requests = [asyncio.ensure_future(up.get("/hold/a"))]
        await up.waits_at("a")
        requests += [asyncio.ensure_future(up.get("/sleep/0.01")) for _ in range(10)]
        await up.until(lambda: up.status().waiting == 10, "one runs and ten wait")
        twelfth = await up.get("/sleep/0")
        assert (twelfth.status, twelfth.body) == (503, b"pending request queue full")
        up.open("a")
        answers = await asyncio.gather(*requests)
        assert [(answer.status, answer.body) for answer in answers] == [(200, b"1")] * 11


@pytest.mark.rule("S5")
async def test_the_activator_takes_a_burst_that_replicas_have_no_room_for(lab: Lab) -> None:
    """As long as there is no room for target-burst-capacity more, what waits is as much as at zero."""
    async with lab.up(subject(containerConcurrency=1, annotations={"max-scale": "1"})) as up:
        await up.seen()
        answers = await asyncio.gather(*(up.get("/sleep/0.01") for _ in range(30)))
        assert Counter(answer.status for answer in answers) == {200: 30}


@pytest.mark.rule("S5")
async def test_the_activator_goes_once_there_is_room(lab: Lab) -> None:
    """It leaves with the first decision that sees the room: then the queue is that of the replicas."""
    annotations = {"max-scale": "1", "target-burst-capacity": "2"}
    async with lab.up(subject(containerConcurrency=4, annotations=annotations)) as up:
        revision = up.runtime.local.routes[SUBJECT].revision
        assert (await up.seen())["header"]["k-proxy-request"] == "activator"
        await up.until(lambda: not revision.activated, "it has left", leap_s=TICK_S)
        assert "k-proxy-request" not in (await up.seen())["header"]


@pytest.mark.rule("S5")
async def test_no_more_than_the_limit_are_in_flight_per_replica(lab: Lab) -> None:
    """ContainerConcurrency 3 lets three in."""
    async with lab.up(subject(containerConcurrency=3, annotations={"max-scale": "1"})) as up:
        answers = await asyncio.gather(*(up.get("/together/3/0.05") for _ in range(12)))
        assert {answer.status for answer in answers} == {200}
        assert max(int(answer.body) for answer in answers) == 3


@pytest.mark.rule("S5")
async def test_zero_is_no_limit(lab: Lab) -> None:
    """ContainerConcurrency 0 lets everything in."""
    async with lab.up(subject(containerConcurrency=0, annotations={"max-scale": "1"})) as up:
        await up.seen()
        answers = await asyncio.gather(*(up.get("/together/40/0") for _ in range(40)))
        assert max(int(answer.body) for answer in answers) == 40


@pytest.mark.rule("S5")
async def test_a_waiting_caller_who_leaves_gives_up_its_place(lab: Lab) -> None:
    """A place in the queue is free again when its caller hangs up, and the work is not done for nobody."""
    async with lab.up(subject(containerConcurrency=1, annotations={"max-scale": "1"})) as up:
        await up.seen()
        running = asyncio.ensure_future(up.get("/hold/a"))
        await up.waits_at("a")
        leaving = asyncio.ensure_future(up.get("/hold/b"))
        await up.until(lambda: up.status().waiting == 1, "one waits")
        leaving.cancel()
        await up.until(lambda: up.status().waiting == 0, "nobody waits")
        up.open("a")
        assert (await running).status == 200
        assert up.status().replicas[0].in_flight == 0
        assert "waits at b" not in up.log()


@pytest.mark.rule("S5")
async def test_what_waits_at_zero_has_a_limit_of_its_own(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """While nothing is ready the activator's queue holds the requests; one more than it takes is a 503."""
    assert ACTIVATOR_QUEUE == 10_000
    monkeypatch.setattr("renga_dev.serving.revision.ACTIVATOR_QUEUE", 30)
    closed = lab.folder / "closed"
    closed.touch()
    service = subject(
        containerConcurrency=1,
        env={"NOT_READY_WHILE": str(closed)},
        annotations={"max-scale": "1"},
        container={"readinessProbe": {"httpGet": {"path": "/ready"}, "periodSeconds": 0}},
    )
    async with lab.up(service) as up:
        requests = [asyncio.ensure_future(up.get("/status/200")) for _ in range(33)]
        await up.until(lambda: sum(request.done() for request in requests) == 3, "three are refused")
        assert up.status().waiting == 30
        closed.unlink()
        assert Counter(answer.status for answer in await asyncio.gather(*requests)) == {200: 30, 503: 3}


@pytest.mark.rule("S6")
async def test_load_brings_replicas_up_to_max_scale_and_they_share_it(lab: Lab) -> None:
    """Requests that wait make more replicas, no more than max-scale; when the load is gone all of them go."""
    annotations = {"max-scale": "3", "window": "6s"}
    async with lab.up(subject(containerConcurrency=1, annotations=annotations)) as up:
        requests = [asyncio.ensure_future(up.get("/hold/a")) for _ in range(8)]
        await up.waits_at("a")
        assert up.status().waiting == 7
        leap(TICK_S)
        await up.waits_at("a", 3)
        await passing(2 * TICK_S)
        assert [replica.in_flight for replica in up.status().replicas] == [1, 1, 1]
        up.open("a")
        answers = await asyncio.gather(*requests)
        assert {answer.status for answer in answers} == {200}
        assert len({answer.header("pid") for answer in answers}) == 3
        await up.until(lambda: up.status().asleep, "all of them sleep", leap_s=TICK_S)
        assert up.heard.of("slept") == ["subject"]


@pytest.mark.rule("S6")
async def test_activation_scale_starts_several_at_once(lab: Lab) -> None:
    """The first request starts as many replicas as activation-scale says."""
    async with lab.up(subject(annotations={"activation-scale": "2", "max-scale": "4"})) as up:
        await up.seen()
        await up.until(lambda: sum(found.ready for found in up.status().replicas) == 2, "two are ready")


@pytest.mark.rule("S7")
async def test_a_quiet_window_ends_at_zero_and_a_request_wakes_it_again(lab: Lab) -> None:
    """After the stable window without traffic nothing runs; the next request is a cold start."""
    async with lab.up(subject(annotations={"window": "20s"})) as up:
        first = await up.seen()
        await up.until(lambda: up.status().asleep, "it sleeps", leap_s=TICK_S)
        with pytest.raises(ProcessLookupError):
            os.kill(first["pid"], 0)
        assert (await up.seen())["pid"] != first["pid"]
        assert up.status().cold_starts == 2
        assert up.heard.of("slept") == ["subject"]


@pytest.mark.rule("S7")
async def test_traffic_keeps_it_awake(lab: Lab) -> None:
    """Requests closer together than the window find the same process; a long request counts as traffic."""
    async with lab.up(subject(annotations={"window": "60s"})) as up:
        pids = set()
        for _ in range(8):
            pids.add((await up.seen())["pid"])
            await passing(30)
        running = asyncio.ensure_future(up.get("/hold/a"))
        await up.waits_at("a")
        await passing(90)
        up.open("a")
        assert (await running).status == 200
        pids.add((await up.seen())["pid"])
        assert len(pids) == 1
        assert up.heard.of("slept") == []


@pytest.mark.rule("S7")
async def test_the_retention_period_is_added_to_the_window(lab: Lab) -> None:
    """scale-to-zero-pod-retention-period keeps the last replica for longer."""
    annotations = {"window": "6s", "scale-to-zero-pod-retention-period": "60s"}
    async with lab.up(subject(annotations=annotations)) as up:
        await up.seen()
        await passing(30)
        assert up.heard.of("slept") == []
        await up.until(lambda: up.status().asleep, "it sleeps in the end", leap_s=TICK_S)


@pytest.mark.rule("S7")
async def test_min_scale_never_sleeps_and_is_replaced_when_it_dies(lab: Lab) -> None:
    """min-scale starts with the runtime, stays through the window, and comes back after a crash."""
    async with lab.up(subject(annotations={"window": "6s", "min-scale": "1"})) as up:
        pid = up.status().replicas[0].pid
        await passing(16)
        assert [(found.pid, found.draining) for found in up.status().replicas] == [(pid, False)]
        up.runtime.local.routes[SUBJECT].revision.replicas[0].process.kill()
        await up.until(lambda: not up.status().replicas, "it is gone")
        leap(TICK_S)
        await up.until(lambda: any(found.ready for found in up.status().replicas), "another takes its place")
        assert up.status().replicas[0].pid != pid


async def test_an_idle_runtime_does_nothing(lab: Lab) -> None:
    """With everything at zero no task runs and no timer is set, so no CPU is used."""
    async with lab.up(subject(annotations={"window": "6s"})) as up:
        await up.seen()
        await up.until(lambda: up.status().asleep, "it sleeps", leap_s=TICK_S)
        revision = up.runtime.local.routes[SUBJECT].revision
        await up.until(lambda: not (revision._growing or revision._shrinking), "the ticking and the stopping end")


@pytest.mark.rule("S10")
async def test_what_is_in_flight_ends_before_the_process_is_told_to(lab: Lab) -> None:
    """A drained replica gets no new request and its SIGTERM only when its last one is answered."""
    async with lab.up() as up:
        await up.seen()
        revision = up.runtime.local.routes[SUBJECT].revision
        running = asyncio.ensure_future(up.get("/hold/a"))
        await up.waits_at("a")
        old = revision.replicas[0]
        revision._retire(old)
        assert (await up.seen())["pid"] != old.process.pid
        assert "SIGTERM" not in up.log()
        up.open("a")
        assert (await running).status == 200
        await up.until(old.process.exited.done, "it ends")
        assert "SIGTERM with 0 in flight" in up.log()
        assert "ended in order" in up.log()


@pytest.mark.rule("S10")
async def test_a_process_that_ignores_sigterm_is_killed_at_the_timeout(lab: Lab) -> None:
    """TimeoutSeconds is the grace; then comes SIGKILL."""
    async with lab.up(subject(env={"IGNORE_TERM": "1"}, timeoutSeconds=60)) as up:
        await up.seen()
        revision = up.runtime.local.routes[SUBJECT].revision
        process = revision.replicas[0].process
        revision._retire(revision.replicas[0])
        await up.until(lambda: "SIGTERM" in up.log(), "it is asked to end")
        assert process.alive
        leap(60)
        assert await process.exited == -9


async def test_a_start_that_fails_answers_the_held_with_its_last_words(lab: Lab) -> None:
    """The 503 says what happened in at most 768 bytes, and the observer gets the log."""
    async with lab.up(subject(env={"CRASH": "always"})) as up:
        answers = await asyncio.gather(*(up.get("/look") for _ in range(3)))
        for answer in answers:
            assert answer.status == 503
            assert b"default/subject did not start: It exited with code 7 before it was ready." in answer.body
            assert b"no module named 'nonsense'" in answer.body
            assert len(answer.body) <= 768
        assert up.status().asleep
        assert "no module named 'nonsense'" in (up.status().last_error or "")


async def test_after_a_failed_start_another_is_tried(lab: Lab) -> None:
    """The next request starts it again after a short pause, held meanwhile; a repaired function serves it."""
    crash = lab.folder / "crash"
    crash.touch()
    async with lab.up(subject(env={"CRASH": str(crash)})) as up:
        assert (await up.get("/look")).status == 503
        crash.unlink()
        assert (await up.get("/look")).status == 200
        assert up.status().last_error is None


async def test_a_program_that_is_not_there_is_a_start_that_fails(lab: Lab) -> None:
    """A wrong command is named with its folder."""
    async with lab.up(subject(container={"command": ["/no/such/program"]})) as up:
        answer = await up.get("/look")
        assert answer.status == 503
        assert b"`/no/such/program` could not be run in" in answer.body


@pytest.mark.usefixtures("dying_slowly")
async def test_kills_at_random_moments_lose_no_turn_and_leave_nothing_waiting(lab: Lab) -> None:
    """Every request gets an answer, only broken ones fail, and afterwards all turns and places are free."""
    chance = random.Random(7)  # noqa: S311 - the same moments in every run
    statuses: Counter[int] = Counter()
    annotations = {"max-scale": "2"}
    async with lab.up(subject(containerConcurrency=2, annotations=annotations), speed=10) as up:
        revision = up.runtime.local.routes[SUBJECT].revision
        killed: list[Process] = []

        async def ask() -> None:
            while statuses[200] < 200 or len(killed) <= 10:
                statuses[(await up.get("/sleep/0.01")).status] += 1
                ready = [replica for replica in revision.replicas if replica.ready]
                if ready and statuses[200] >= 15 * (len(killed) + 1):
                    victim = chance.choice(ready).process
                    killed.append(victim)
                    await asyncio.sleep(chance.uniform(0, 0.02))
                    victim.kill()

        await asyncio.gather(*(ask() for _ in range(8)))
        assert set(statuses) <= {200, 502}
        assert statuses[502] <= 2 * len(killed)
        # A process that has yet to die would take the next request with it.
        await asyncio.gather(*(process.exited for process in killed))
        assert (await up.get("/status/200")).status == 200
        assert up.status().waiting == 0
        assert revision._meter.level == 0
        assert all(replica.in_flight == 0 for replica in revision.replicas)


async def test_reloads_under_load_break_no_request(lab: Lab) -> None:
    """Each request is answered by one of the revisions, whichever was serving."""
    async with lab.up(subject(containerConcurrency=2, annotations={"max-scale": "2"}), speed=10) as up:
        names = [f"subject-0000{number}" for number in range(1, 5)]
        revisions: Counter[str] = Counter()

        async def ask() -> None:
            while names[-1] not in revisions:
                revisions[(await up.seen())["env"]["K_REVISION"]] += 1

        async def reload() -> None:
            for name in names[:-1]:
                await up.until(partial(revisions.__contains__, name), f"{name} has answered")
                await up.runtime.local.routes[SUBJECT].reload()

        await asyncio.gather(reload(), *(ask() for _ in range(6)))
        assert sorted(revisions) == names
        assert up.status().revision == names[-1]
