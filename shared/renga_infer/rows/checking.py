"""Reads a file of somebody else's once to its end, in a process of its own with little memory: what that ends, it ends.

A file may be damaged, and it may lie: a few bytes of it can stand for many gigabytes. The library that reads it raises,
panics or runs out of memory; here that is a refusal. `_check` is what runs in the process.
"""

import asyncio
import json
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from renga_infer.rows import _check
from renga_infer.rows._check import LONGEST_REASON, Finding, Task
from renga_infer.rows.columns import Column
from renga_infer.rows.errors import RowsRefusedError

MEMORY_BYTES = 256 * 1024 * 1024
"""What reading may take, beyond what a process with the libraries has; on Linux."""
_NO_MEMORY = ("MemoryError", "memory allocation of", "Cannot allocate memory")
_PANIC = "pyo3_runtime.PanicException: "


class CheckStoppedError(Exception):
    """The check was ended from outside, or ran out of time: it says nothing about the file."""


class Limits(NamedTuple):
    """How much is taken."""

    rows: int
    memory_bytes: int = MEMORY_BYTES


async def checked(file: Path, columns: Sequence[Column], chunk_rows: int, limits: Limits, *, timeout_s: float) -> int:
    """How many rows a file has, each of which can be read as the model's inputs.

    Raises:
        RowsRefusedError: it has none or too many, or they cannot be read, or not within the memory.
        CheckStoppedError: it was not read to its end.
    """
    task = Task(str(file), tuple(columns), chunk_rows, limits.rows, limits.memory_bytes)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", _check.__name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Each thread of a library would have memory of its own; and one frame of a panic tells enough.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "RUST_BACKTRACE": "0"},
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate(json.dumps(task).encode())
    except TimeoutError:
        raise CheckStoppedError(f"The rows were not read within {timeout_s:.3g} s.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    if process.returncode == 0:
        finding = Finding(*json.loads(out))
        if finding.refused:
            raise RowsRefusedError(finding.refused)
        return finding.rows
    raise _ended(process.returncode or 0, err.decode(errors="replace").strip(), limits)


def _ended(status: int, said: str, limits: Limits) -> Exception:
    """What the end of the process means."""
    if any(sign in said for sign in _NO_MEMORY):
        return RowsRefusedError(
            f"The rows cannot be read within {limits.memory_bytes} bytes of memory, whatever the file's own size: "
            "write smaller batches or row groups, or shorter rows."
        )
    if status in {-signal.SIGABRT, -signal.SIGSEGV, -signal.SIGBUS}:
        return RowsRefusedError("The rows cannot be read: the file is damaged.")
    if status < 0:
        return CheckStoppedError(f"The process that reads the rows was ended by {signal.Signals(-status).name}.")
    last = said.rpartition("\n")[2]
    if last.startswith(_PANIC):
        return RowsRefusedError(f"The rows cannot be read: {last.removeprefix(_PANIC)[:LONGEST_REASON]}")
    return RuntimeError(f"The process that reads the rows ended with {status}: {said[-2000:]}")
