"""Who may import whom."""

import ast
import subprocess
import sys
from pathlib import Path

FUNCTIONS_MAY_IMPORT = {"renga", "renga_events", "renga_schema", "renga_infer"}
OURS = FUNCTIONS_MAY_IMPORT | {"renga_dev", "functions", "shared", "events"}


def test_the_libraries_keep_their_layers(repository: Path) -> None:
    """The contracts in pyproject.toml hold."""
    # A process of its own: it sets up logging for everybody in its own.
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_functions_import_libraries_only(repository: Path) -> None:
    """A function imports neither another function nor the laptop."""
    folders = {path.parent.name for path in repository.glob("functions/*/*/main.py")}
    assert folders
    for path in repository.glob("functions/**/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            roots = {name.partition(".")[0] for name in names}
            assert not roots & (OURS - FUNCTIONS_MAY_IMPORT), f"{path}: {roots}"
            assert not roots & folders, f"{path} imports another function: {roots & folders}"
