"""A new function works from its first minute."""

import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from renga_dev.scaffold import CannotScaffold, scaffold
from renga_dev.wiring.generation import wire


@pytest.fixture
def project(tmp_path: Path, repository: Path) -> Path:
    """A project without functions, whose tests know its root as ours do."""
    passing = shutil.ignore_patterns("__pycache__")  # other lanes write there, and replace what they wrote
    shutil.copytree(repository / "tests" / "support", tmp_path / "tests" / "support", ignore=passing)
    (tmp_path / "functions").mkdir()
    (tmp_path / "tests" / "conftest.py").write_text((repository / "tests" / "conftest.py").read_text())
    (tmp_path / "pyproject.toml").write_text((repository / "pyproject.toml").read_text())
    return tmp_path


def run_tests(project: Path) -> subprocess.CompletedProcess[str]:
    """Run a project's tests as its owner would."""
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"],
        cwd=project,
        capture_output=True,
        text=True,
        check=False,
        timeout=250,
    )


@dataclass(frozen=True)
class Case:
    """What is asked for, and the handler's first line that comes of it."""

    name: str
    consumes: tuple[str, ...]
    emits: tuple[str, ...]
    handler: str


CASES = [
    Case(
        "schema/enrich",
        ("dev.renga.schema.parsed.v1",),
        ("schema.validated.v1",),
        "def handle(parsed: SchemaParsed) -> SchemaValidated:",
    ),
    Case(
        "schema/read-again",
        ("SchemaSubmitted",),
        ("SchemaParsed", "SchemaRejected"),
        "def handle(submitted: SchemaSubmitted) -> SchemaParsed | SchemaRejected | None:",
    ),
    Case(
        "schema/tell",
        ("SchemaGenerated", "SchemaRejected"),
        (),
        "def handle(event: SchemaGenerated | SchemaRejected) -> None:",
    ),
    Case("platform/watch", ("AttemptFailed",), (), "def handle(attempt_failed: AttemptFailed) -> None:"),
    Case("platform/hear", ("*",), (), "def handle(event: AnyEvent) -> None:"),
    Case("schema/hand-in", (), ("SchemaSubmitted",), "def handle(request: HandInRequest) -> SchemaSubmitted:"),
    Case("schema/ping", (), (), "def handle(request: PingRequest) -> None:"),
    Case("schema/ask", (), ("SchemaParsed",), "def handle(request: AskRequest) -> SchemaParsed | None:"),
]


def test_a_new_function_is_what_was_asked_for(project: Path) -> None:
    """Its annotations are the subscription and the answers that were named, in whichever spelling."""
    for case in CASES:
        written = scaffold(project, case.name, consumes=case.consumes, emits=case.emits)
        assert written == [
            *(f"functions/{case.name}/{file}" for file in ("main.py", "requirements.txt", "README.md")),
            f"tests/functions/{case.name}/test_main.py",
        ]
        assert case.handler in (project / f"functions/{case.name}/main.py").read_text().splitlines()


@pytest.mark.timeout(300)  # Eight functions are wired, checked and hosted.
def test_a_new_function_works_at_once(project: Path) -> None:
    """It is in order, the wiring reads it, and its own test delivers a real event to its real host and passes."""
    for case in CASES:
        scaffold(project, case.name, consumes=case.consumes, emits=case.emits)
    wiring = wire(project)
    wiring.write()
    assert wiring.faults == []
    for check in (["ruff", "check"], ["ruff", "format", "--check"]):
        subprocess.run([sys.executable, "-m", *check, "functions", "tests/functions"], cwd=project, check=True)
    tests = run_tests(project)
    assert tests.returncode == 0, tests.stdout
    assert f"{len(CASES)} passed" in tests.stdout


def test_the_test_of_a_new_function_can_fail(project: Path) -> None:
    """A handler that no longer answers is found out."""
    scaffold(project, "schema/enrich", consumes=["SchemaParsed"], emits=["SchemaValidated"])
    wire(project).write()
    main = project / "functions/schema/enrich/main.py"
    main.write_text(main.read_text().replace("    return SchemaValidated(", "    return None\n    SchemaValidated("))
    tests = run_tests(project)
    assert tests.returncode == 1, tests.stdout
    assert "1 failed" in tests.stdout


@pytest.mark.parametrize(
    ("name", "consumes", "emits", "reason"),
    [
        ("enrich", [], [], "'enrich' is no function name"),
        ("schema/Enrich", [], [], "'schema/Enrich' is no function name"),
        ("schema/enrich", ["schema.parsd.v1"], [], "schema.parsd.v1 is no event type. Did you mean schema.parsed.v1?"),
        (
            "schema/enrich",
            ["dev.renga.schema.pased.v1"],
            [],
            "dev.renga.schema.pased.v1 is no event type. Did you mean dev.renga.schema.parsed.v1?",
        ),
        ("schema/enrich", [], ["SchemaParse"], "SchemaParse is no event type. Did you mean SchemaParsed?"),
        ("schema/enrich", [], ["*"], "A function emits types by name"),
        ("schema/enrich", ["*"], ["SchemaParsed"], "it would hear itself"),
        ("schema/enrich", ["*", "SchemaParsed"], [], "consumes nothing else"),
    ],
)
def test_what_cannot_be_made_is_refused(
    project: Path, name: str, consumes: list[str], emits: list[str], reason: str
) -> None:
    """With a sentence, before anything is written."""
    with pytest.raises(CannotScaffold) as refusal:
        scaffold(project, name, consumes=consumes, emits=emits)
    assert reason in str(refusal.value)
    assert list((project / "functions").iterdir()) == []


@pytest.mark.parametrize("place", ["functions", "tests/functions"])
def test_a_taken_name_is_refused(project: Path, place: str) -> None:
    """Whether its folder is there or only its test."""
    (project / place / "schema" / "enrich").mkdir(parents=True)
    with pytest.raises(CannotScaffold, match=f"schema/enrich is taken: {place}/schema/enrich exists"):
        scaffold(project, "schema/enrich")
