"""The schema chain on a laptop whose every delivery passes a proxy, and a function whose effect can be counted."""

import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from faults.proxy import FaultProxy, proxied
from faults.schedule import Schedule
from laptop import REPOSITORY, Laptop
from renga.database import engine, is_away
from renga_dev.kustomize import documents

SHELF = Path(__file__).with_name("shelf") / "main.py"
CARELESS = Path(__file__).with_name("careless") / "main.py"
"""One that does not look whether it has done it before."""
Json = dict[str, Any]
RETRIES = 10
"""As what hears everything has; more than a schedule takes, even with others' kills."""
PATIENCE_S = 120
DESIGNS = (
    "CREATE TABLE thing (id int PRIMARY KEY, note text);",
    "CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b (id int PRIMARY KEY, a int NOT NULL REFERENCES a (id));",
    "CREATE TABLE a (id int PRIMARY KEY, b int REFERENCES nowhere (id));",
    "CREATE TYPE mood AS ENUM ('good', 'bad');\nCREATE TABLE p (id bigint PRIMARY KEY, m mood DEFAULT 'good');",
    "CREATE TABLE money (id int PRIMARY KEY, amount numeric(12, 2) NOT NULL CHECK (amount >= 0));",
    "nothing that is SQL",
)
"""Small variants of the shop; two of them are refused, at different steps."""


class Story(NamedTuple):
    """What became of a run: how it ended, and what was said in it."""

    state: str
    said: tuple[tuple[str | None, str], ...]


class Trial(NamedTuple):
    """One run to be made."""

    run: str
    design: int
    schedule: Schedule

    @classmethod
    def of(cls, seed: int, schedule: Schedule, name: str = "") -> "Trial":
        """The run of a seed."""
        return cls(name or f"seed-{seed}", seed % len(DESIGNS), schedule)


