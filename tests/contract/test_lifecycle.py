"""Rules about a whole runtime's start, end and death: S4, S10 and D11."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from contract.playing import PATIENCE_S, request
from contract.receiver import Answer, Receiver, receiving
from contract.rows import Profile, Row, ServingRow
from laptop import Laptop

HEADERS = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/contract", "ce-type": "asked.v1"}


def up(tmp_path: Path, objects: list[Any], *options: str) -> Laptop:
    """A runtime of these manifests, over the state directory of this test."""
    path = tmp_path / "manifests.yaml"
    path.write_text("\n---\n".join(json.dumps(item) for item in objects))
    return Laptop(tmp_path / "state").up("-f", str(path), *options)


def service(name: str, workload: dict[str, Any], **env: str) -> dict[str, Any]:
    """A Service of the workload."""
    found: dict[str, Any] = ServingRow(id=name, rule="", says="", env=env, calls=[]).manifest("default", workload)
    return found


@pytest.mark.rule("S4")
def test_a_revision_that_never_becomes_ready(tmp_path: Path, workload: dict[str, Any]) -> None:
    """A container that ends at once fails the start, with its name and its last words."""
    with pytest.raises(RuntimeError, match=r"(?s)broken.*no module named 'nonsense'"):
        up(tmp_path, [service("broken", workload, CRASH="always")])


@pytest.mark.rule("S4")
def test_a_revision_becomes_ready_once(tmp_path: Path, workload: dict[str, Any]) -> None:
    """Every revision is started once before the runtime is up, and then sleeps."""
    laptop = up(tmp_path, [service("sound", workload)])
    try:
        _, status = laptop.get("/-/status")
        assert status["services"][0]["replicas"] == []
        assert "starting" in (tmp_path / "state" / "logs" / "sound.log").read_text()
    finally:
        assert laptop.down() == 0


@pytest.mark.rule("S10")
def test_what_is_in_flight_survives_the_stop(tmp_path: Path, workload: dict[str, Any]) -> None:
    """A request in flight is answered, and only then is its process asked to end."""
    laptop = up(tmp_path, [service("slow", workload)], "--no-verify")
    host = {"host": "slow.default.localhost"}
    assert request(laptop.url, "GET", "/look", host, b"").status == 200
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(request, laptop.url, "GET", "/sleep/2", host, b"")
        deadline = time.monotonic() + PATIENCE_S
        while not laptop.get("/-/status")[1]["services"][0]["replicas"][0]["in_flight"]:
            assert time.monotonic() < deadline, "the request does not arrive"
            if answer.done():
                # It came and went while nobody looked.
                answer = pool.submit(request, laptop.url, "GET", "/sleep/2", host, b"")
            time.sleep(0.02)
        assert laptop.down() == 0
        assert answer.result().status == 200
    log = (tmp_path / "state" / "logs" / "slow.log").read_text()
    assert "SIGTERM with 0 in flight" in log
    assert "ended in order" in log


@pytest.mark.rule("D11")
@pytest.mark.parametrize("profile", ["mt", "kafka"])
def test_killed_in_the_middle(tmp_path: Path, workload: dict[str, Any], profile: Profile) -> None:
    """An event that was accepted is delivered again after the runtime was killed while delivering it."""
    row = Row(id="d11", rule="D11", says="", annotations={"messaging.knative.dev/async-handler": "true"})
    with receiving() as receiver:
        receiver.script("d11/handler", (Answer(delay_s=30), Answer()))
        objects = [service("idle", workload), *row.manifests("default", receiver.url)]
        laptop = up(tmp_path, objects, "--no-verify", "--profile", profile)
        assert request(laptop.url, "POST", "/default/d11", HEADERS, b"").status == 202
        await_times(receiver, 1)
        laptop.kill()
        laptop = up(tmp_path, objects, "--no-verify", "--profile", profile)
        try:
            await_times(receiver, 2)
            assert [each.headers["ce-id"] for each in receiver.heard("d11/handler")] == ["1", "1"]
        finally:
            assert laptop.down() == 0


def await_times(receiver: Receiver, times: int) -> None:
    """Wait until the handler was called so often."""
    deadline = time.monotonic() + PATIENCE_S
    while len(receiver.heard("d11/handler")) < times:
        assert time.monotonic() < deadline, f"heard {receiver.heard('d11/handler')}"
        time.sleep(0.02)
