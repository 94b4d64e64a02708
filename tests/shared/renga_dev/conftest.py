"""Coroutine tests run in a loop of their own; `lab` starts real runtimes."""

import asyncio
import inspect
from pathlib import Path

import pytest

from lab import Lab


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run a coroutine test in an event loop of its own."""
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    arguments = {name: pyfuncitem.funcargs[name] for name in inspect.signature(pyfuncitem.obj).parameters}
    asyncio.run(asyncio.wait_for(pyfuncitem.obj(**arguments), 30))
    return True


@pytest.fixture
def lab(tmp_path: Path) -> Lab:
    """Runtimes in a folder of their own."""
    return Lab(tmp_path)
