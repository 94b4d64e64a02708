"""What a case expects of a reading: as much as its author cares to write down."""

from collections.abc import Callable
from typing import Any

import pytest

from renga_schema import Reading, Unreadable


def as_data(reading: Reading) -> dict[str, Any]:
    """A reading as plain data: the schema's keys, and `diagnostics`, `losses` and `statements`."""
    data: dict[str, Any] = reading.schema.model_dump(mode="json")
    data["diagnostics"] = [each.model_dump(mode="json") for each in reading.diagnostics]
    data["losses"] = [each.model_dump(mode="json") for each in reading.losses]
    data["statements"] = reading.statements.model_dump()
    return data


def accounted(reading: Reading) -> None:
    """Fail unless every statement ended in one way, and in one only."""
    found = reading.statements
    ended = (found.applied, found.kept, found.noted, found.ledger, found.failed)
    assert sum(ended) == found.total, f"{ended} do not add up to {found.total}"


def refused(read: Callable[[str], object], text: str, message: str, code: str) -> None:
    """Fail unless a reader refuses a text with a message that matches, a code, a place in the text and advice."""
    with pytest.raises(Unreadable, match=message) as caught:
        read(text)
    diagnostic = caught.value.diagnostic
    assert diagnostic.origin is not None
    assert diagnostic.code == code
    assert diagnostic.help


def expect(expected: object, actual: object, path: str) -> None:
    """Fail at the first place where `actual` does not hold what is expected.

    A mapping must hold at least what is written, a list must have exactly as many items, the rest must be equal.
    """
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{path} is {actual!r}"
        for key, value in expected.items():
            assert key in actual, f"{path} has no {key!r}: {sorted(actual)}"
            expect(value, actual[key], f"{path}.{key}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), f"{path} is {actual!r}"
        for at, (value, found) in enumerate(zip(expected, actual, strict=False)):
            expect(value, found, f"{path}[{at}]")
        assert len(expected) == len(actual), f"{path} has {len(actual)} items: {actual}"
    else:
        assert actual == expected, f"{path} is {actual!r}"
