"""The whole vocabulary at once, for tools; a function imports only the types it names."""

import importlib
import pkgutil

import renga_events
from renga_events.base import Event, event_types


def vocabulary() -> dict[str, type[Event]]:
    """Every event type of every suite, by its CloudEvents type; imports every suite's module."""
    for module in pkgutil.iter_modules(renga_events.__path__):
        importlib.import_module(f"renga_events.{module.name}")
    # A test or a tool may have declared types of its own in this process: they are no part of the vocabulary.
    return {name: cls for name, cls in event_types().items() if cls.__module__.partition(".")[0] == "renga_events"}
