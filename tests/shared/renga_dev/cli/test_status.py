"""`renga status` of a cluster, as far as it goes without one; tests/engine has the rest, test_up.py the laptop's."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from renga_dev.cli import main


def status(*arguments: str) -> Result:
    """`renga status` with arguments."""
    return CliRunner().invoke(main, ["status", *arguments])


@pytest.fixture(autouse=True)
def without_cluster(repository: Path, monkeypatch: pytest.MonkeyPatch, no_cluster: str) -> None:
    """This project, and nobody where its cluster would be."""
    monkeypatch.chdir(repository)
    monkeypatch.setenv("KUBECONFIG", no_cluster)


def test_a_runtime_or_a_cluster() -> None:
    """One of them is asked, and an overlay must be there."""
    both = status("--overlay", "gke", "--at", "http://127.0.0.1:8080")
    assert "--at and --overlay were both given" in both.output
    unknown = status("--overlay", "gek")
    assert "There is no overlay gek. Did you mean gke?" in unknown.output
    alone = status("--context", "prod")
    assert "--context prod is of a cluster: --overlay says which functions" in alone.output
    assert {result.exit_code for result in (both, unknown, alone)} == {2}


def test_without_kubectl_it_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nobody else asks a cluster."""
    monkeypatch.setenv("PATH", str(tmp_path))
    result = status("--overlay", "gke")
    assert "kubectl: not on the path" in result.output
    assert result.exit_code == 2


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl")
def test_a_cluster_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kubectl's own words, once it has been asked three times."""
    monkeypatch.setattr("renga_dev.cli._telling._PAUSES_S", (0, 0))
    result = status("--overlay", "gke")
    assert "connection refused" in result.stderr
    assert result.exit_code == 1
