"""The slim host, which dies at a step of a handling that DIE_AT names: what a crash there leaves is then real."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from renga import host
from renga.app import FunctionApp
from renga.outbox import Outbox
from renga.outbox.table import SaidTable

STEPS = ("begun", "handled", "committed", "published", "noted")


def die(*_: Any) -> None:
    """As `kill -9` does it."""
    os.kill(os.getpid(), signal.SIGKILL)


def _dying_after(owner: type, name: str) -> None:
    method = getattr(owner, name)

    def wrapped(*arguments: Any, **named: Any) -> Any:
        result = method(*arguments, **named)
        die()
        return result

    async def awaited(*arguments: Any, **named: Any) -> Any:
        result = await method(*arguments, **named)
        die()
        return result

    is_async = name.startswith("_")
    setattr(owner, name, awaited if is_async else wrapped)


def _in_the_transaction(step: str) -> None:
    once = SaidTable.once

    def dying(table: SaidTable, function: str, key: str, handle: Callable[[Any], Any]) -> Any:
        def handled(connection: Any) -> Any:
            if step == "begun":
                die()
            result = handle(connection)
            die()
            return result

        return once(table, function, key, handled)

    SaidTable.once = dying  # type: ignore[method-assign, assignment]


def main() -> int:
    """Serve until then."""
    step = os.environ.get("DIE_AT", "")
    if step in {"begun", "handled"}:
        _in_the_transaction(step)
    elif step == "committed":
        _dying_after(Outbox, "answers")
    elif step == "published":
        _dying_after(FunctionApp, "_send")
    elif step == "noted":
        _dying_after(FunctionApp, "_sent")
    return host.main()


if __name__ == "__main__":
    sys.exit(main())