@dataclass
class FaultyChain:
    """A running chain; `chain` starts it."""

    laptop: Laptop
    proxy: FaultProxy
    database: str
    """Where the shelf is."""
    expected: dict[int, Story] = field(default_factory=dict)
    """What a design's run is without faults."""

    def play(self, trials: Sequence[Trial], at_once: int) -> dict[str, str]:
        """Make the runs; what is wrong with each that is not as it should be, by its name."""
        for trial in trials:
            self.proxy.expect(trial.run, trial.schedule)
        wrong: dict[str, str] = {}

        def make(trial: Trial) -> None:
            try:
                self._submit(trial)
                self.laptop.ended(trial.run, PATIENCE_S)
            except (RuntimeError, TimeoutError) as error:
                wrong[trial.run] = str(error)

        with ThreadPoolExecutor(at_once) as threads:
            for done in [threads.submit(make, trial) for trial in trials]:
                done.result()
        self._drain()
        shelved = self._shelved()
        killing = any(fault.kind == "kill" for trial in trials for fault in trial.schedule)
        for trial in trials:
            if trial.run not in wrong and (fault := self._fault(trial, shelved[trial.run], killing=killing)):
                wrong[trial.run] = fault
        return wrong

    def learn(self) -> None:
        """See what the runs are without faults."""
        plain = [Trial(f"plain-{number}", number, ()) for number in range(len(DESIGNS))]
        for trial in plain:
            self._submit(trial)
        for trial in plain:
            self.laptop.ended(trial.run, PATIENCE_S)
        self._drain()
        for trial in plain:
            self.expected[trial.design] = self._story(trial.run)
        ends = Counter(story.state for story in self.expected.values())
        assert ends == {"well": 4, "rejected": 2}, ends

    def _submit(self, trial: Trial) -> None:
        """Hand a design in, as often as it takes: the key makes it one."""
        body = json.dumps(
            {"text": DESIGNS[trial.design], "name": "small", "schema_id": trial.run, "targets": ["sqlite"]}
        ).encode()
        deadline = time.monotonic() + PATIENCE_S
        while True:
            try:
                headers = {"content_type": "application/json", "idempotency_key": trial.run}
                status, _, said = self.laptop.post("/schema/submit", body, **headers)
            except OSError as error:
                status, said = 0, str(error).encode()
            if status == 200:
                return
            if time.monotonic() > deadline:
                raise RuntimeError(f"not taken: {status} {said!r}")
            time.sleep(0.05)

    def _fault(self, trial: Trial, shelved: int, *, killing: bool) -> str | None:
        """What is wrong with a run that has ended."""
        story, expected = self._story(trial.run), self.expected[trial.design]
        if story != expected:
            return f"it is {story}, and without faults {expected}"
        if shelved != (expected.state == "well"):
            return f"it is on the shelf {shelved} times"
        # The door is asked again where the Broker did not take its event: that is no second handling of an event.
        again = self._handled_again(trial.run) - {"schema/submit"}
        if again and not killing:
            return f"{', '.join(sorted(again))} handled an event more than once, and no process died"
        return None

    def _handled_again(self, run: str) -> set[str]:
        """The functions of a run whose handler began more than once."""
        told = self._told(run)
        done = (entry for entry in told["timeline"] if entry["outcome"] == "done" and entry["attempt"])
        return {entry["function"] for entry in done if entry["attempt"] > 1}

    def _story(self, run: str) -> Story:
        told = self._told(run)
        said = sorted(
            (entry["function"], entry["event"]) for entry in told["timeline"] if entry["outcome"] in {"done", "dead"}
        )
        return Story(told["state"], tuple(said))

    def _told(self, run: str) -> Json:
        """What the ledger says of a run, when it can."""
        for _ in range(PATIENCE_S * 10):
            if (told := self.laptop.run(run)) is not None:
                return told
            time.sleep(0.1)
        raise TimeoutError(f"the ledger does not tell of {run}")

    def _drain(self) -> None:
        """Wait until nothing is owed and nothing is on its way."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            _, said = self.laptop.get("/-/status")
            if not said["pending"] and not self.proxy.busy:
                assert said["lost"] == 0, f"{said['lost']} events are lost"
                return
            time.sleep(0.1)
        raise TimeoutError(f"{said['pending']} deliveries are still owed")

    def _shelved(self) -> Counter[str]:
        made = engine(self.database, "the shelf")
        try:
            for _ in range(PATIENCE_S):
                try:
                    with made.connect() as connection:
                        return Counter(design for (design,) in connection.execute(text("SELECT design FROM shelf")))
                except DBAPIError as error:
                    if not is_away(error):
                        raise
                    time.sleep(1)
            raise TimeoutError("the shelf's database does not come back")
        finally:
            made.dispose()


@contextmanager
def chain(state: Path, *, database: str = "", shelf: Path = SHELF, **environment: str) -> Iterator[FaultyChain]:
    """Bring the chain up.

    Args:
        state: a folder for what it keeps.
        database: where the effects are; by default a SQLite file.
        shelf: the function that has them.
        environment: for every function.
    """
    database = database or f"sqlite:///{state}/shelf.db"
    made = engine(database, "the shelf")
    with made.begin() as connection:
        connection.execute(text("CREATE TABLE shelf (design text NOT NULL)"))
    made.dispose()
    with proxied() as proxy:
        manifests = state / "manifests.yaml"
        manifests.write_text(yaml.safe_dump_all(_manifests(proxy.url, _shelf(shelf, database), environment)))
        laptop = Laptop(state / "laptop").up("-f", str(manifests), "--no-verify")
        proxy.target = ("127.0.0.1", int(laptop.url.rpartition(":")[2]))
        try:
            found = FaultyChain(laptop, proxy, database)
            found.learn()
            yield found
        finally:
            laptop.down()


def _manifests(proxy: str, shelf: list[Json], environment: Mapping[str, str]) -> Iterator[Json]:
    """The project's own, with every Trigger and every sink led through the proxy, and the shelf beside them."""
    functions: dict[str, str] = {}
    base = [document.value for document in documents(REPOSITORY / "knative" / "base")]
    # What no event wakes is no part of the chain.
    found = [each for each in base if each["metadata"].get("labels", {}).get("renga.dev/woken-by") != "calls"] + shelf
    for document in found:
        if document["kind"] == "Service":
            functions[document["metadata"]["name"]] = document["metadata"]["annotations"]["renga.dev/function"]
            (container,) = document["spec"]["template"]["spec"]["containers"]
            container["env"] += [{"name": name, "value": value} for name, value in environment.items()]
    for document in found:
        if document["kind"] == "Trigger":
            service = document["spec"]["subscriber"]["ref"]["name"]
            document["spec"]["subscriber"] = {"uri": f"{proxy}/{functions[service]}"}
            document["spec"].pop("delivery", None)
        elif document["kind"] == "SinkBinding":
            document["spec"]["sink"] = {"uri": f"{proxy}/default/default"}
        elif document["kind"] == "Broker":
            document["spec"]["delivery"] |= {"retry": RETRIES, "backoffDelay": "PT0.05S", "timeout": "PT4S"}
        yield document


def _shelf(source: Path, database: str) -> list[Json]:
    name, service = {"name": "faults-shelf"}, {"apiVersion": "serving.knative.dev/v1", "kind": "Service"}
    env = {"FUNCTION_SOURCE": str(source), "RENGA_FUNCTION": "faults/shelf", "SHELF_DATABASE": database}
    container = {
        "image": "example.org/shelf",
        "command": [sys.executable, "-m", "renga.host"],
        "env": [{"name": key, "value": value} for key, value in env.items()],
        "readinessProbe": {"httpGet": {"path": "/health/ready"}, "periodSeconds": 0},
    }
    spec = {"containerConcurrency": 4, "timeoutSeconds": 30, "containers": [container]}
    return [
        {
            **service,
            "metadata": {**name, "annotations": {"renga.dev/function": "faults/shelf"}},
            "spec": {"template": {"spec": spec}},
        },
        {
            "apiVersion": "eventing.knative.dev/v1",
            "kind": "Trigger",
            "metadata": name,
            "spec": {
                "broker": "default",
                "filters": [{"exact": {"type": "dev.renga.schema.generated.v1"}}],
                "subscriber": {"ref": {**service, **name}},
            },
        },
        {
            "apiVersion": "sources.knative.dev/v1",
            "kind": "SinkBinding",
            "metadata": name,
            "spec": {
                "subject": {**service, **name},
                "sink": {"ref": {"apiVersion": "eventing.knative.dev/v1", "kind": "Broker", "name": "default"}},
            },
        },
    ]
