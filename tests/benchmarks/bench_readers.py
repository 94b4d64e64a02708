"""The readers against their peers over real schemas: files read whole, tables counted right, time, peak memory.

The peers live in an environment of their own (`peers/readers`: requirements.txt, package.json), which is made with the
first run; RENGA_BENCH_PEERS names another place for it. Whatever cannot be installed is left out, and said to be.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import pytest

import mariadb
import postgres
from truth import Truths, truths

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

HERE = Path(__file__).parent / "peers" / "readers"
LIMIT_S = float(os.environ.get("RENGA_BENCH_LIMIT_S", "20"))
"""A file that takes a tool longer than this counts as not read."""
TOOLS = {
    "renga": {"postgres", "mysql", "sqlite", "mssql"},
    "simple-ddl-parser": {"postgres", "mysql", "sqlite", "mssql"},
    "sqlglot": {"postgres", "mysql", "sqlite", "mssql"},
    "@dbml/core": {"postgres", "mysql", "mssql"},
    "pglast": {"postgres"},
}
"""Each tool and the dialects that it says it reads. pglast is PostgreSQL's own parser: a yardstick, not a peer."""
BIGGEST = 5
MEMORY_TIMES, MEMORY_MB = 12, 60
"""The aim: so many times the file, and so much beside."""


class Design(NamedTuple):
    """A file of the corpus."""

    name: str
    path: Path
    dialect: str


@pytest.fixture(scope="module")
def designs(shared_material: Path) -> list[Design]:
    """The whole corpus."""
    corpus = shared_material / "corpus"
    found = [
        Design(path.relative_to(corpus).as_posix(), path, _dialect(path)) for path in sorted(corpus.rglob("*.sql"))
    ]
    assert found
    return found


def _dialect(path: Path) -> str:
    """`apps/<dialect>/x.sql`, `twins/x/<dialect>.sql`; what is large is PostgreSQL's."""
    return next((name for name in (path.parent.name, path.stem) if name in TOOLS["renga"]), "postgres")


class Peers(NamedTuple):
    """How each tool is called: a command that takes the dialect and the file."""

    commands: dict[str, list[str]]
    python: str
    """The Python with the compiled sqlglot, or this one."""
    folder: Path
    missing: list[str]


@pytest.fixture(scope="module")
def peers(repository: Path) -> Peers:
    """The tools, installed where they are not yet."""
    stamp = zlib.crc32((HERE / "requirements.txt").read_bytes() + (HERE / "package.json").read_bytes())
    folder = Path(os.environ.get("RENGA_BENCH_PEERS", repository / ".venv" / f"peers-{stamp:x}"))
    python = folder / "venv" / "bin" / "python"
    missing = []
    if not python.is_file():
        subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        ours = f"{repository}[schema]"
        with_ours = ["-c", str(repository / "constraints.txt"), "-e", ours, "-r", str(HERE / "requirements.txt")]
        if subprocess.run([*install, *with_ours], check=False).returncode:
            missing.append("simple-ddl-parser, pglast and the compiled sqlglot could not be installed")
    if not (folder / "node_modules" / "@dbml" / "core").is_dir():
        shutil.copy(HERE / "package.json", folder)
        npm = shutil.which("npm")
        install_js = [npm or "npm", "install", "--silent", "--no-audit", "--no-fund", "--no-package-lock"]
        if npm is None or subprocess.run(install_js, cwd=folder, check=False).returncode:
            missing.append("@dbml/core could not be installed")
    here = [sys.executable, str(HERE / "tools.py"), "tables"]
    commands = {"renga": [*here, "renga"], "sqlglot": [*here, "sqlglot"]}
    if not missing:
        commands |= {tool: [str(python), *here[1:], tool] for tool in ("simple-ddl-parser", "pglast")}
        commands["@dbml/core"] = ["node", str(HERE / "tables.cjs")]
    return Peers(commands, str(python) if python.is_file() else sys.executable, folder, missing)


@pytest.fixture(scope="module")
def real() -> Iterator[Truths]:
    """What to hold the numbers of tables against."""
    newest, programs = postgres.newest_binaries(), mariadb.binaries()
    with ExitStack() as servers:
        yield truths(
            servers.enter_context(postgres.server(newest)) if newest else None,
            servers.enter_context(mariadb.server(programs)) if programs else None,
        )


class Outcome(NamedTuple):
    """How a tool ended with a file: the number of tables, or why there is none."""

    tables: int | None
    reason: str = ""


