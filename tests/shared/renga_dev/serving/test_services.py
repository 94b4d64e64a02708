"""All services together: what must start before a runtime is good, and what it says about itself."""

from pathlib import Path

import pytest

from lab import HOST, Lab, subject
from renga_dev.manifests import InvalidManifests
from renga_dev.serving.services import RevisionsFailed


@pytest.mark.rule("S4")
async def test_a_revision_that_does_not_start_fails_the_start_of_the_runtime(lab: Lab) -> None:
    """Every broken revision is named with its own log; the good ones do not hide it."""
    objects = [
        subject("good"),
        subject("broken", env={"CRASH": "always"}),
        subject("gone", container={"command": ["/x"]}),
    ]
    with pytest.raises(RevisionsFailed) as failed:
        async with lab.up(*objects, verify="new"):
            pass
    assert [failure.service for failure in failed.value.failures] == ["default/broken", "default/gone"]
    assert "default/broken did not start: It exited with code 7 before it was ready." in str(failed.value)
    assert "    Traceback: no module named 'nonsense'" in str(failed.value)


@pytest.mark.rule("S4")
async def test_a_new_revision_is_tried_once_and_sleeps_at_once(lab: Lab, tmp_path: Path) -> None:
    """What was ready before and did not change is not started again; a changed folder or recipe is."""
    folder = tmp_path / "functions/a/b"
    folder.mkdir(parents=True)
    (folder / "main.py").write_text("one")
    service = subject(function="a/b")

    def starts() -> int:
        return (tmp_path / ".renga/logs/subject.log").read_text().count("starting")

    async with lab.up(service, verify="new") as up:
        assert up.status().asleep
        assert starts() == 1
    async with lab.up(service, verify="new"):
        assert starts() == 1
    async with lab.up(service, verify="all"):
        assert starts() == 2
    (folder / "main.py").write_text("another")
    async with lab.up(service, verify="new"):
        assert starts() == 3
    async with lab.up(subject(function="a/b", env={"GREETING": "x"}), verify="new"):
        assert starts() == 4


async def test_what_takes_its_time_is_not_tried(lab: Lab) -> None:
    """A startup probe says that a start is long: the runtime does not wait for it, and the first request does."""
    slow = subject(container={"startupProbe": {"httpGet": {"path": "/"}, "periodSeconds": 2}})
    async with lab.up(slow, verify="new") as up:
        assert up.heard.of("woke") == []
        assert (await up.get("/")).status == 200


async def test_a_failed_trial_is_repeated_at_the_next_start(lab: Lab, tmp_path: Path) -> None:
    """Only success is remembered."""
    crash = tmp_path / "crash"
    crash.touch()
    service = subject(env={"CRASH": str(crash)})
    for _ in range(2):
        with pytest.raises(RevisionsFailed):
            async with lab.up(service, verify="new"):
                pass
    crash.unlink()
    async with lab.up(service, verify="new") as up:
        assert up.heard.of("ready") == ["subject"]


async def test_what_cannot_be_run_here_is_named_before_anything_starts(lab: Lab) -> None:
    """A Service without folder or command, and a sink without an address, are faults with their place."""
    unrunnable = subject("image-only")
    del unrunnable["spec"]["template"]["spec"]["containers"][0]["command"]
    lost = subject("lost", function="no/such")
    del lost["spec"]["template"]["spec"]["containers"][0]["command"]
    binding = {
        "apiVersion": "sources.knative.dev/v1",
        "kind": "SinkBinding",
        "metadata": {"name": "nowhere"},
        "spec": {
            "subject": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "lost"},
            "sink": {"ref": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "image-only"}},
        },
    }
    with pytest.raises(InvalidManifests) as invalid:
        async with lab.up(unrunnable, lost, subject("a", function="x/y"), subject("b", function="x/y"), binding):
            pass
    said = str(invalid.value)
    assert "Service default/image-only: metadata.annotations[renga.dev/function]: is missing" in said
    assert "functions/no/such, which is no folder" in said
    assert "Service default/b: metadata.annotations[renga.dev/function]: names x/y, which is the path of" in said
    assert "SinkBinding default/nowhere: spec.sink: has no address" in said


async def test_the_status_says_how_each_service_stands(lab: Lab) -> None:
    """Revision, processes, requests and errors; the capacity follows the ready replicas."""
    async with lab.up(subject(containerConcurrency=5), subject("other", env={"CRASH": "always"})) as up:
        name = up.status().name
        assert up.runtime.local.capacity(name) == 5
        seen = await up.seen()
        assert (await up.get("/look", host=HOST.replace("subject", "other"))).status == 503
        status = up.status()
        assert (status.revision, status.cold_starts, status.waiting) == ("subject-00001", 1, 0)
        assert [(found.pid, found.in_flight, found.ready) for found in status.replicas] == [(seen["pid"], 0, True)]
        assert "exited with code 7" in (up.status("other").last_error or "")
