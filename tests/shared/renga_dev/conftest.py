"""Coroutine tests run in a loop of their own; `lab` starts real runtimes."""

import asyncio
import inspect
from pathlib import Path

import pytest

from lab import Lab
from leaping import Loop


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test in an event loop of its own, whose time it may move on."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    # Nothing is waited for by this loop's time, which a test moves on: the limit of every test ends one that hangs.
    with asyncio.Runner(loop_factory=Loop) as runner:
        runner.run(pyfuncitem.obj(**arguments))
    return True


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Runtimes in a folder of their own."""
    return Lab(tmp_path)
