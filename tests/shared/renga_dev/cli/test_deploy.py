"""`renga deploy` at the command line, as far as it goes without a cluster; tests/engine has the rest."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from renga_dev.cli import main

BASE = f"python@sha256:{'0' * 64}"
BUILD = ("--base", BASE, "--registry", "r.example.org/renga", "--tag", "t1")
needs_kubectl = pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")


def run(*arguments: str) -> Result:
    """`renga deploy` with arguments."""
    return CliRunner().invoke(main, ["deploy", *arguments])


@pytest.fixture
def project(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_cluster: str) -> Path:
    """A copy of this project, as far as a deployment reads it; we are in it, and there is no cluster."""
    for part in ("functions", "knative"):
        shutil.copytree(repository / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in ("events/pubsub.json", "examples/shop.sql"):
        (tmp_path / part).parent.mkdir()
        shutil.copy(repository / part, tmp_path / part)
    monkeypatch.chdir(tmp_path)
    for name in ("BASE", "REGISTRY", "TAG", "RENGA_LOAD", "RENGA_VIA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("KUBECONFIG", no_cluster)
    return tmp_path


def built(project: Path) -> Path:
    """What bake writes of all functions."""
    names = sorted(f"{path.parent.parent.name}-{path.parent.name}" for path in project.glob("functions/*/*/main.py"))
    told = {
        name: {"containerimage.digest": f"sha256:{'1' * 64}", "image.name": f"r.example.org/renga/{name}:t1"}
        for name in names
    }
    path = project / "images.json"
    path.write_text(json.dumps(told))
    return path


@pytest.mark.usefixtures("project")
def test_a_dry_run_is_a_script_that_runs_nothing() -> None:
    """Steps are comments, everything else is a command; none needs to be here, and nothing is written."""
    before = sorted(Path.cwd().rglob("*"))
    result = run("--overlay", "gke", *BUILD, "--dry-run", "--via", "10.0.0.7:80", "schema/parse")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "# 1. Make 1 image"
    assert any(
        line.endswith(
            "docker-bake.hcl -f knative/image/functions.json --push --metadata-file"
            " .renga/deploy/gke/images.json schema-parse"
        )
        for line in lines
    )
    assert lines[-1] == "RENGA_VIA=10.0.0.7:80 renga submit examples/shop.sql --at 'http://{service}.functions.DOMAIN'"
    assert sorted(Path.cwd().rglob("*")) == before


@pytest.mark.usefixtures("project")
def test_a_canary_is_a_script_too() -> None:
    """It ends with everything for the new revision; no event is sent, and its way back is one step."""
    forth = run("--overlay", "gke", *BUILD, "--dry-run", "--canary", "10", "schema/parse").stdout.splitlines()
    assert [line for line in forth if line.startswith("#")][-3:] == [
        "# 5. Give it 10 %, and judge it, 1800 s at most",
        "# 6. Give it 50 %, and judge it, 1800 s at most",
        "# 7. Give it everything",
    ]
    back = run("--overlay", "gke", "--dry-run", "--abort", "schema/parse").stdout.splitlines()
    assert back[0] == "# 1. Give everything to the revision of schema-parse that has most"
    assert back[-1] == "kubectl apply --server-side -f .renga/deploy/gke/schema-parse.json"


@pytest.mark.usefixtures("project")
def test_what_the_environment_says_need_not_be_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """BASE, REGISTRY and TAG as bake takes them; RENGA_LOAD in a registry's place."""
    for name, value in (("BASE", BASE), ("REGISTRY", "r.example.org/renga"), ("TAG", "t2")):
        monkeypatch.setenv(name, value)
    assert f"BASE={BASE} REGISTRY=r.example.org/renga TAG=t2 docker" in run("--overlay", "gke", "--dry-run").stdout
    monkeypatch.setenv("RENGA_LOAD", "load {}")
    result = run("--overlay", "engine", "--builder", "buildah", "--dry-run", "--no-smoke")
    assert "--tag dev.local/schema-parse:t2" in result.stdout
    assert "\nload .renga/deploy/engine/images.tar\n" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--overlay", "gek", *BUILD), "There is no overlay gek. Did you mean gke?"),
        (("--overlay", "gke", *BUILD, "schema/pars"), "There is no function schema/pars. Did you mean schema/parse?"),
        (("--overlay", "gke"), "--base is not given: name the image under all others by its digest"),
        (("--overlay", "gke", "--base", "python:3.11"), "--base is python:3.11: name the image"),
        (("--overlay", "gke", "--base", BASE), "--registry says where images go"),
        (("--overlay", "gke", "--base", BASE, "--load", "load {}"), "give --builder buildah too"),
        (("--overlay", "gke", "--no-build", "--load", "load"), "put {} where the archive's path goes"),
        (("--overlay", "gke", "--base", BASE, "--registry", "r"), "is no git repository whose commit would be a tag"),
        (("--overlay", "gke", "--no-build", "schema/parse"), "FUNCTION says whose images are made"),
        (("--overlay", "gke", "--no-build", "--images", "a.json"), "--images and --no-build were both given"),
        (("--overlay", "gke", "--images", "a.json", "--load", "load {}"), "--images names images of a registry"),
        (("--overlay", "gke", "--no-build", "--timeout", "ten"), "'ten' is no time such as 90s, 10m or 1h"),
        (("--overlay", "gke", *BUILD, "--canary", "10"), "--canary is for one FUNCTION, and 0 were given"),
        (("--overlay", "gke", "--abort", "schema/parse", "schema/submit"), "--abort is for one FUNCTION, and 2 were"),
        (("--overlay", "gke", "--abort", "--canary", "10", "schema/parse"), "--canary and --abort were both given"),
        (("--overlay", "gke", "--no-build", "--canary", "60", "schema/parse"), "60 is not in the range 1<=x<=50"),
        (("--overlay", "gke", "--no-build", "--canary", "5", "schema/pars"), "Did you mean schema/parse?"),
        (("--overlay", "gke", "--no-build", "--to", "http://a.org"), "put {service} where the Service's name goes"),
        (("--overlay", "gke", "--no-build", "--to", "a.org"), "is no http or https URL"),
        (("--overlay", "gke", "--no-build", "--to", "https://{service}.a.org", "--via", "b:80"), "has the certificate"),
    ],
)  # fmt: skip
def test_misuse_is_told_before_anything_is_run(arguments: tuple[str, ...], said: str, project: Path) -> None:
    """Status 2, with what to give instead."""
    result = run(*arguments)
    assert said in " ".join(result.output.split())
    assert result.exit_code == 2
    assert not (project / ".renga").exists()


