"""Install what a layer of packages holds: `install.py NEEDS FOLDER [BELOW]`, before bytecode is compiled.

NEEDS is a file of requirements; versions are those of constraints.txt. What BELOW has already, a folder of the same
kind that every image has, is left out, and so is what no function runs: the bytecode of NumPy's tests alone would be
some MB of every image with NumPy.
"""

import shutil
import subprocess
import sys
from pathlib import Path

_SUFFIXES = frozenset((".a", ".c", ".f", ".f90", ".h", ".hpp", ".pxd", ".pyi", ".pyx"))
_TOOLS = ("bin", "numpy/distutils", "numpy/f2py")
"""Programs, and what builds extensions."""


def install(needs: Path, folder: Path) -> None:
    """Let pip do so, into a new folder; without needs it is empty.

    Raises:
        subprocess.CalledProcessError: pip failed, and has said why.
    """
    folder.mkdir(parents=True)
    if needs.read_text().strip():
        # Bytecode by pip holds times and the folder that it unpacked in: the layer would be another one each time.
        pip = (sys.executable, "-m", "pip", "install", "--quiet", "--no-compile", "--target", str(folder))
        subprocess.run((*pip, "-c", "constraints.txt", "-r", str(needs)), check=True)


def trim(folder: Path) -> None:
    """Take out programs, packages' own tests, and what is for compilers and type checkers.

    Args:
        folder: where pip installed to; what tells which distributions are there stays.
    """
    tests = [path for path in folder.rglob("tests") if path.is_dir()]
    for path in (*tests, *(folder / tool for tool in _TOOLS)):
        shutil.rmtree(path, ignore_errors=True)  # one may lie in another
    for path in folder.rglob("*"):
        if path.suffix in _SUFFIXES and path.is_file():
            path.unlink()


def leave_out(folder: Path, below: Path) -> None:
    """Take out the files that another such folder has, by name, and the folders that are empty then."""
    for path in sorted(folder.rglob("*"), reverse=True):  # what is in a folder comes before it
        if path.is_dir():
            if not any(path.iterdir()):
                path.rmdir()
        elif (below / path.relative_to(folder)).exists():
            path.unlink()


if __name__ == "__main__":
    target = Path(sys.argv[2])
    install(Path(sys.argv[1]), target)
    trim(target)
    for below in sys.argv[3:]:
        leave_out(target, Path(below))
