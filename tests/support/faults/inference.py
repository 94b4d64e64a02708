"""The laptop with an inference service that dies in the middle of its work, again and again, and comes back."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from columns import read_table, values, write_columns
from hosts import free_port
from inference import publish
from inference_server import started
from laptop import REPOSITORY, Laptop
from links_model import write_links
from renga_events.inference import InferenceCompleted, InferenceRequested
from renga_events.schema import SchemaRelated

ROWS = np.random.default_rng(11).normal(size=(8000, 2))
"""They take a second: long enough to be cut short."""
CHUNK_ROWS = 400
DESIGN = (
    "CREATE TABLE customer (id int PRIMARY KEY);\nCREATE TABLE sale (id int PRIMARY KEY, customer_id int NOT NULL);"
)
LONGEST_AWAY_S = 1.0
PATIENCE_S = 120
_SETTINGS = """
- op: add
  path: /spec/template/spec/containers/0/env/-
  value: {{name: {variable}, value: {value!r}}}
"""
# As what hears everything has: one delivery meets several deaths here.
_PATIENT = """
- {op: replace, path: /spec/delivery/retry, value: 10}
- {op: replace, path: /spec/delivery/backoffDelay, value: PT0.1S}
"""


class MortalService:
    """The inference service at one address, in one life after another."""

    def __init__(self, folder: Path) -> None:
        self.models = folder / "models"
        write_links(self.models)
        publish(self.models, "1", 1.0, batching={"max_batch_size": 16})
        self._port = free_port()
        self._log = folder / "service.log"
        self._life = ExitStack()

    @property
    def url(self) -> str:
        """Where it is, when it lives."""
        return f"http://127.0.0.1:{self._port}"

    def live(self) -> None:
        """Come up and be ready."""
        self._life.enter_context(started(self.models, self._log, port=self._port)).until_ready()

    def die(self) -> None:
        """SIGKILL, whatever it is at."""
        self._life.close()


@dataclass
class InferenceChain:
    """A running chain; `chain` starts it."""

    laptop: Laptop
    service: MortalService
    blobs: Path
    inferences: list[str] = field(default_factory=list)
    designs: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """One run over many rows, and the run of one design."""
        run = f"rows-{len(self.inferences)}"
        data = InferenceRequested(inference_id=run, model="affine", rows=f"file://{self.blobs}/rows.arrow").to_json()
        headers = {"specversion": "1.0", "id": run, "source": "/faults", "type": InferenceRequested.ce_type}
        named = {f"ce_{name}": value for name, value in headers.items()}
        status, _, said = self.laptop.post("/default/default", data, content_type="application/json", **named)
        assert status == 202, said
        self.inferences.append(run)
        self.designs.append(self.laptop.submit(DESIGN, schema_id=f"design-{run}", targets=["sqlite"]))

    def kill(self, times: int, seed: int) -> None:
        """Begin runs, and end the service so many times while it computes for one of them."""
        chance = random.Random(seed)  # noqa: S311 - moments, not secrets
        killed = 0
        while killed < times:
            self.begin()
            before = self._written()
            # What has come of this run shows that the service is at it, and the requests follow each other closely.
            deadline = time.monotonic() + PATIENCE_S
            while len(self._written() - before) < 1 + killed % 3 and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.02))
            self.service.die()
            killed += not any(path.name == "concluded" for path in self._written() - before)
            time.sleep(chance.uniform(0, LONGEST_AWAY_S))
            self.service.live()

    def wrong(self) -> list[str]:
        """Wait for every run; what is wrong with those that did not end well, once and with the right answer."""
        told = [fault for run in self.inferences if (fault := self._wrong_rows(run))]
        return told + [fault for run in self.designs if (fault := self._wrong_design(run))]

    def cut_short(self) -> int:
        """How many deliveries of rows found the service gone and asked for another try, once the first is told."""
        deadline = time.monotonic() + PATIENCE_S
        while True:
            runs = [self.laptop.run(run) for run in self.inferences]
            found: int = sum(entry["outcome"] == "retry" for run in runs if run for entry in run["timeline"])
            if found or time.monotonic() > deadline:
                return found
            time.sleep(0.05)  # What is said beside a run may come after its end.

    def _written(self) -> set[Path]:
        return set(self.blobs.glob("infer/*/*"))

    def _wrong_rows(self, run: str) -> str | None:
        told = self.laptop.ended(run, PATIENCE_S)
        if fault := _unlike(told, {InferenceRequested.ce_type: 1, InferenceCompleted.ce_type: 1}):
            return fault
        (entry,) = (entry for entry in told["timeline"] if entry["event"] == InferenceCompleted.ce_type)
        _, event = self.laptop.get(f"/platform/ledger/runs/{run}/events/{entry['id']}")
        table = read_table(Path(event["data"]["rows"].removeprefix("file://")))
        if not np.allclose(values(table, "y"), ROWS.sum(axis=1)):
            return f"{run}: the outputs are not those of the model"
        return None

    def _wrong_design(self, run: str) -> str | None:
        self.laptop.ended(run, PATIENCE_S)
        wanted = {f"dev.renga.schema.{name}.v1": 1 for name in ("submitted", "parsed", "validated", "generated")}
        wanted[SchemaRelated.ce_type] = 1
        deadline = time.monotonic() + PATIENCE_S
        while (fault := _unlike(self.laptop.run(run) or {}, wanted)) and time.monotonic() < deadline:
            time.sleep(0.05)  # What is said beside a run may come after its end.
        return fault


def _unlike(told: dict[str, Any], wanted: dict[str, int]) -> str | None:
    """What is wrong with a run that should have ended well and have said each of these so often."""
    said = Counter(entry["event"] for entry in told.get("timeline", ()) if entry["outcome"] in {"done", "dead"})
    if told.get("state") == "well" and said == wanted:
        return None
    return json.dumps(told, indent=1)


@contextmanager
def chain(folder: Path) -> Iterator[InferenceChain]:
    """Bring everything up, its state in a folder."""
    service = MortalService(folder)
    variables = {
        "schema-relate": {"SCHEMA_RELATE_INFERENCE_URL": service.url},
        "platform-infer": {
            "PLATFORM_INFER_INFERENCE_URL": service.url,
            "PLATFORM_INFER_CHUNK_ROWS": str(CHUNK_ROWS),
            # None: every death ends a delivery.
            "PLATFORM_INFER_PATIENCE_S": "0",
        },
    }
    patches = [{"target": {"kind": "Broker", "name": "default"}, "patch": _PATIENT}]
    for name, given in variables.items():
        patch = "".join(_SETTINGS.format(variable=key, value=value) for key, value in given.items())
        patches.append({"target": {"kind": "Service", "name": name}, "patch": patch})
    overlay = {"resources": [f"{REPOSITORY}/knative/overlays/laptop"], "patches": patches}
    (folder / "kustomization.yaml").write_text(json.dumps(overlay))
    laptop = Laptop(folder / "laptop")
    blobs = folder / "laptop" / "state" / "blobs"
    blobs.mkdir(parents=True, exist_ok=True)
    write_columns(blobs / "rows.arrow", {"x": ROWS})
    try:
        laptop.up("-k", str(folder), "--no-verify")
        service.live()
        yield InferenceChain(laptop, service, blobs)
    finally:
        laptop.down()
        service.die()
