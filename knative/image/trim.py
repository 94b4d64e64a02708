"""Take out of installed packages what no function runs: their own tests, and what is for compilers and type checkers.

`trim.py FOLDER`, before bytecode is compiled: that of NumPy's tests alone would be some MB of every image with NumPy.
"""

import shutil
import sys
from pathlib import Path

_SUFFIXES = frozenset((".a", ".c", ".f", ".f90", ".h", ".hpp", ".pxd", ".pyi", ".pyx"))


def trim(folder: Path) -> None:
    """Do so below a folder that pip installed to; what tells which distributions are there stays."""
    for tests in [path for path in folder.rglob("tests") if path.is_dir()]:
        shutil.rmtree(tests, ignore_errors=True)  # one may lie in another
    for path in folder.rglob("*"):
        if path.suffix in _SUFFIXES and path.is_file():
            path.unlink()


if __name__ == "__main__":
    trim(Path(sys.argv[1]))
