"""What makes a function start sooner; imported by the host before anything else is."""

import gc
import os
import sys
from types import ModuleType

# Imports only make objects that stay: looking for garbage among them is a tenth of the start. The host turns
# the collector on again, with everything imported set aside, before it serves.
gc.disable()


def _no_plugins() -> tuple[()]:
    return ()


# pydantic looks for plugins by reading the metadata of every installed distribution, and imports the machinery for
# that even when told not to; a function has no plugins. Set RENGA_PYDANTIC_PLUGINS=1 for one that does.
if "RENGA_PYDANTIC_PLUGINS" not in os.environ and "pydantic" not in sys.modules:
    _loader = ModuleType("pydantic.plugin._loader")
    _loader.get_plugins = _no_plugins  # type: ignore[attr-defined]
    sys.modules[_loader.__name__] = _loader
