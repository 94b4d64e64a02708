"""What the conformance suite leaves out, as data: `cases/*.yaml`.

A case has an `expression`, perhaps attributes of its `event`, the `result` and perhaps the kind of its `error`; one of
`refused.yaml` has the place (`at`) of what is wrong instead. `says` is a part of the message, `note` says why.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from renga import cesql

CASES = Path(__file__).with_name("cases")
REQUIRED = {"specversion": "1.0", "id": "1", "source": "/s", "type": "t"}


def cases(path: Path) -> list[Any]:
    """The cases of a file, named after their expressions."""
    return [pytest.param(case, id=f"{path.stem}: {case['expression']!r}") for case in yaml.safe_load(path.read_text())]


@pytest.mark.parametrize("case", [case for path in sorted(CASES.glob("*.yaml")) for case in cases(path)])
def test_case(case: dict[str, Any]) -> None:
    """An expression yields its result and its error, or is refused where and for the reason that the case says."""
    if "at" in case:
        with pytest.raises(cesql.ParseError) as refused:
            cesql.compile(case["expression"])
        assert [refused.value.line, refused.value.column] == case["at"]
        assert case["says"] in refused.value.reason
        return
    expression = cesql.compile(case["expression"])
    event = REQUIRED | case.get("event", {})
    value, errors = expression.evaluate(event)
    assert (type(value), value) == (type(case["result"]), case["result"])
    assert [error.kind for error in errors] == ([case["error"]] if "error" in case else [])
    assert case.get("says", "") in "".join(map(str, errors))
    assert expression.matches(event) is (value is True and not errors)
