"""A function is tried under its real host."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from renga.wire import NotAnEvent
from renga_dev.wiring.samples import as_text, built
from renga_dev.wiring.trial import DidNotStart, hosted
from renga_events.schema import SchemaSubmitted

AddFunction = Callable[[str, str], Path]

SEVERAL = '''
"""Answer as often as the text says."""

from renga import Reject, function
from renga_events.schema import SchemaRejected, SchemaSubmitted

@function
def handle(submitted: SchemaSubmitted) -> list[SchemaRejected]:
    if submitted.text == "no":
        raise Reject("It says no.")
    answer = SchemaRejected(schema_id="a", name="a", stage="parse", diagnostics=())
    return [answer] * int(submitted.text)
'''


@pytest.mark.parametrize("count", [0, 1, 2])
def test_answers_are_read_however_many_there_are(add_function: AddFunction, tmp_path: Path, count: int) -> None:
    """None, one in binary mode, several as a batch."""
    with hosted(add_function("schema/several", SEVERAL), state=tmp_path) as function:
        answer = function.deliver(_saying(str(count)))
    assert [event.envelope.type for event in answer.events()] == ["dev.renga.schema.rejected.v1"] * count


def test_a_refusal_is_no_event(add_function: AddFunction, tmp_path: Path) -> None:
    """Its status and its body are there to look at."""
    with hosted(add_function("schema/several", SEVERAL), state=tmp_path) as function:
        answer = function.deliver(_saying("no"))
    assert answer.status == 422
    assert json.loads(answer.body)["detail"] == "It says no."
    with pytest.raises(NotAnEvent):
        answer.events()


def test_a_function_that_does_not_start_shows_its_last_words(add_function: AddFunction, tmp_path: Path) -> None:
    """The error ends with what the host said."""
    source = add_function("schema/broken", "raise ValueError('half written')")
    with pytest.raises(DidNotStart, match="half written"), hosted(source, state=tmp_path):
        pass


def test_settings_reach_the_function(add_function: AddFunction, tmp_path: Path) -> None:
    """Its environment can be added to."""
    source = add_function("schema/set", f"import os\nassert os.environ['SET_HERE'] == 'yes'\n{SEVERAL}")
    with hosted(source, state=tmp_path, env={"SET_HERE": "yes"}) as function:
        assert function.request("GET", "/health/live").status == 200


def _saying(text: str) -> bytes:
    event = json.loads(as_text(built(SchemaSubmitted)))
    return json.dumps(event | {"data": {"text": text}}).encode()
