"""A whole laptop runtime as a process that can be killed and started again."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]
RENGA = (str(Path(sys.executable).with_name("renga")),)
CHAIN = ("submitted", "parsed", "validated", "generated")
BESIDE = frozenset({"schema/relate"})
"""Functions that work beside a run: what they say may come before its end, or after."""


def steps(run: dict[str, Any]) -> list[dict[str, Any]]:
    """The timeline of a run without what was done beside it."""
    return [entry for entry in run["timeline"] if entry["function"] not in BESIDE]


@dataclass
class Laptop:
    """`renga up` over one state directory."""

    state: Path
    url: str = ""
    project: Path = REPOSITORY
    _process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def up(self, *options: str) -> "Laptop":
        """Start it and wait until it answers.

        Raises:
            RuntimeError: it ended instead; the message is what it said.
        """
        self.state.mkdir(parents=True, exist_ok=True)
        command = [*RENGA, "up", "--port", "0", "--state", str(self.state), *options]
        with (self.state / "up.log").open("ab") as log:
            self._process = subprocess.Popen(
                command, cwd=self.project, stdout=log, stderr=log, stdin=subprocess.DEVNULL
            )
        announced = self.state / "runtime.json"
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"renga up ended: {(self.state / 'up.log').read_text()[-3000:]}")
            try:
                said = json.loads(announced.read_text())
                if said["pid"] == self._process.pid:
                    self.url = said["url"]
                    return self
            except (OSError, ValueError):
                pass
            time.sleep(0.02)
        raise RuntimeError("renga up did not come up within 60 s")

    @property
    def pid(self) -> int:
        """The runtime's process."""
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """End it as a power cut would."""
        assert self._process is not None
        self._process.send_signal(signal.SIGKILL)
        self._process.wait(60)

    def down(self) -> int:
        """Ask it to stop; its exit status."""
        if self._process is None or self._process.poll() is not None:
            return 0
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(60)

    def alive(self) -> bool:
        """Whether it still runs."""
        return self._process is not None and self._process.poll() is None

    def renga(self, *arguments: str, timeout_s: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a `renga` command against it."""
        environment = {**os.environ, "RENGA_URL": self.url, "COLUMNS": "120"}
        return subprocess.run(
            [*RENGA, *arguments],
            cwd=self.project,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def post(self, path: str, body: bytes, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """One POST; header names take underscores for hyphens."""
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(self.url + path, body, given, method="POST")
        return _open(request)

    def get(self, path: str) -> tuple[int, Any]:
        """One GET; its JSON, None where the answer is something else."""
        status, headers, body = _open(urllib.request.Request(self.url + path))
        return status, json.loads(body) if "json" in headers.get("content-type", "") else None

    def submit(self, text: str, **fields: Any) -> str:
        """Hand in a design; the id of its run.

        Raises:
            RuntimeError: it was not accepted.
        """
        body = json.dumps({"text": text, **fields}).encode()
        status, headers, said = self.post("/schema/submit", body, content_type="application/json")
        if status != 200:
            raise RuntimeError(f"not accepted: {status} {said!r}")
        return headers["renga-run"]

    def run(self, run: str) -> dict[str, Any] | None:
        """What the ledger says of a run; None where it has not heard of it."""
        status, said = self.get(f"/platform/ledger/runs/{run}")
        found: dict[str, Any] | None = said if status == 200 else None
        return found

    def ended(self, run: str, timeout_s: float = 60) -> dict[str, Any]:
        """Wait until a run has ended.

        Raises:
            TimeoutError: it has not; the message says what it awaits.
        """
        deadline = time.monotonic() + timeout_s
        said: dict[str, Any] | None = None
        while time.monotonic() < deadline:
            said = self.run(run)
            if said is not None and said["state"] != "running":
                return said
            time.sleep(0.05)
        raise TimeoutError(f"run {run} has not ended: {said}")

    def buried(self, run: str, timeout_s: float = 60) -> dict[str, Any]:
        """Wait until the ledger has heard that an event of a run is a dead letter; its entry in the timeline.

        Raises:
            TimeoutError: it has not.
        """
        deadline = time.monotonic() + timeout_s
        said: dict[str, Any] | None = None
        while time.monotonic() < deadline:
            said = self.run(run)
            for entry in said["timeline"] if said else ():
                if entry["outcome"] == "dead":
                    found: dict[str, Any] = entry
                    return found
            time.sleep(0.05)
        raise TimeoutError(f"no event of the run {run} was buried: {said}")


def _open(request: urllib.request.Request) -> tuple[int, dict[str, str], bytes]:
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): value for name, value in error.headers.items()}, error.read()
