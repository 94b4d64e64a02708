"""What is wrong with some data, as a sentence."""

from pydantic import ValidationError

_MOST = 5


def faults(error: ValidationError) -> str:
    """Field by field, in one line."""
    found = error.errors(include_url=False, include_context=False)
    said = [f"{'.'.join(map(str, fault['loc'])) or 'data'}: {fault['msg'].lower()}" for fault in found[:_MOST]]
    return "; ".join(said) + (f"; and {len(found) - _MOST} more" if len(found) > _MOST else "")
