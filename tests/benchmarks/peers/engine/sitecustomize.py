"""Says when a Python process is up and when it binds its port, whatever serves: Python imports this by its name."""

import json
import sys
import time

_UP = time.time()
_said: list[str] = []


def _hook(event: str, _arguments: tuple[object, ...]) -> None:
    if event == "socket.bind" and not _said:
        _said.append(json.dumps({"up": _UP, "bound": time.time()}))
        sys.stderr.write(f"measured {_said[0]}\n")
        sys.stderr.flush()


sys.addaudithook(_hook)
