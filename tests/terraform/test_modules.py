"""Every module and every root: written as Terraform writes, valid, and tried with mocked providers."""

import subprocess
from pathlib import Path

import pytest

from terraforming import Workspace

TERRAFORM = Path(__file__).parents[2] / "terraform"
MODULES = sorted(str(path.parent.relative_to(TERRAFORM)) for path in TERRAFORM.glob("*/*/main.tf"))
TRIED = sorted({str(path.parents[1].relative_to(TERRAFORM)) for path in TERRAFORM.glob("**/tests/*.tftest.hcl")})


pytestmark = pytest.mark.timeout(600)


@pytest.mark.usefixtures("stubs")
@pytest.mark.parametrize("folder", ["terraform", "tests/terraform"])
def test_formatted(repository: Path, folder: str) -> None:
    """Files are as `terraform fmt` writes them."""
    command = ["terraform", "fmt", "-check", "-recursive", "-diff", "-no-color", folder]
    done = subprocess.run(command, cwd=repository, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("module", MODULES)
def test_valid(workspace: Workspace, module: str) -> None:
    """A module or root is valid under the true schemas of its providers."""
    done = workspace.run(module, "validate")
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_are_tried() -> None:
    """Every module and every root has tests of its own, and so has the contract."""
    assert sorted([*MODULES, "contract"]) == TRIED


@pytest.mark.parametrize("module", TRIED)
def test_tried(workspace: Workspace, module: str) -> None:
    """`terraform test` passes: plans and applies under mocked providers, and refuses what it should."""
    done = workspace.run(module, "test")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failed" in done.stdout


def test_no_lock_is_committed(repository: Path) -> None:
    """A lock is written against the true providers, or not at all."""
    tracked = ["git", "ls-files", "terraform"]
    files = subprocess.run(tracked, cwd=repository, check=True, capture_output=True, text=True).stdout.splitlines()
    assert files
    for name in files:
        if name.endswith(".terraform.lock.hcl"):
            # A stub has one hash, that of itself; a provider has those of its archives on every platform.
            assert "zh:" in (repository / name).read_text(), f"{name} was written against a stub"
