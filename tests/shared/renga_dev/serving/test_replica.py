"""When a replica is ready."""

import asyncio
from pathlib import Path

import pytest

from lab import Lab, subject
from renga_dev.calls import ServiceName
from renga_dev.serving.ports import Port
from renga_dev.serving.replica import Replica
from renga_dev.serving.revision import Revision

READY = {"httpGet": {"path": "/ready"}, "periodSeconds": 0}


@pytest.mark.rule("S3")
async def test_without_a_probe_a_connection_is_enough(lab: Lab) -> None:
    """The default probe is TCP on PORT."""
    async with lab.up() as up:
        assert (await up.get("/status/200")).status == 200


@pytest.mark.rule("S3")
async def test_an_http_probe_must_succeed_before_the_first_request_goes_there(lab: Lab, tmp_path: Path) -> None:
    """A process that listens but answers its probe with 503 is not ready; it is asked again and again."""
    closed = tmp_path / "closed"
    closed.touch()
    service = subject(env={"NOT_READY_WHILE": str(closed)}, container={"readinessProbe": READY})
    async with lab.up(service) as up:
        request = asyncio.ensure_future(up.get("/status/200"))
        await up.until(lambda: up.log().count("not ready") > 2, "it is asked again and again")
        assert not request.done()
        assert [found.ready for found in up.status().replicas] == [False]
        closed.unlink()
        assert (await request).status == 200


@pytest.mark.rule("S4")
async def test_a_process_that_never_gets_ready_fails_at_the_progress_deadline(lab: Lab) -> None:
    """The failure names the probe, the port and the time."""
    async with lab.up(subject(env={"NEVER_LISTEN": "1"})) as up:
        revision = up.runtime.local.routes[ServiceName("default", "subject")].revision
        replica = await _launched(revision)
        with pytest.raises(Exception, match=r"a connection on its port \d+ \(PORT\) did not succeed within 0.3 s"):
            await replica.wait_ready(revision.spec.container.readiness, 0.3)
        await replica.stop(0)


async def _launched(revision: Revision) -> Replica:
    port = Port()
    command = revision.workload.command(port.number, revision.name)
    return Replica.start(revision.spec.name, port, command, Path("/dev/null"))
