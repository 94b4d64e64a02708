"""What the pages promise is run."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from hosts import free_port
from laptop import Laptop

BLOCK = re.compile(r"^```(\w+)([^\n]*)\n(.*?)^```", re.DOTALL | re.MULTILINE)
UNTIL_CTRL_C = "until Ctrl-C"
"""The mark of a block that goes on: a laptop that the test has brought up stands for it."""
IN_A_COPY = "in a copy"
"""The mark of a block that changes the project."""
PASSING = (".*", "__pycache__", "out")
"""What tools write beside the project, and take away again while other tests run: no copy has it."""
ROOT = Path(__file__).parents[2]


class Block(NamedTuple):
    """A code block of a page."""

    page: str
    language: str
    mark: str
    code: str


def blocks(*languages: str) -> list[Block]:
    """Every code block that people read, page by page, in order."""
    pages = [ROOT / "README.md", *sorted(ROOT.glob("functions/*/*/README.md")), *sorted(ROOT.glob("docs/*.md"))]
    found = [
        Block(str(page.relative_to(ROOT)), language, mark.strip(), code)
        for page in pages
        if page.is_file()
        for language, mark, code in BLOCK.findall(page.read_text())
    ]
    return [block for block in found if block.language in languages]


def first_line(block: Block) -> str:
    """What a test of a block is called."""
    return f"{block.page}: {block.code.splitlines()[0][:40]}"


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """What `renga up` in the README brings up."""
    runtime = Laptop(tmp_path_factory.mktemp("laptop")).up()
    yield runtime
    runtime.down()


@pytest.mark.parametrize("block", blocks("bash"), ids=first_line)
def test_shell_blocks_run(block: Block, laptop: Laptop, tmp_path: Path) -> None:
    """Every shell block runs through at the top of the project, with the environment active."""
    if block.mark == UNTIL_CTRL_C:
        assert "renga up" in block.code
        return
    project = ROOT
    if block.mark == IN_A_COPY:
        project = tmp_path / "project"
        shutil.copytree(ROOT, project, ignore=shutil.ignore_patterns(*PASSING))
    environment = {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "RENGA_URL": laptop.url,
        "RENGA_STATE_DIR": str(tmp_path / "state"),
    }
    command = ["bash", "-euo", "pipefail", "-c", block.code]
    done = subprocess.run(command, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{block.code}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"


@pytest.mark.parametrize("block", blocks("python"), ids=first_line)
def test_python_blocks_run(block: Block) -> None:
    """Every Python block runs by itself; what it serves is on a port that nobody else has."""
    command, environment = [sys.executable, "-c", block.code], {**os.environ, "PORT": str(free_port())}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{block.code}\n{done.stderr}"