def test_without_an_example_there_is_nothing_to_send(project: Path) -> None:
    """It is said before anything is applied, with the way around."""
    (project / "examples/shop.sql").unlink()
    result = run("--overlay", "gke", "--no-build")
    assert "is not there to be sent through: --no-smoke goes without." in result.output
    assert result.exit_code == 2


@pytest.mark.usefixtures("project")
def test_outside_of_a_project(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are no overlays."""
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    result = run("--overlay", "gke", "--no-build")
    assert "lies in no project" in result.output
    assert result.exit_code == 2


def test_a_program_that_is_missing_is_named(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of them, before the first is run."""
    monkeypatch.setenv("PATH", str(project))
    result = run("--overlay", "gke", "--no-build", "--load", "no-such-program {}")
    assert "kubectl, no-such-program: not on the path" in result.output
    assert result.exit_code == 2


@needs_kubectl
def test_what_is_wrong_is_not_applied(project: Path) -> None:
    """`renga check --pinned` is asked first: its findings are told, and status 1 ends it before kubectl is run."""
    result = run("--overlay", "gke", "--no-build")
    assert "error IMG-LOCAL Service functions/schema-parse" in result.output
    assert "Nothing was applied: mend the errors first." in result.output
    assert "kubectl" not in result.stdout
    assert result.exit_code == 1
    assert "images: []" in (project / "knative/overlays/gke/images/kustomization.yaml").read_text()


@needs_kubectl
def test_digests_are_written_and_checked_before_the_cluster_is_asked(project: Path) -> None:
    """Bake's file fills the overlay, which then has nothing to mend; kubectl says that no cluster is there."""
    result = run("--overlay", "gke", "--images", str(built(project)))
    assert f"  schema-parse           r.example.org/renga/schema-parse@sha256:{'1' * 12}…" in result.stdout
    assert " objects, nothing to mend" in result.stdout
    assert "kubectl diff --server-side -k knative/overlays/gke" in result.stdout
    assert "kubectl apply" not in result.stdout
    assert "connection refused" in result.stderr
    assert result.exit_code == 1
    written = (project / "knative/overlays/gke/images/kustomization.yaml").read_text()
    assert written.count(f'digest: "sha256:{"1" * 64}"}}\n') == len(list(project.glob("functions/*/*/main.py")))


@needs_kubectl
@pytest.mark.usefixtures("project")
def test_ctrl_c_stops_it() -> None:
    """Whatever is being run then: status 130, and what is there to do."""
    renga = [sys.executable, "-c", "from renga_dev.cli import main; main()"]
    load = ["--load", "sh -c 'kill -INT $PPID; exec sleep 1' {}"]
    done = subprocess.run(
        [*renga, "deploy", "--overlay", "gke", "--no-build", *load], capture_output=True, text=True, check=False
    )
    assert "Stopped. What was applied stays" in done.stderr
    assert done.returncode == 130


@needs_kubectl
@pytest.mark.usefixtures("project")
def test_a_command_that_fails_ends_it() -> None:
    """With the command and its status."""
    result = run("--overlay", "gke", "--no-build", "--load", "sh -c 'exit 7' {}")
    assert "`sh -c 'exit 7' .renga/deploy/gke/images.tar` ended with status 7." in result.stderr
    assert result.exit_code == 1


@pytest.mark.usefixtures("project")
def test_metadata_that_is_none_is_misuse() -> None:
    """Nothing is written of it."""
    Path("images.json").write_text("{}")
    result = run("--overlay", "gke", "--images", "images.json")
    assert "images.json names no image" in result.output
    assert result.exit_code == 2


@pytest.mark.usefixtures("project")
def test_a_runtimes_commands_refuse_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    """What only `renga up` answers is not asked of functions; the desk in a cluster is named."""
    monkeypatch.setenv("RENGA_URL", "http://{service}.functions.example.org")
    for arguments in (("status",), ("publish", "a.b", "-f", os.devnull)):
        result = CliRunner().invoke(main, [*arguments])
        assert result.exit_code == 2
    status = CliRunner().invoke(main, ["status"]).output
    assert "where the functions of a cluster are; `renga status --overlay X` asks a cluster" in " ".join(status.split())
    dead = CliRunner().invoke(main, ["dead", "list"])
    assert "--from http://platform-deadletter.functions.example.org" in dead.output
    assert dead.exit_code == 2
