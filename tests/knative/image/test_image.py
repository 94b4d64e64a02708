"""How images are made: what the Dockerfile states, what goes into its context, what is installed and what is built.

No image is built here, because that needs a base image and minutes.
"""

import importlib.util
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any, NamedTuple

import pytest


class Statement(NamedTuple):
    """One statement of a Dockerfile."""

    word: str
    rest: str


@pytest.fixture(scope="module")
def image(repository: Path) -> Path:
    """The folder with everything that images are made by."""
    return repository / "knative" / "image"


@pytest.fixture(scope="module")
def stages(image: Path) -> list[list[Statement]]:
    """The Dockerfile, stage by stage; what comes before the first is left out."""
    lines = [line for line in (image / "Dockerfile").read_text().splitlines() if not line.strip().startswith("#")]
    text = "\n".join(lines).replace("\\\n", " ")
    statements = [Statement(*line.split(maxsplit=1)) for line in text.splitlines() if line.strip()]
    starts = [index for index, statement in enumerate(statements) if statement.word == "FROM"]
    return [statements[start:end] for start, end in zip(starts, [*starts[1:], len(statements)], strict=True)]


def program(path: Path) -> ModuleType:
    """A program that the Dockerfile runs, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def needs(image: Path) -> ModuleType:
    """The program that says what a function needs."""
    return program(image / "needs.py")


@pytest.fixture(scope="module")
def pyproject(repository: Path) -> dict[str, Any]:
    """The table `project` of pyproject.toml."""
    found: dict[str, Any] = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    return found


def test_every_stage_is_of_the_one_base(stages: list[list[Statement]], image: Path) -> None:
    """The interpreter that compiles is the one that runs; which it is must be said, and has no default that moves."""
    names: set[str] = set()
    for stage in stages:
        origin, _, name = stage[0].rest.partition(" AS ")
        assert origin in {"${BASE}", "scratch", *names}
        names.add(name)
    assert re.search(r"^ARG BASE$", (image / "Dockerfile").read_text(), re.MULTILINE)
    assert stages[-1][0].rest == "${BASE}"


def test_the_image_itself_is_only_copied_together(stages: list[list[Statement]]) -> None:
    """Nothing runs in the last stage, so no tool and no cache is left in it; all comes out of stages before it."""
    last = stages[-1]
    assert {statement.word for statement in last} <= {"FROM", "COPY", "ARG", "ENV", "LABEL", "WORKDIR", "EXPOSE"} | {
        "USER",
        "ENTRYPOINT",
    }
    assert all(statement.rest.startswith("--from=") for statement in last if statement.word == "COPY")


def test_what_differs_comes_last(stages: list[list[Statement]]) -> None:
    """What all functions share is below what some share, and the function's own folder is on top."""
    copied = [re.findall(r"--from=(\w+)", statement.rest) for statement in stages[-1] if statement.word == "COPY"]
    extras = [["extra1"], ["extra2"], ["extra3"]]
    assert copied == [["core"], ["code"], *extras, ["inference"], ["handler"]]
    for stage in stages[:-1]:
        # The name of the function would make every layer another one.
        if not stage[0].rest.endswith(" AS function"):
            assert not any("FUNCTION" in statement.rest for statement in stage)


def test_an_extra_is_a_layer(stages: list[list[Statement]]) -> None:
    """The stages of extras differ in nothing but what is installed, so that an extra is the same bytes in each."""
    made = {stage[0].rest.partition(" AS ")[2]: stage[1:] for stage in stages}
    each = [
        [Statement(word, rest.replace(f"/asked/{number}", "/asked/N")) for word, rest in made[f"extra{number}"]]
        for number in (1, 2, 3)
    ]
    assert each[0] == each[1] == each[2]
    assert made["asked"][-1].rest == "python3 needs.py 3 /asked < requirements.txt"


def test_it_runs_as_nobody_and_ends_by_signal(stages: list[list[Statement]]) -> None:
    """The user is a number, which Kubernetes can tell from root; no shell stands between the signal and the host."""
    last = {statement.word: statement.rest for statement in stages[-1]}
    assert last["USER"] == "65532:65532"
    assert json.loads(last["ENTRYPOINT"]) == ["python3", "-m", "renga.host"]


def test_bytecode_is_compiled_for_good(stages: list[list[Statement]]) -> None:
    """Every stage that makes Python files compiles them without a time to compare: layers do not keep those."""
    build = " ".join(statement.rest for statement in stages[0])
    assert "compileall" in build
    assert "--invalidation-mode unchecked-hash" in build
    for stage in stages[1:-1]:
        if any("/renga/" in statement.rest for statement in stage if statement.word == "RUN"):
            last = stage[-1]
            assert last.word == "RUN"
            assert "${COMPILE}" in last.rest


