"""How a case is compared with what was read."""

from collections.abc import Callable

import pytest

from renga_schema import Reading


def _compare(expected: object, actual: object, path: str) -> None:
    if isinstance(expected, dict):
        assert isinstance(actual, dict), f"{path} is {actual!r}"
        for key, value in expected.items():
            assert key in actual, f"{path} has no {key!r}: {sorted(actual)}"
            _compare(value, actual[key], f"{path}.{key}")
    elif isinstance(expected, list):
        assert isinstance(actual, list), f"{path} is {actual!r}"
        for at, (value, found) in enumerate(zip(expected, actual, strict=False)):
            _compare(value, found, f"{path}[{at}]")
        assert len(expected) == len(actual), f"{path} has {len(actual)} items: {actual}"
    else:
        assert actual == expected, f"{path} is {actual!r}"


@pytest.fixture
def agree() -> Callable[[dict[str, object], Reading], None]:
    """Compare an expectation with a reading.

    An expectation says as much as its author cares about: a mapping must hold at least what is written, a list must
    have exactly as many items, and everything else must be equal. Its keys are those of `Schema`, and `diagnostics`,
    `losses` (none where not written) and `statements` of `Reading`.
    """

    def compare(expected: dict[str, object], reading: Reading) -> None:
        actual: dict[str, object] = reading.schema.model_dump(mode="json")
        actual["diagnostics"] = [each.model_dump(mode="json") for each in reading.diagnostics]
        actual["losses"] = [each.model_dump(mode="json") for each in reading.losses]
        actual["statements"] = reading.statements.model_dump()
        _compare({"diagnostics": [], "losses": [], **expected}, actual, "reading")

    return compare
