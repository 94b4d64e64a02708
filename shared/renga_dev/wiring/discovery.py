"""Finds the functions of a project, and the services beside them, and reads what each declares."""

import os
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from renga.contract import Deployment
from renga.service import Service
from renga_events import AnyEvent, DeadLetter
from renga_events.platform import AttemptFailed

EVERYTHING = AnyEvent.ce_type
"""The type of a subscription without a filter."""
DEAD_LETTERS = DeadLetter.ce_type
"""The type of what the dead-letter sink takes."""
LONGEST_SERVICE_NAME = 63

_PART = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_IMPORT_LIMIT_S = 60
_AT_ONCE = 4


class Declared(NamedTuple):
    """An event type in a function's annotations."""

    ce_type: str
    module: str
    """Where its class is declared; it belongs into `renga_events`."""


class ServedRoute(NamedTuple):
    """A plain HTTP endpoint beside the handler."""

    method: str
    path: str


@dataclass(frozen=True, slots=True)
class Deployed:
    """What becomes a Knative Service."""

    name: str
    """`schema/parse`: its folder below `functions/`."""

    @property
    def service(self) -> str:
        """The name of its Knative Service."""
        return self.name.replace("/", "-")

    @property
    def suite(self) -> str:
        """The folder that its folder is in."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Function(Deployed):
    """What one function declares: everything that follows from its annotations is written from this."""

    target: str
    """The name of its handler in `main.py`."""
    summary: str
    accepts: tuple[Declared, ...]
    emits: tuple[Declared, ...]
    may_be_silent: bool
    """Whether it may answer nothing."""
    door: str | None
    """The class that it takes over plain HTTP, where no event wakes it."""
    routes: tuple[ServedRoute, ...]
    deployment: Deployment

    @property
    def hears_everything(self) -> bool:
        """Whether its subscription has no filter."""
        return any(event.ce_type == EVERYTHING for event in self.accepts)

    @property
    def takes_dead_letters(self) -> bool:
        """Whether it is the dead-letter sink."""
        return any(event.ce_type == DEAD_LETTERS for event in self.accepts)

    @property
    def consumes(self) -> tuple[str, ...]:
        """The types it subscribes to by name."""
        return tuple(event.ce_type for event in self.accepts if event.ce_type not in {EVERYTHING, DEAD_LETTERS})

    @property
    def answers(self) -> tuple[str, ...]:
        """The types it may answer with."""
        return tuple(event.ce_type for event in self.emits)

    @property
    def says(self) -> tuple[str, ...]:
        """The types it may publish: its answers, and that an attempt failed, unless that could come back to it."""
        is_last = self.hears_everything or self.takes_dead_letters
        return self.answers if is_last else tuple(dict.fromkeys((*self.answers, AttemptFailed.ce_type)))


@dataclass(frozen=True, slots=True)
class Standing(Deployed):
    """A service that stays, beside the functions."""

    summary: str
    asks: Service
    """What its `main.py` says."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A function that could not be read."""

    name: str
    reason: str
    """One sentence: the last line of its traceback, or what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Project:
    """The functions of a project, in the order of their names."""

    functions: tuple[Function, ...]
    broken: tuple[Broken, ...] = ()
    standing: tuple[Standing, ...] = ()
    """The services beside them."""

    @property
    def desk(self) -> Function | None:
        """The dead-letter sink, where there is one."""
        return next((function for function in self.functions if function.takes_dead_letters), None)


def sources(root: Path) -> list[Path]:
    """The `main.py` of every function folder below a project's root."""
    return sorted((root / "functions").glob("*/*/main.py"))


def discover(root: Path) -> Project:
    """Read every function, each in a process of its own; one that cannot be read does not keep the others."""
    found = sources(root)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        results = list(threads.map(read, found))
    broken = [result for result in results if isinstance(result, Broken)]
    taken: dict[str, str] = {}
    whole = [result for result in results if not isinstance(result, Broken)]
    for each in tuple(whole):
        other = taken.setdefault(each.service, each.name)
        if other != each.name:
            whole.remove(each)
            broken.append(Broken(each.name, f"its Service would be {each.service}, which {other} already is"))
    functions = [each for each in whole if isinstance(each, Function)]
    standing = tuple(each for each in whole if isinstance(each, Standing))
    desks = [function for function in functions if function.takes_dead_letters]
    for function in desks[1:]:
        functions.remove(function)
        broken.append(Broken(function.name, f"it takes dead letters, as {desks[0].name} does: one function keeps them"))
    return Project(tuple(functions), tuple(sorted(broken, key=lambda each: each.name)), standing)


def read(source: Path) -> Function | Standing | Broken:
    """Read one `main.py`."""
    name = f"{source.parent.parent.name}/{source.parent.name}"
    if fault := name_fault(name):
        return Broken(name, fault)
    try:
        # Some functions open what they remember as they are imported: here that must leave no trace.
        with tempfile.TemporaryDirectory(prefix="renga-wiring-") as state:
            probe = subprocess.run(
                [sys.executable, "-m", "renga_dev.wiring._probe", source],
                capture_output=True,
                env={**os.environ, "RENGA_STATE_DIR": state},
                timeout=_IMPORT_LIMIT_S,
                check=False,
            )
    except subprocess.TimeoutExpired:
        return Broken(name, f"its module was still being imported after {_IMPORT_LIMIT_S} s")
    if probe.returncode or not probe.stdout:
        said = probe.stderr.decode(errors="replace").strip().splitlines()
        return Broken(name, said[-1] if said else f"its import ended the process with status {probe.returncode}")
    function = _declared.validate_json(probe.stdout)
    if isinstance(function, Standing):
        return function
    strangers = [
        event for event in (*function.accepts, *function.emits) if event.module.partition(".")[0] != "renga_events"
    ]
    if strangers:
        types = ", ".join(event.ce_type for event in strangers)
        return Broken(name, f"it declares {types} itself; an event type is declared in events/renga_events")
    return function


def name_fault(name: str) -> str | None:
    """Why a name cannot be a function's, or None."""
    parts = name.split("/")
    if len(parts) != 2 or not all(_PART.fullmatch(part) for part in parts):
        return (
            f"{name!r} is no function name: a suite and a name such as schema/parse, each of lower-case letters,"
            " digits and single dashes, beginning with a letter"
        )
    if len(name) > LONGEST_SERVICE_NAME:
        return f"{name!r} has {len(name)} characters; a Service's name has at most {LONGEST_SERVICE_NAME}"
    return None


_declared: TypeAdapter[Function | Standing] = TypeAdapter(Function | Standing)
