"""Packages that the suite has not, or has in other versions: environments of their own, made once and kept."""

import fcntl
import hashlib
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

_INSTALLING_S = 500


def environment(cache: Path, requirements: Path, *, over_suite: bool = False) -> Path:
    """An environment with exactly these packages, made once; skip where they cannot be fetched.

    Args:
        cache: where it is kept.
        requirements: names with their versions; what they stand on is not fetched, so that the file names it all.
        over_suite: whether the suite's own packages are there too, behind these.
    """
    suite = sysconfig.get_path("purelib") if over_suite else ""
    pins = f"{sys.version_info[:2]} {requirements.read_text()}{suite}"
    folder = cache / f"{requirements.stem}-{hashlib.sha256(pins.encode()).hexdigest()[:12]}"
    ready = folder / "ready"
    with _alone(folder):
        if not ready.is_file():
            shutil.rmtree(folder, ignore_errors=True)
            # Under the suite's packages lies its pip; alone, some packages count on what comes with pip.
            options = ["--without-pip"] if over_suite else []
            made = [sys.executable, "-m", "venv", *options, str(folder)]
            subprocess.run(made, check=True, capture_output=True, timeout=_INSTALLING_S)
            python = folder / "bin" / "python"
            pip = [sys.executable, "-m", "pip", "--python", str(python)] if over_suite else [str(python), "-m", "pip"]
            done = subprocess.run(
                # Most modules are never imported; those that are, are compiled then.
                [*pip, "install", "--quiet", "--no-deps", "--no-compile", "-r", str(requirements)],
                check=False,
                capture_output=True,
                text=True,
                timeout=_INSTALLING_S,
            )
            if done.returncode:
                pytest.skip(f"{requirements.name} cannot be installed: {done.stderr.strip().splitlines()[-1:]}")
            if over_suite:
                # A path file is read after the folder that it lies in: what was installed here is found first.
                (site,) = folder.glob("lib/python*/site-packages")
                (site / "suite.pth").write_text(f"{suite}\n")
            ready.touch()
    return folder


class _alone:  # noqa: N801 - reads as what it does: `with _alone(folder):`
    """One process at a time makes a folder; nobody waits for one that he does not want."""

    def __init__(self, folder: Path) -> None:
        self._path = folder.with_name(f"{folder.name}.lock")

    def __enter__(self) -> None:
        self._file = self._path.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX)

    def __exit__(self, *raised: object) -> None:
        self._file.close()
