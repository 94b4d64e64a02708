"""The chain of schema functions in a cluster, as those see it who submit and who ask."""

import json
import re
import time
from typing import Any

from contract.playing import Answered, request
from engine import NAMESPACE, Engine
from engine_services import Services

Json = dict[str, Any]

CHAIN = ["schema.submitted", "schema.parsed", "schema.validated", "schema.generated"]
DESIGN = "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a (id));"
ACCEPTED_S, ENDED_S = 120.0, 240.0
"""For a submission to be taken, and for all to end after faults: Pub/Sub waits up to a minute before it repeats."""


def told(output: str) -> list[str]:
    """The events of a run with how their functions were found, as they were printed; not what was said beside it."""
    found = re.findall(r"^ +(schema\.\w+) +schema/\w+ +(cold|warm)", output, re.MULTILINE)
    return [f"{event} {start}" for event, start in found if event != "schema.related"]


class Chain:
    """The functions of a cluster.

    Args:
        engine: which.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.pods = Services(engine, NAMESPACE)

    def submit(self, run: str) -> None:
        """Hand a design in as often as it takes: the key makes it one run.

        Raises:
            AssertionError: it is not acknowledged in time.
        """
        body = {"text": DESIGN, "name": run, "schema_id": run, "targets": ["sqlite"]}
        headers = {"content-type": "application/json", "idempotency-key": run}
        deadline = time.monotonic() + ACCEPTED_S
        while (answer := self._ask("POST", "schema-submit", "/", json.dumps(body).encode(), headers)).status != 200:
            assert time.monotonic() < deadline, f"{run} is not taken: {answer.status} {answer.body!r}"
            time.sleep(0.5)

    def told(self, run: str) -> Json | None:
        """What the ledger says of a run; None where it says nothing now."""
        answer = self._ask("GET", "platform-ledger", f"/runs/{run}", b"", {})
        found: Json | None = json.loads(answer.body) if answer.status == 200 else None
        return found

    def ended(self, runs: list[str], *, every_s: float = 1.0) -> dict[str, Json]:
        """Wait until all have; what the ledger says of each.

        Raises:
            AssertionError: they do not in time.
        """
        deadline, found = time.monotonic() + ENDED_S, dict[str, Json]()
        while True:
            for run in [run for run in runs if run not in found]:
                if (told := self.told(run)) and told["state"] != "running":
                    found[run] = told
            if len(found) == len(runs):
                return found
            missing = [run for run in runs if run not in found]
            assert time.monotonic() < deadline, f"{len(missing)} have not ended, {self.told(missing[0])} for one"
            time.sleep(every_s)

    def _ask(self, method: str, service: str, path: str, body: bytes, headers: dict[str, str]) -> Answered:
        host = {"host": self.pods.host(service)}
        return request(f"http://{self.engine.via}", method, path, host | headers, body)
