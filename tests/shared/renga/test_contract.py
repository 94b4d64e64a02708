"""What annotations promise, and what they may not."""

from typing import Any, ClassVar

import pytest
from pydantic import BaseModel

from renga import function
from renga.contract import Contract, Deployment
from renga_events import AnyEvent, Event


class Question(Event):
    """A question."""

    ce_type: ClassVar[str] = "test.contract.question.v1"


class Answer(Event):
    """An answer."""

    ce_type: ClassVar[str] = "test.contract.answer.v1"


class Form(BaseModel):
    """A plain request."""

    text: str


def test_annotations_are_the_contract() -> None:
    """Unions subscribe to each member; lists and None are ways to answer."""

    def handler(event: Question | Answer) -> list[Answer] | Question | None: ...

    contract = Contract.of(handler, Deployment())
    assert contract.accepts == (Question, Answer)
    assert contract.emits == (Answer, Question)
    assert contract.may_be_silent
    assert not contract.hears_everything
    assert contract.accepted("test.contract.answer.v1") is Answer
    assert contract.accepted("other") is None


def test_hearing_everything() -> None:
    """AnyEvent takes every type."""

    async def handler(event: AnyEvent) -> None: ...

    contract = Contract.of(handler, Deployment())
    assert contract.hears_everything
    assert contract.is_async
    assert contract.accepted("whatever") is AnyEvent


def test_a_model_makes_a_door() -> None:
    """A pydantic model that is no event is a plain HTTP request type."""

    def handler(form: Form) -> Answer: ...  # type: ignore[empty-body]

    contract = Contract.of(handler, Deployment())
    assert (contract.door, contract.accepts) == (Form, ())
    assert not contract.may_be_silent


def _no_annotation(event):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
    """Promises nothing."""


def _two(first: Question, second: Question) -> None: ...
def _wrong_input(event: int) -> None: ...
def _wrong_answer(event: Question) -> dict[str, Any]: ...  # type: ignore[empty-body]


@pytest.mark.parametrize(
    ("handler", "sentence"),
    [
        (_no_annotation, "needs annotations"),
        (_two, "takes 2 parameters"),
        (_wrong_input, "it can take an Event"),
        (_wrong_answer, "it can return None, an Event, or a list of Events"),
    ],
)
def test_promises_that_cannot_be_kept(handler: Any, sentence: str) -> None:
    """A handler with other annotations is refused where it is decorated."""
    with pytest.raises(TypeError, match=sentence):
        function(handler)


def test_a_function_is_still_a_function() -> None:
    """The decorated handler is called with an event as before; deployment arguments are kept beside it."""

    @function(concurrency=3, max_scale=1)
    def handler(event: Question) -> Answer:  # noqa: ARG001
        return Answer()

    assert handler(Question()) == Answer()
    assert handler.contract.deployment.concurrency == 3
    assert type(handler).__name__ == "function"
