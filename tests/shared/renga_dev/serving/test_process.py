"""Child processes: their surroundings, their end, and that none outlives the runtime."""

import asyncio
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from lab import Lab, subject
from renga_dev.serving.process import Command, Process


@pytest.mark.rule("S1")
async def test_the_environment_of_a_container(lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """PORT, K_SERVICE, K_CONFIGURATION and K_REVISION are set, stdin is at its end, and nothing of ours leaks in."""
    monkeypatch.setenv("K_LEAK", "from outside")
    monkeypatch.setenv("PORT", "1")
    (tmp_path / "functions/a/b").mkdir(parents=True)
    objects = [
        subject(function="a/b", env={"GREETING": "hello", "FUNCTION_TARGET": "handle"}),
        {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "metadata": {"name": "default"}},
        {
            "apiVersion": "sources.knative.dev/v1",
            "kind": "SinkBinding",
            "metadata": {"name": "binding"},
            "spec": {
                "subject": {"apiVersion": "serving.knative.dev/v1", "kind": "Service", "name": "subject"},
                "sink": {"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default"}},
                "ceOverrides": {"extensions": {"tenant": "acme"}},
            },
        },
    ]
    async with lab.up(*objects) as up:
        seen = await up.seen()
        env = seen["env"]
        assert env.pop("PORT") == str(up.status().replicas[0].port)
        assert env == {
            "HOST": "127.0.0.1",
            "K_SERVICE": "subject",
            "K_CONFIGURATION": "subject",
            "K_REVISION": "subject-00001",
            "K_SINK": f"{up.runtime.url}/default/default",
            "K_CE_OVERRIDES": '{"extensions": {"tenant": "acme"}}',
            "FUNCTION_TARGET": "handle",
            "FUNCTION_SOURCE": "main.py",
            "RENGA_STATE_DIR": str(tmp_path / ".renga/state"),
            "GREETING": "hello",
        }
        assert seen["stdin"] == ""
        assert seen["cwd"] == str(tmp_path / "functions/a/b")
        assert seen["session"] == seen["pid"] != os.getsid(0)
        assert "starting" in up.log()


def command(tmp_path: Path, code: str) -> Command:
    """A Python program."""
    return Command((sys.executable, "-c", textwrap.dedent(code)), tmp_path, dict(os.environ))


async def test_the_end_of_a_process_is_seen_at_once_with_its_last_lines(tmp_path: Path) -> None:
    """The exit code and the end of the output are there; the output of an earlier process in the same file is not."""
    log = tmp_path / "x.log"
    await Process(command(tmp_path, "print('before')"), log).exited
    process = Process(command(tmp_path, "import sys; print('one'); print(); print('two'); sys.exit(5)"), log)
    assert await asyncio.wait_for(process.exited, 60) == 5
    assert not process.alive
    assert process.last_lines(1) == ("two",)
    assert process.last_lines() == ("one", "two")
    process.terminate()
    process.kill()


async def test_when_the_first_process_ends_what_it_started_ends_too(tmp_path: Path) -> None:
    """As in a container."""
    code = """
        import subprocess, sys
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        print(child.pid, flush=True)
    """
    process = Process(command(tmp_path, code), tmp_path / "x.log")
    await asyncio.wait_for(process.exited, 60)
    assert is_gone(int(process.last_lines()[0]))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a child with its parent")
def test_kill_9_of_the_runtime_leaves_no_function_behind(tmp_path: Path) -> None:
    """A killed parent takes its children with it, whatever they are doing."""
    code = f"""
        import asyncio, os, sys
        from pathlib import Path
        from renga_dev.serving.process import Command, Process
        async def main():
            sleeper = (sys.executable, "-c", "import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(600)")
            started = [Process(Command(sleeper, Path("."), dict(os.environ)), Path({str(tmp_path)!r}) / "x.log")
                       for _ in range(3)]
            print(*(process.pid for process in started), flush=True)
            await asyncio.sleep(600)
        asyncio.run(main())
    """
    with subprocess.Popen([sys.executable, "-c", textwrap.dedent(code)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        children = [int(word) for word in parent.stdout.readline().split()]
        assert len(children) == 3
        parent.kill()
    assert all(is_gone(pid) for pid in children)


def is_gone(pid: int) -> bool:
    """Whether a process ends; one that only waits to be reaped by init has."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False
