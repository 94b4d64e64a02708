"""Packages that do not resolve beside the suite's own: an environment laid over the suite's, in which theirs win."""

import os
import shutil
import subprocess
import sys
import sysconfig
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp

import pytest

_PATIENCE_S = 200
"""For all of an installation: some forty megabytes."""


def python_with(requirements: Path) -> Path:
    """A Python that has the packages of a file, whatever is installed here, and else those of the suite.

    It is made once for a machine, and kept in the user's cache. Skips where the packages are not to be had.

    Args:
        requirements: names with their versions; what they stand on is not fetched, so that the file names it all.
    """
    suite = sysconfig.get_path("purelib")
    installed = sorted(path.name for path in Path(suite).glob("*.dist-info"))
    seen = "\n".join((requirements.read_text(), sys.version, suite, *installed))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "renga" / "python"
    made = cache / sha256(seen.encode()).hexdigest()[:16]
    if not made.is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        making = Path(mkdtemp(dir=cache))
        try:
            _make(making, suite, requirements)
            making.rename(made)
        except OSError:
            assert made.is_dir(), "another run made it meanwhile, or the cache cannot be written"
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return made / "bin" / "python"


def _make(folder: Path, suite: str, requirements: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True, timeout=_PATIENCE_S)
    python = str(folder / "bin" / "python")
    site = subprocess.check_output([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True)
    # A line of a path file comes after the folder that holds it: what is installed here is found first.
    (Path(site.strip()) / "suite.pth").write_text(f"{suite}\n")
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check", "--quiet"]
    options = ["install", "--no-deps", "--no-compile", "--requirement", str(requirements)]
    try:
        done = subprocess.run(
            [*pip, *options], check=False, capture_output=True, text=True, timeout=_PATIENCE_S, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        pytest.skip(f"pip install takes more than {_PATIENCE_S} s")
    if done.returncode:
        pytest.skip(f"pip install fails: {done.stderr.strip().splitlines()[-1:]}")
