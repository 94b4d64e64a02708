"""The process of `checking`: reads a file to its end as a model's inputs, with little memory, and says what it found.

What it imports is paid for each file, so it imports little.
"""

import json
import sys
from pathlib import Path
from typing import NamedTuple

from renga_infer.protocol.datatypes import Datatype
from renga_infer.rows.chunks import chunks
from renga_infer.rows.columns import Column
from renga_infer.rows.errors import RowsRefusedError

LONGEST_REASON = 300
"""In characters: what a library says of a file."""


class Task(NamedTuple):
    """What it reads from its standard input, as a JSON array."""

    file: str
    columns: tuple[tuple[str, str, tuple[int, ...]], ...]
    """Name, datatype and shape of each."""
    chunk_rows: int
    most_rows: int
    memory_bytes: int


class Finding(NamedTuple):
    """What it writes to its standard output, likewise."""

    rows: int
    refused: str = ""
    """Why, if it is."""


def _check(task: Task) -> Finding:
    """Read it all; what the library raises of its own is a plain Exception."""
    rows = 0
    columns = [Column(name, Datatype(datatype), tuple(shape)) for name, datatype, shape in task.columns]
    try:
        for chunk in chunks(Path(task.file), columns, task.chunk_rows):
            rows += len(next(iter(chunk.values())))
            if rows > task.most_rows:
                return Finding(0, f"There are more than {task.most_rows} rows: send them in parts.")
    except RowsRefusedError as error:
        return Finding(0, str(error))
    except Exception as error:
        if type(error) is not Exception:
            raise
        return Finding(0, f"The rows cannot be read: {str(error)[:LONGEST_REASON]}")
    return Finding(rows) if rows else Finding(0, "There are no rows.")


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
    task = Task(*json.load(sys.stdin))
    _bound(task.memory_bytes)
    json.dump(_check(task), sys.stdout)


if __name__ == "__main__":
    main()