def outcome(command: list[str], design: Design, folder: Path) -> Outcome:
    """Let a tool read a file, in a process of its own."""
    try:
        done = subprocess.run(
            [*command, design.dialect, str(design.path)],
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
            cwd=folder,
        )
    except subprocess.TimeoutExpired:
        return Outcome(None, f"more than {LIMIT_S:g} s")
    if done.returncode:
        return Outcome(None, done.stderr.strip().rpartition("\n")[2])
    return Outcome(int(done.stdout))


def test_files_and_tables(designs: list[Design], peers: Peers, real: Truths) -> None:
    """Per dialect and tool: files read whole, and of all files those whose tables were counted right."""
    for dialect in sorted(TOOLS["renga"]):
        rows = []
        mine = [design for design in designs if design.dialect == dialect]
        expected = {design.name: real.tables(design.path, dialect) for design in mine}
        for tool, dialects in TOOLS.items():
            if dialect not in dialects or tool not in peers.commands:
                continue
            ends = {design.name: outcome(peers.commands[tool], design, peers.folder) for design in mine}
            whole = sum(end.tables is not None for end in ends.values())
            right = sum(end.tables == expected[name] for name, end in ends.items())
            late = sum(end.reason.startswith("more than") for end in ends.values())
            rows.append((dialect, tool, f"{whole}/{len(mine)}", f"{right}/{len(mine)}", str(late or "")))
            if tool == "renga":
                wrong = [
                    f"{name}: {end}, {expected[name]}" for name, end in ends.items() if end.tables != expected[name]
                ]
                show("ours that are not as they should be", wrong)
        table(("dialect", "tool", "files read whole", "tables right", f"over {LIMIT_S:g} s"), rows)
    show("left out", peers.missing)
    show("the truth", real.explained)


def costly(designs: list[Design]) -> list[Design]:
    """What is large, and the biggest files beside it."""
    large = [design for design in designs if design.name.startswith("large/")]
    beside = sorted(set(designs) - set(large), key=lambda design: design.path.stat().st_size, reverse=True)
    return large + beside[:BIGGEST]


@pytest.mark.parametrize("build", ["pure", "compiled"])
def test_time(build: str, designs: list[Design], peers: Peers) -> None:
    """Reading into the model as a multiple of sqlglot's parsing of the same text by the same build."""
    python = sys.executable if build == "pure" else peers.python
    if build == "compiled" and (peers.missing or not _is_compiled(python)):
        pytest.skip("the compiled sqlglot is not installed")
    rows = []
    for design in costly(designs):
        command = [python, str(HERE / "tools.py"), "time", design.dialect, str(design.path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rounds: dict[str, list[float]] = json.loads(done.stdout)
        ours, theirs = statistics.median(rounds["ours"]), statistics.median(rounds["theirs"])
        size = design.path.stat().st_size / 1000
        rows.append((design.name, f"{size:.0f}", f"{ours * 1000:.0f}", f"{theirs * 1000:.0f}", f"{ours / theirs:.2f}"))
    table((f"sqlglot {build}", "kB", "ours ms", "sqlglot ms", "ratio (aim 2)"), rows)


def _is_compiled(python: str) -> bool:
    code = "import sqlglot.parser as p, sys; sys.exit(p.__file__.endswith('.py'))"
    return subprocess.run([python, "-c", code], check=False).returncode == 0


def test_memory(designs: list[Design]) -> None:
    """The peak of a fresh process, beside the aim and beside sqlglot's."""
    rows = []
    for design in costly(designs):
        peaks = {}
        for side in ("ours", "theirs"):
            command = [sys.executable, str(HERE / "tools.py"), "memory", side, design.dialect, str(design.path)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            peaks[side] = float(done.stdout)
        limit = MEMORY_TIMES * design.path.stat().st_size / 1_000_000 + MEMORY_MB
        ratio = f"{peaks['ours'] / peaks['theirs']:.2f}"
        rows.append((design.name, f"{peaks['ours']:.0f}", f"{limit:.0f}", f"{peaks['theirs']:.0f}", ratio))
    table(("peak MB", "ours", f"aim: {MEMORY_TIMES} x file + {MEMORY_MB}", "sqlglot", "ratio"), rows)


def table(titles: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
    """Print rows under their titles."""
    widths = [max(len(cell) for cell in column) for column in zip(titles, *rows, strict=True)]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in [titles, *rows]]
    sys.stdout.write("\n" + "\n".join(line.rstrip() for line in lines) + "\n")


def show(title: str, lines: list[str]) -> None:
    """Print lines, if there are any."""
    if lines:
        sys.stdout.write(f"{title}:\n" + "".join(f"  {line}\n" for line in lines))
