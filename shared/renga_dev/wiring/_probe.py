"""Reads what one folder declares in a process of its own: `python -m renga_dev.wiring._probe MAIN_PY`.

A process each, because every function's module is called `main` and may bring modules of its own beside it.
"""

import os
import sys
from pathlib import Path

from pydantic_core import to_json

from renga.contract import Contract, summary_of
from renga.hosting import load
from renga.service import Service
from renga_dev.wiring.discovery import Declared, Function, ServedRoute, Standing
from renga_events.base import Event


def describe(source: Path) -> Function | Standing:
    """Import a module and say what it declares: a function, or a service that stays.

    Raises:
        LookupError: it has none, or more than one.
        ValueError: it hears everything and answers, so it would hear itself for ever.
        Exception: whatever the module raises.
    """
    folder = source.parent
    name = f"{folder.parent.name}/{folder.name}"
    module = load(source)
    contracts = {
        target: value.contract
        for target, value in vars(module).items()
        if isinstance(getattr(value, "contract", None), Contract)
    }
    services = {target: value for target, value in vars(module).items() if isinstance(value, Service)}
    found = [*contracts, *services]
    if not found:
        raise LookupError(f"{source} has no function: decorate its handler with @function.")
    if len(found) > 1:
        kinds = "functions and services" if services else "functions"
        raise LookupError(f"{source} has {len(found)} {kinds} ({', '.join(found)}); a folder holds one.")
    if services:
        return Standing(name, summary_of(module.__doc__), *services.values())
    target, contract = next(iter(contracts.items()))
    if contract.hears_everything and contract.emits:
        raise ValueError(f"{name} hears every event and answers, so it would hear its own answers for ever.")
    return Function(
        name=name,
        target=target,
        summary=contract.summary,
        accepts=tuple(_declared(cls) for cls in contract.accepts),
        emits=tuple(_declared(cls) for cls in contract.emits),
        may_be_silent=contract.may_be_silent,
        door=contract.door.__name__ if contract.door else None,
        routes=tuple(ServedRoute(route.method, route.path) for route in contract.routes),
        deployment=contract.deployment,
    )


def _declared(cls: type[Event]) -> Declared:
    return Declared(cls.ce_type, cls.__module__)


if __name__ == "__main__":
    # What a module prints while it is imported must not end up in the answer.
    answer = os.dup(1)
    os.dup2(2, 1)
    os.write(answer, to_json(describe(Path(sys.argv[1]).resolve())))
