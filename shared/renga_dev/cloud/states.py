"""In which state an environment is, and how that is known."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

from pydantic import BaseModel

from renga_dev.cloud.plans import questions
from renga_dev.cloud.root import Outputs, Part
from renga_dev.cloud.step import Question
from renga_dev.command import Command

State = Literal["idle", "asleep", "between", "gone"]
MEANS: dict[State, str] = {
    "idle": "awake; functions and GPUs are at zero until something asks for them",
    "asleep": "no nodes, databases stopped; messages wait",
    "between": "neither awake nor asleep: on the way, or stopped on it",
    "gone": "nothing runs",
}


STAYING = ("module.registry", "module.events")
"""The modules of a root that are there when an environment is gone."""


class Seen(NamedTuple):
    """What was seen of one part."""

    part: str
    state: State


def look(made: Outputs, ask: Callable[[Command], str]) -> tuple[Seen, ...]:
    """Look at each part that shows its state.

    Args:
        made: what there is.
        ask: runs a command; what it printed.
    """
    return tuple(Seen(part.part, _state(part, ask)) for part in made.sleeps if part.shows)


def _state(part: Part, ask: Callable[[Command], str]) -> State:
    printed = [ask(question.command) for question in questions(part, asleep=True)]
    if all(map(Question.is_answered_by, questions(part, asleep=True), printed)):
        return "asleep"
    if all(map(Question.is_answered_by, questions(part, asleep=False), printed)):
        return "idle"
    return "between"


def together(seen: Sequence[Seen]) -> State:
    """The state of all parts, if they have one."""
    states = {each.state for each in seen}
    return states.pop() if len(states) == 1 else "between"


class _Module(BaseModel):
    address: str = ""
    resources: list[Any] = []
    child_modules: "list[_Module]" = []


class _Values(BaseModel):
    root_module: _Module = _Module()


class _Shown(BaseModel):
    values: _Values = _Values()


class Left(NamedTuple):
    """How many resources a state names."""

    resources: int
    of_cluster: int
    """Of these, those that go with the cluster."""


def remaining(shown: str) -> Left:
    """What is left, of what `terraform show -json` printed."""
    top = _Shown.model_validate_json(shown).values.root_module
    going = sum(_count(module) for module in top.child_modules if not module.address.startswith(STAYING))
    return Left(_count(top), going)


def _count(module: _Module) -> int:
    return len(module.resources) + sum(map(_count, module.child_modules))
