"""Functions are found by their folders and read in isolation."""

from collections.abc import Callable
from pathlib import Path

import pytest

from renga.contract import Deployment
from renga.service import Service
from renga_dev.wiring.discovery import (
    Broken,
    Declared,
    Function,
    ServedRoute,
    Standing,
    discover,
    name_fault,
    read,
)

AddFunction = Callable[[str, str], Path]

SILENT = '''
from renga import function
from renga_events.schema import SchemaParsed

@function
def handle(parsed: SchemaParsed) -> None:
    """Nothing."""
'''

ECHO = """
from renga import function
from renga_events import AnyEvent
from renga_events.schema import SchemaParsed

@function
def handle(event: AnyEvent) -> SchemaParsed | None: ...
"""

SERVICE = '''
"""Serve models."""

from renga import Service

service = Service(("serve", "models"), ready="/ready", live="/live", max_scale=2, env=(("A", "b"),))
'''

DESK = """
from renga import function
from renga_events import DeadLetter

@function
def handle(letter: DeadLetter) -> None: ...
"""

OWN_TYPE = """
from renga import function
from renga_events import Event

class Mine(Event):
    ce_type = "dev.renga.mine.v1"

@function
def handle(event: Mine) -> None: ...
"""


def test_a_function_is_read_as_it_declares_itself(project: Path) -> None:
    """Subscription, answers, deployment, summary and target come from the decorated handler."""
    found = {function.name: function for function in discover(project).functions}
    events = "renga_events.schema"
    assert list(found) == ["platform/ledger", "schema/parse", "schema/submit"]
    assert found["schema/parse"] == Function(
        name="schema/parse",
        target="handle",
        summary="Read a design.",
        accepts=(Declared("dev.renga.schema.submitted.v1", events),),
        emits=(Declared("dev.renga.schema.parsed.v1", events), Declared("dev.renga.schema.rejected.v1", events)),
        may_be_silent=False,
        door=None,
        routes=(),
        deployment=Deployment(concurrency=4, timeout_s=30, min_scale=1, max_scale=3, window_s=90, memory="256Mi"),
    )


def test_a_door_is_told_from_a_subscriber(project: Path) -> None:
    """A function that takes a plain model has no subscription, and says which model."""
    (submit,) = (function for function in discover(project).functions if function.name == "schema/submit")
    assert (submit.door, submit.consumes, submit.hears_everything) == ("Submission", (), False)


def test_the_ledger_hears_everything_and_serves_routes(project: Path) -> None:
    """A subscription to AnyEvent is no subscription to a type, and routes are known."""
    (ledger,) = (function for function in discover(project).functions if function.name == "platform/ledger")
    assert (ledger.hears_everything, ledger.consumes) == (True, ())
    assert ledger.routes == (ServedRoute("GET", "/runs/{run_id}"),)


def test_a_service_stands_beside_the_functions(project: Path, add_function: AddFunction) -> None:
    """A folder with a Service in it is no function; what it asks for is read as it is written."""
    add_function("platform/inference", SERVICE)
    found = discover(project)
    assert [function.name for function in found.functions] == ["platform/ledger", "schema/parse", "schema/submit"]
    asks = Service(("serve", "models"), ready="/ready", live="/live", max_scale=2, env=(("A", "b"),))
    assert found.standing == (Standing("platform/inference", "Serve models.", asks),)
    assert found.broken == ()


def test_modules_of_one_name_do_not_meet(add_function: AddFunction, tmp_path: Path) -> None:
    """Two functions may each bring a module of the same name beside their main.py."""
    for name in ("one", "two"):
        source = add_function(f"schema/{name}", f'from beside import NAME\nassert NAME == "{name}"\n{SILENT}')
        source.with_name("beside.py").write_text(f'NAME = "{name}"\n')
    assert discover(tmp_path).broken == ()


def test_what_a_module_prints_is_not_taken_for_its_contract(add_function: AddFunction) -> None:
    """A print at import does not disturb the reading."""
    assert isinstance(read(add_function("schema/loud", f'print("hello")\n{SILENT}')), Function)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("import nowhere_at_all", "ModuleNotFoundError: No module named 'nowhere_at_all'"),
        ("1 / 0", "ZeroDivisionError: division by zero"),
        ("x = 1", "decorate its handler with @function"),
        ("import sys; sys.exit(3)", "its import ended the process with status 3"),
        (f"{SILENT}\nother = function(handle.__wrapped__)", "2 functions (handle, other); a folder holds one"),
        (
            ECHO,
            "hears every event and answers",
        ),
        (f"{SILENT}\n{SERVICE}", "has 2 functions and services (handle, service); a folder holds one"),
        (
            OWN_TYPE,
            "it declares dev.renga.mine.v1 itself; an event type is declared in events/renga_events",
        ),
        (
            "from renga import Settings\nclass S(Settings, env_prefix='NOT_SET_'):\n    url: str\ns = S()",
            "NOT_SET_URL is not set",
        ),
    ],
)
def test_a_function_that_cannot_be_read_says_why(add_function: AddFunction, source: str, reason: str) -> None:
    """The reason is one line: the last of the traceback, or what is wrong with the declaration."""
    broken = read(add_function("schema/broken", source))
    assert isinstance(broken, Broken)
    assert reason in broken.reason
    assert "\n" not in broken.reason


def test_a_broken_function_does_not_keep_the_others(project: Path, add_function: AddFunction) -> None:
    """The others are read all the same."""
    add_function("schema/broken", "raise ValueError('no')")
    found = discover(project)
    assert [function.name for function in found.functions] == ["platform/ledger", "schema/parse", "schema/submit"]
    assert found.broken == (Broken("schema/broken", "ValueError: no"),)


def test_two_functions_cannot_have_one_service(add_function: AddFunction, tmp_path: Path) -> None:
    """Names that become the same Service are told apart by name, not silently merged."""
    add_function("a/b-c", SILENT)
    add_function("a-b/c", SILENT)
    found = discover(tmp_path)
    assert [function.name for function in found.functions] == ["a/b-c"]
    assert found.broken == (Broken("a-b/c", "its Service would be a-b-c, which a/b-c already is"),)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("schema/parse", None),
        ("schema/parse-2", None),
        ("parse", "is no function name"),
        ("a/b/c", "is no function name"),
        ("schema/Parse", "is no function name"),
        ("schema/parse_it", "is no function name"),
        ("schema/-parse", "is no function name"),
        ("schema/2parse", "is no function name"),
        (f"schema/{'p' * 60}", "has 67 characters; a Service's name has at most 63"),
    ],
)
def test_names_fit_a_cluster(name: str, fault: str | None) -> None:
    """A name is a suite and a function that together make a Service's name."""
    found = name_fault(name)
    assert (found is None) if fault is None else (found is not None and fault in found)


def test_one_function_keeps_dead_letters(project: Path, add_function: AddFunction) -> None:
    """It consumes no event; a second one is named as too many."""
    add_function("platform/deadletter", DESK)
    found = discover(project)
    assert found.desk is not None
    assert (found.desk.name, found.desk.consumes, found.desk.hears_everything) == ("platform/deadletter", (), False)
    add_function("platform/desk", DESK)
    again = discover(project)
    assert [(broken.name, "platform/deadletter" in broken.reason) for broken in again.broken] == [
        ("platform/desk", True)
    ]
