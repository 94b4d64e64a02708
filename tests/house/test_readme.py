"""What the pages promise is run."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of a page in one language, but for those marked `no-run`."""
    found = BLOCK.findall(page.read_text())
    return [code for name, mark, code in found if name == language and "no-run" not in mark]


def pages(repository: Path) -> list[Path]:
    """Every page that people read."""
    found = [repository / "README.md", *repository.glob("functions/*/*/README.md"), *repository.glob("docs/*.md")]
    return [page for page in found if page.is_file()]


@pytest.mark.timeout(300)
def test_shell_blocks_run(repository: Path, tmp_path: Path) -> None:
    """Every shell block runs through in its page's folder, with the environment active."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    for page in pages(repository):
        for code in blocks(page, "bash"):
            environment = {**os.environ, "PATH": path, "OUT": str(tmp_path), "RENGA_STATE_DIR": str(tmp_path / "state")}
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", code],
                cwd=repository,
                env=environment,
                capture_output=True,
                check=False,
            )
            assert done.returncode == 0, f"{page}: {code}\n{done.stdout.decode()}\n{done.stderr.decode()}"


def test_python_blocks_run(repository: Path) -> None:
    """Every Python block runs by itself."""
    for page in pages(repository):
        for code in blocks(page, "python"):
            done = subprocess.run([sys.executable, "-c", code], cwd=repository, capture_output=True, check=False)
            assert done.returncode == 0, f"{page}: {code}\n{done.stderr.decode()}"
