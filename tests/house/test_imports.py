"""Who may import whom."""

import ast
from pathlib import Path

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

FUNCTIONS_MAY_IMPORT = {"renga", "renga_events", "renga_schema", "renga_infer"}
OURS = FUNCTIONS_MAY_IMPORT | {"renga_dev", "functions", "shared", "events"}


def test_the_libraries_keep_their_layers(repository: Path) -> None:
    """The contracts in pyproject.toml hold."""
    assert lint_imports(config_filename=str(repository / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


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