def test_nothing_is_fetched_but_pinned_packages(stages: list[list[Statement]]) -> None:
    """No ADD of a URL, no package of the system; only the program that the next test runs calls pip, for wheels."""
    statements = [statement for stage in stages for statement in stage]
    assert not any(statement.word == "ADD" for statement in statements)
    ran = " ".join(statement.rest for statement in statements if statement.word == "RUN")
    assert "python3 install.py " in ran
    assert not re.search(r"\b(install|curl|wget|git)\s", ran)
    assert any("PIP_ONLY_BINARY=:all:" in statement.rest for statement in statements)


def test_what_is_installed_is_pinned(image: Path, tmp_path: Path) -> None:
    """Of two versions in a folder it is the one that constraints.txt names; what lies below is left out."""
    for version in ("1.0", "2.0"):
        file = tmp_path / f"verse-{version}-py3-none-any.whl"
        with zipfile.ZipFile(file, "w") as wheel:
            wheel.writestr("verse.py", f"VERSION = '{version}'\n")
            wheel.writestr("shared.py", "")
            info = f"verse-{version}.dist-info"
            wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: verse\nVersion: {version}\n")
            wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(f"{info}/RECORD", "")
    (tmp_path / "constraints.txt").write_text("verse==1.0\n")
    (tmp_path / "needs.txt").write_text("verse>=1\n")
    (tmp_path / "none.txt").write_text("\n")
    (tmp_path / "below").mkdir()
    (tmp_path / "below/shared.py").touch()
    env = os.environ | {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    for needs, folder in (("needs.txt", "made"), ("none.txt", "empty")):
        command = (sys.executable, str(image / "install.py"), needs, folder, "below")
        subprocess.run(command, cwd=tmp_path, env=env, check=True)
    assert (tmp_path / "made/verse.py").read_text() == "VERSION = '1.0'\n"
    assert {path.name for path in (tmp_path / "made").iterdir()} == {"verse.py", "verse-1.0.dist-info"}  # no bytecode
    assert list((tmp_path / "empty").iterdir()) == []


def test_the_context_is_a_list_of_what_goes_in(image: Path) -> None:
    """Everything is left out but what is named, and of that what tools leave behind."""
    lines = [line for line in (image / "Dockerfile.dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert lines[0] == "*"
    named = {line.removeprefix("!") for line in lines if line.startswith("!")}
    assert named == {
        *("pyproject.toml", "constraints.txt"),
        *("knative/image/install.py", "knative/image/needs.py"),
        *("events/renga_events", "shared/renga", "shared/renga_schema", "shared/renga_infer", "functions"),
    }
    assert {"**/__pycache__", "**/.*"} <= set(lines)


@pytest.mark.parametrize(
    ("line", "there"), [("renga[schema]", False), ("renga[infer-client,schema]", True), ("renga[infer-server]", True)]
)
def test_inference_is_where_it_is_asked_for(
    line: str, there: bool, stages: list[list[Statement]], tmp_path: Path
) -> None:
    """What the Dockerfile runs copies its code and models for those who ask for an extra of it, and for nobody else."""
    (stage,) = [stage for stage in stages if stage[0].rest.endswith(" AS inference")]
    (run,) = [statement.rest for statement in stage if statement.word == "RUN"]
    (tmp_path / "renga_infer").mkdir()
    (tmp_path / "requirements.txt").write_text(f"{line}\n")
    target = tmp_path / "image"
    command = run.replace("/renga/inference", str(target)).replace("${COMPILE}", ":")
    subprocess.run(["sh", "-c", command], cwd=tmp_path, check=True)
    assert (target / "renga_infer").is_dir() is there


def test_functions_carry_neither_torch_nor_a_server_of_models(repository: Path) -> None:
    """Only the service that stays has the server's needs; numpy is where models are asked, and nowhere else."""
    asked = {
        str(path.parent.relative_to(repository / "functions")): set(re.findall(r"infer[a-z-]*", path.read_text()))
        for path in repository.glob("functions/*/*/requirements.txt")
    }
    assert {name for name, extras in asked.items() if extras & {"infer", "infer-server", "infer-grpc"}} == {
        "platform/inference"
    }


def test_only_what_a_function_asks_for_is_installed(needs: ModuleType, pyproject: dict[str, Any]) -> None:
    """Renga's own needs and those of its extras: other projects' names, of this function only."""
    found = list(needs.needs(["renga[sql]", ""], pyproject))
    assert found == [*pyproject["dependencies"], *pyproject["optional-dependencies"]["sql"]]
    assert list(needs.needs(["renga"], pyproject)) == pyproject["dependencies"]


def test_an_extra_brings_what_it_asks_for(needs: ModuleType, pyproject: dict[str, Any]) -> None:
    """An extra may ask for another one, which has its layer before it and once; Renga's own needs have none here."""
    found = needs.by_extra(["renga[infer-client,infer-rows]", "renga[sql]"], pyproject)
    assert list(found) == ["numpy", "infer-client", "infer-rows", "sql"]
    assert found["infer-rows"] == [
        each for each in pyproject["optional-dependencies"]["infer-rows"] if "renga" not in each
    ]
    assert "numpy>=2.0" in list(needs.needs(["renga[infer-server]"], pyproject))


def test_every_requirements_file_is_understood(
    needs: ModuleType, pyproject: dict[str, Any], repository: Path, tmp_path: Path
) -> None:
    """No function's image fails for a line of it, and none has more extras than there are layers for."""
    for path in repository.glob("functions/*/*/requirements.txt"):
        extras = needs.by_extra(path.read_text().splitlines(), pyproject)
        needs.write(list(extras.values()), 3, tmp_path)
        files = [tmp_path / number / "needs.txt" for number in ("1", "2", "3")]
        written = [file.read_text().splitlines() for file in files]
        assert written == [*extras.values(), [], [], []][:3]
        assert {path.stat().st_mtime for file in files for path in (file, file.parent)} == {0}


def test_too_many_extras_are_refused(needs: ModuleType, tmp_path: Path) -> None:
    """Rather than one left out of the image."""
    with pytest.raises(ValueError, match="4 extras, and images have layers for 3: the Dockerfile wants one more"):
        needs.write([["a"], ["b"], ["c"], ["d"]], 3, tmp_path)


@pytest.mark.parametrize("line", ["renga[nope]", "requests", "renga==1", "renga[sql"])
def test_what_is_no_extra_is_refused(line: str, needs: ModuleType, pyproject: dict[str, Any]) -> None:
    """The line and the extras that there are."""
    with pytest.raises(ValueError, match=r"is not renga with extras of cesql, schema"):
        list(needs.needs([line], pyproject))


def test_what_no_function_runs_is_taken_out(image: Path, tmp_path: Path) -> None:
    """Programs, tests of packages, and what is for compilers and type checkers; a module called tests stays."""
    kept = {"linear/__init__.py", "linear/tests.py", "linear/_core.so", "linear-1.dist-info/RECORD", "linear/bin/x.py"}
    gone = {"linear/tests/__init__.py", "linear/fft/tests/data/x.npy", "linear/tests/deep/tests/t.py", "bin/linear"}
    gone |= {"numpy/f2py/__init__.py", "numpy/distutils/command/build.py"}
    for name in kept | gone | {"linear/__init__.pyi", "linear/include/core.h", "linear/core.pxd", "linear/libcore.a"}:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    program(image / "install.py").trim(tmp_path)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == kept


def test_an_old_python_is_refused(needs: ModuleType, pyproject: dict[str, Any]) -> None:
    """What `requires-python` asks for is asked of the base image too."""
    assert needs.too_old((3, 11, 2), pyproject)
    assert not needs.too_old((3, 11, 5), pyproject)
    assert not needs.too_old((3, 12, 0), pyproject)


def test_the_environments_extras_are_extras(image: Path, pyproject: dict[str, Any]) -> None:
    """What the Dockerfile and the bake file install by default for stores and broker is the same, and exists."""
    (written,) = re.findall(r"^ARG EXTRAS=(\S+)$", (image / "Dockerfile").read_text(), re.MULTILINE)
    (baked,) = re.findall(r'variable "EXTRAS" \{\s+default\s+= "([^"]+)"', (image / "docker-bake.hcl").read_text())
    assert written == baked
    assert set(written.split(",")) <= pyproject["optional-dependencies"].keys()


def test_bake_builds_every_function(image: Path, repository: Path) -> None:
    """Its one target is a matrix of all functions, whose tags are the names in the base."""
    bake = (image / "docker-bake.hcl").read_text()
    functions = json.loads((image / "functions.json").read_text())["variable"]["FUNCTIONS"]["default"]
    folders = {f"{path.parent.parent.name}/{path.parent.name}" for path in repository.glob("functions/*/*/main.py")}
    assert set(functions) == folders
    assert "matrix     = { function = FUNCTIONS }" in bake
    assert 'dockerfile = "knative/image/Dockerfile"' in bake
    registry, tag = (
        re.findall(rf'variable "{name}" \{{\s+default = "([^"]+)"', bake)[0] for name in ("REGISTRY", "TAG")
    )
    for function in functions:
        service = function.replace("/", "-")
        assert f"image: {registry}/{service}:{tag}" in (repository / f"knative/base/{service}.yaml").read_text()
