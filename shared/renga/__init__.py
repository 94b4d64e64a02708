"""What every function stands on: the decorator, the fates of an event, typed settings; and what a service asks for."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from renga.contract import Stream
    from renga.fates import Reject, Retry
    from renga.function import function
    from renga.service import Service
    from renga.settings import Settings

__all__ = ["Reject", "Retry", "Service", "Settings", "Stream", "function"]

_HOMES = {
    "Reject": "renga.fates",
    "Retry": "renga.fates",
    "Service": "renga.service",
    "Settings": "renga.settings",
    "Stream": "renga.contract",
    "function": "renga.function",
}


def __getattr__(name: str) -> Any:
    # Late, so that `renga.host` can prepare the interpreter before anything heavy is imported.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
