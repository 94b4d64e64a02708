"""What the tests of Terraform share: stub providers, a copy of the modules, checkov, and a chart rendered by Helm."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

import go
from environments import environment
from terraforming import Workspace, configuration

HERE = Path(__file__).parent
CHECKING_S = 500
"""For checkov, which takes a minute where the other lanes have the cores."""


@pytest.fixture(scope="session")
def stubs(repository: Path, shared_material: Path, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Terraform's configuration, with stub providers in the true ones' place."""
    python = environment(cache, HERE / "stub-requirements.txt") / "bin" / "python"
    return configuration(shared_material, repository / "terraform", tmp_path_factory.mktemp("mirror"), python)


@pytest.fixture(scope="session")
def workspace(repository: Path, stubs: Path, tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """The project's Terraform, to run in."""
    return Workspace(repository, tmp_path_factory.mktemp("terraform"), stubs)


Checkov = Callable[..., dict[str, Any]]


@pytest.fixture(scope="session")
def checkov(cache: Path) -> Checkov:
    """Runs checkov with arguments; its results."""
    program = environment(cache, HERE / "checkov-requirements.txt") / "bin" / "checkov"

    def run(*arguments: str) -> dict[str, Any]:
        command = [str(program), "--skip-download", "--compact", "--soft-fail", "--output", "json", *arguments]
        done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=CHECKING_S)
        assert done.returncode == 0, done.stdout + done.stderr
        results: dict[str, Any] = json.loads(done.stdout)["results"]
        assert results["parsing_errors"] == []
        return results

    return run


Render = Callable[[dict[str, Any]], list[dict[str, Any]]]


@pytest.fixture(scope="session")
def render(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Render:
    """Renders the chart of `modules/knative` with Helm's engine; its manifests."""
    program = go.build(HERE / "render", tmp_path_factory.mktemp("render"), patience_s=400)
    chart = repository / "terraform/modules/knative/chart"

    def rendered(values: dict[str, Any]) -> list[dict[str, Any]]:
        command = [str(program), str(chart), "knative-operator"]
        text = yaml.safe_dump(values)
        done = subprocess.run(command, input=text, check=False, capture_output=True, text=True, timeout=300)
        assert done.returncode == 0, done.stderr
        return [manifest for manifest in yaml.safe_load_all(done.stdout) if manifest]

    return rendered
