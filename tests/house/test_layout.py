"""How the house is kept: where things are, how long, and that tests say what they hold."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

TOP_LEVEL = {
    *("events", "functions", "shared", "knative", "terraform", "tests", "docs", "examples"),
    *("pyproject.toml", "constraints.txt", "README.md", "Makefile", ".ci", ".gitignore"),
}
MIRRORED = ("shared/renga", "shared/renga_schema", "shared/renga_infer", "shared/renga_dev", "functions")
MOST_LINES = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "misc"}


def tracked(repository: Path, pattern: str) -> list[Path]:
    """Our own files; not what tools leave behind."""
    rooms = [repository / room for room in ("events", "functions", "shared", "tests")]
    return [path for room in rooms for path in room.glob(pattern) if "__pycache__" not in path.parts]


def test_the_top_level_is_fixed(repository: Path) -> None:
    """A new concern finds its place in a room that exists."""
    # What git would take, not what is there: other tests' tools make folders of their own for a moment.
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=repository, check=True, capture_output=True, text=True).stdout.splitlines()
    found = {path.partition("/")[0] for path in listed}
    assert found
    assert found <= TOP_LEVEL, f"not planned for: {found - TOP_LEVEL}"


def test_modules_are_short(repository: Path) -> None:
    """A module over 400 lines argues for itself in its docstring."""
    for path in tracked(repository, "**/*.py"):
        text = path.read_text()
        if text.count("\n") > MOST_LINES:
            docstring = ast.get_docstring(ast.parse(text)) or ""
            assert "Longer than 400 lines:" in docstring, f"{path} has {text.count(chr(10))} lines and no reason"


def test_names_say_something(repository: Path) -> None:
    """No room for what nobody could name."""
    vague = [path for path in tracked(repository, "**/*") if path.stem.lstrip("_") in VAGUE]
    assert not vague


def test_tests_mirror_the_source(repository: Path) -> None:
    """A test module stands in the folder that its subject stands in."""
    for room in MIRRORED:
        for path in (repository / "tests" / room).rglob("test_*.py"):
            where = path.relative_to(repository / "tests").parent
            assert (repository / where).is_dir(), f"{path}: there is no {where} to test"


def test_every_test_has_one_sentence(repository: Path) -> None:
    """A test's docstring states the behaviour it holds."""
    for path in (repository / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_"):
                docstring = ast.get_docstring(node)
                assert docstring, f"{path.name}::{node.name} says nothing"
                assert docstring.rstrip().endswith("."), f"{path.name}::{node.name}: not a sentence"


@pytest.mark.parametrize("part", ["main.py", "README.md", "requirements.txt"])
def test_functions_are_whole(repository: Path, part: str) -> None:
    """A function is a folder with its handler, its needs and its page."""
    folders = [path.parent for path in repository.glob("functions/*/*/main.py")]
    assert folders
    assert not [folder for folder in folders if not (folder / part).is_file()]


def test_requirements_name_no_version(repository: Path) -> None:
    """A function asks for renga and its extras; versions are pinned in one place."""
    for path in repository.glob("functions/*/*/requirements.txt"):
        for line in path.read_text().splitlines():
            assert re.fullmatch(r"renga(\[[a-z,-]+\])?", line), f"{path}: {line!r}"


def test_constraints_hold_names_and_versions(repository: Path) -> None:
    """Every line is a name and an exact version."""
    for line in (repository / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line
