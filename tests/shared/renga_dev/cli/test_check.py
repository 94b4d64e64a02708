"""`renga check` at the command line."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from renga_dev.cli import main

BROKEN = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: parse}
spec:
  template:
    spec:
      serviceAccountName: pars
      containers:
      - {image: "registry.example.org/parse:latest"}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: parse}
"""
WARNED = "apiVersion: eventing.knative.dev/v1\nkind: Broker\nmetadata: {name: default}\n"


def run(*arguments: str, given: str | None = None) -> Result:
    """`renga check` with arguments."""
    return CliRunner().invoke(main, ["check", *arguments], input=given)


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is in no project."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_overlay_of_the_project_is_sound(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a name all of them are checked; status 0."""
    monkeypatch.chdir(repository / "docs")
    result = run("--format", "json")
    assert json.loads(result.stdout) == {"checked": ["aks", "eks", "engine", "gke", "kind", "laptop"], "findings": []}
    assert result.exit_code == 0


def test_an_overlay_without_digests_is_not_to_be_deployed(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With --pinned every image must be in a registry, by digest."""
    monkeypatch.chdir(repository)
    result = run("gke", "--pinned", "--format", "json")
    findings = json.loads(result.stdout)["findings"]
    assert {finding["rule"] for finding in findings if finding["severity"] == "error"} == {"IMG-LOCAL"}
    assert {finding["target"] for finding in findings} == {"gke"}
    assert "knative/base/schema-parse.yaml" in {finding["source"] for finding in findings}
    assert result.exit_code == 1


def test_a_misspelt_overlay_is_named(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Status 2, with the likely one."""
    monkeypatch.chdir(repository)
    result = run("gek")
    assert "There is no overlay, folder or file gek. Did you mean gke?" in result.output
    assert result.exit_code == 2


def test_a_finding_says_what_where_and_what_to_do(elsewhere: Path) -> None:
    """Rule, object, what is wrong, the file, the advice; status 1."""
    (elsewhere / "parse.yaml").write_text(BROKEN)
    result = run("parse.yaml")
    head, image, where, account, _ = result.output.splitlines()
    assert head == "parse.yaml: 2 objects, 2 findings"
    assert image == (
        "  error IMG-MUTABLE Service default/parse: its image is registry.example.org/parse:latest: "
        "its tag latest can be moved."
    )
    assert where.startswith("      in parse.yaml. Name the image by its digest")
    assert account.startswith("  error SA-MISSING Service default/parse: its service account pars is not in")
    assert account.endswith(" Did you mean parse?")
    assert result.exit_code == 1


def test_standard_input_and_folders_are_read(elsewhere: Path) -> None:
    """A folder of YAML is all its files; a warning is no failure."""
    (elsewhere / "more").mkdir()
    (elsewhere / "more" / "broker.yaml").write_text(WARNED)
    assert "warning EVT-DLS-NONE Broker default/default" in run("more").output
    assert run("more").exit_code == 0
    assert "error SA-MISSING" in run("-", given=BROKEN).output


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [", "standard input: YAML"),
        (
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamePrefix: x\n",
            "`namePrefix` is not rendered",
        ),
    ],
)
def test_what_cannot_be_read_is_misuse(elsewhere: Path, text: str, said: str) -> None:
    """Status 2 with the reason; a kustomization that is beyond us is piped in."""
    (elsewhere / "kustomization.yaml").write_text(text)
    result = run("-", given=text) if "YAML" in said else run(".")
    assert said in result.output
    assert result.exit_code == 2
    assert "renga up" not in result.output


@pytest.mark.usefixtures("elsewhere")
def test_without_a_project_something_must_be_named() -> None:
    """There are no overlays to take."""
    result = run()
    assert "There is no project here" in result.output
    assert result.exit_code == 2


def test_a_project_without_overlays_has_its_base_checked(elsewhere: Path) -> None:
    """Where it has not even that, the command that writes it is named."""
    (elsewhere / "functions").mkdir()
    result = run()
    assert "`renga wiring` writes it" in result.output
    assert result.exit_code == 2
    (elsewhere / "knative" / "base").mkdir(parents=True)
    (elsewhere / "knative" / "base" / "broker.yaml").write_text(WARNED)
    result = run()
    assert "warning EVT-DLS-NONE" in result.output
    assert "in knative/base/broker.yaml." in result.output
    assert result.exit_code == 0
