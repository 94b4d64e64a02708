"""Reads a file of somebody else's once to its end, in a process of its own with little memory: what that ends, it ends.

A file may be damaged, and it may lie: a few bytes of it can stand for many gigabytes. The library that reads it raises,
panics or runs out of memory; here that is a refusal. `python -m renga_infer.rows.checking` is the process.
"""

import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field

from renga_infer.protocol.datatypes import Datatype
from renga_infer.rows.chunks import chunks
from renga_infer.rows.columns import Column
from renga_infer.rows.errors import RowsRefusedError

MEMORY_BYTES = 256 * 1024 * 1024
"""What reading may take, beyond what a process with the libraries has; on Linux."""
_NO_MEMORY = ("MemoryError", "memory allocation of", "Cannot allocate memory")
_PANIC = "pyo3_runtime.PanicException: "
_LONGEST_REASON = 300


class CheckStoppedError(Exception):
    """The check was ended from outside, or ran out of time: it says nothing about the file."""


class Limits(NamedTuple):
    """How much is taken."""

    rows: int
    memory_bytes: int = MEMORY_BYTES


class _Task(BaseModel):
    """What the process reads from its standard input."""

    file: Path
    columns: tuple[tuple[str, Datatype, tuple[int, ...]], ...]
    chunk_rows: int
    limits: Limits


class _Finding(BaseModel):
    """What it writes to its standard output."""

    model_config = ConfigDict(extra="forbid")

    rows: Annotated[int, Field(ge=0)] = 0
    refused: str = ""


async def checked(file: Path, columns: Sequence[Column], chunk_rows: int, limits: Limits, *, timeout_s: float) -> int:
    """How many rows a file has, each of which can be read as the model's inputs.

    Raises:
        RowsRefusedError: it has none or too many, or they cannot be read, or not within the memory.
        CheckStoppedError: it was not read to its end.
    """
    task = _Task(file=file, columns=tuple(columns), chunk_rows=chunk_rows, limits=limits)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", __name__),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Each thread of a library would have memory of its own; and one frame of a panic tells enough.
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "RUST_BACKTRACE": "0"},
    )
    try:
        async with asyncio.timeout(timeout_s):
            out, err = await process.communicate(task.model_dump_json().encode())
    except TimeoutError:
        raise CheckStoppedError(f"The rows were not read within {timeout_s:.3g} s.") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    if process.returncode == 0:
        finding = _Finding.model_validate_json(out)
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
        return RowsRefusedError(f"The rows cannot be read: {last.removeprefix(_PANIC)[:_LONGEST_REASON]}")
    return RuntimeError(f"The process that reads the rows ended with {status}: {said[-2000:]}")


def _check(task: _Task) -> _Finding:
    """Read it all; what the library raises of its own is a plain Exception."""
    rows = 0
    columns = [Column(*column) for column in task.columns]
    try:
        for chunk in chunks(task.file, columns, task.chunk_rows):
            rows += len(next(iter(chunk.values())))
            if rows > task.limits.rows:
                return _Finding(refused=f"There are more than {task.limits.rows} rows: send them in parts.")
    except RowsRefusedError as error:
        return _Finding(refused=str(error))
    except Exception as error:
        if type(error) is not Exception:
            raise
        return _Finding(refused=f"The rows cannot be read: {str(error)[:_LONGEST_REASON]}")
    return _Finding(rows=rows) if rows else _Finding(refused="There are no rows.")


def _bound(memory_bytes: int) -> None:
    """From now on this process gets so much more memory and no more; where the kernel cannot, all that it asks for."""
    if sys.platform != "linux":
        return
    import resource

    import arro3.io  # noqa: F401 - imported before the bound, which is for what is read

    status = Path("/proc/self/status").read_text()
    has_kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmData:"))
    most = has_kib * 1024 + memory_bytes
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def main() -> None:
    """Check the file that standard input tells of; say what was found."""
    task = _Task.model_validate_json(sys.stdin.buffer.read())
    _bound(task.limits.memory_bytes)
    sys.stdout.write(_check(task).model_dump_json())


if __name__ == "__main__":
    main()
