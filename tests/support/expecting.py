"""What a case expects of a reading: as much as its author cares to write down."""

from typing import Any

from renga_schema import Reading


def as_data(reading: Reading) -> dict[str, Any]:
    """A reading as plain data: the schema's keys, and `diagnostics`, `losses` and `statements`."""
    data: dict[str, Any] = reading.schema.model_dump(mode="json")
    data["diagnostics"] = [each.model_dump(mode="json") for each in reading.diagnostics]
    data["losses"] = [each.model_dump(mode="json") for each in reading.losses]
    data["statements"] = reading.statements.model_dump()
    return data


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
