"""Tools that are written for Node, installed as a test folder pins them, and asked over standard input."""

import json
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

_PATIENCE_S = 200
"""For all of an installation: a few megabytes."""


def install(judge: Path, into: Path) -> Path:
    """Install what the folder's `package-lock.json` pins, and return the copy of the folder; skip where that fails.

    Args:
        judge: `package.json`, `package-lock.json` and a program `judge.mjs`.
        into: an empty folder.
    """
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("Node is not installed")
    copy = Path(shutil.copytree(judge, into / judge.name))
    # No package gets to run anything while it is installed.
    command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    try:
        done = subprocess.run(command, cwd=copy, check=False, capture_output=True, text=True, timeout=_PATIENCE_S)
    except subprocess.TimeoutExpired:
        pytest.skip(f"npm ci takes more than {_PATIENCE_S} s")
    if done.returncode:
        pytest.skip(f"npm ci fails: {done.stderr.strip().splitlines()[-1:]}")
    return copy


def ask(judge: Path, texts: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """What the program `judge.mjs` of an installed folder says about texts.

    Returns:
        For each name what the program answers for its text: `{"sql": ...}`, or `{"refused": ...}` with the reason.
    """
    command = ["node", "judge.mjs"]
    done = subprocess.run(command, cwd=judge, input=json.dumps(texts), check=True, capture_output=True, text=True)
    answers: dict[str, dict[str, str]] = json.loads(done.stdout)
    return answers
