"""`renga cloud` at the command line, over real terraform and a small root without a cloud."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from recorded import Recorded
from renga_dev.cli import main

pytestmark = pytest.mark.skipif(shutil.which("terraform") is None, reason="Terraform is not installed")

ROOT = """
variable "env" { type = string }
variable "deletion_protection" { default = false }
variable "slow" { default = false }
variable "gone" { default = false }

module "registry" { source = "./registry" }
module "cluster" {
  source = "./cluster"
  count  = var.gone ? 0 : 1
  slow   = var.slow
}

output "env" { value = var.env }
output "deletion_protection" { value = var.deletion_protection }
output "gone" { value = var.gone }
output "sleeps" { value = slice(jsondecode(file("sleeps.json")), 0, var.gone ? 1 : 3) }
output "kubeconfig" { value = var.gone ? [] : ["aws eks update-kubeconfig --name renga"] }
output "interfaces" { value = var.gone ? null : { balancers = "aws ec2 balancers", left = "aws ec2 left" } }
"""
REGISTRY = """
resource "terraform_data" "images" {}
"""
CLUSTER = """
variable "slow" {}

resource "terraform_data" "cluster" {
  provisioner "local-exec" { command = var.slow ? "touch began; sleep 60; touch ended" : "true" }
  provisioner "local-exec" {
    when    = destroy
    command = "test ! -e stuck"
  }
}
"""
SLEEPS: list[dict[str, Any]] = [
    {
        "part": "pushes",
        "stop": "gcloud workflows run pause",
        "start": "gcloud workflows run resume",
        "prints": "SUCCEEDED",
        "ready": [],
        "shows": [{"command": "gcloud pubsub list", "asleep": "", "awake": "https://a https://b"}],
    },
    {"part": "Knative", "stop": None, "start": None, "prints": None, "ready": ["kubectl wait"], "shows": []},
    {
        "part": "database",
        "stop": "aws rds stop",
        "start": "aws rds start",
        "prints": None,
        "ready": ["aws rds wait"],
        "shows": [{"command": "aws rds show", "asleep": "stopped", "awake": "available"}],
    },
]
DOWN = [
    "aws eks update-kubeconfig --name renga",
    "kubectl delete services.serving.knative.dev --all --all-namespaces --timeout=15m",
    (
        "kubectl delete services --field-selector=spec.type=LoadBalancer,metadata.namespace!=knative-serving "
        "--all-namespaces --timeout=15m"
    ),
    "aws ec2 balancers",
]

Cloud = Callable[..., Result]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with the root."""
    folder = tmp_path / "project/terraform/envs/aws"
    folder.mkdir(parents=True)
    (folder / "main.tf").write_text(ROOT)
    for name, module in (("registry", REGISTRY), ("cluster", CLUSTER)):
        (folder / name).mkdir()
        (folder / name / "main.tf").write_text(module)
    (folder / "sleeps.json").write_text(json.dumps(SLEEPS))
    (folder / "dev.tfvars").write_text('env = "dev"\n')
    (folder / "prod.tfvars").write_text('env = "prod"\ndeletion_protection = true\n')
    (tmp_path / "project/functions").mkdir()
    monkeypatch.setenv("TF_IN_AUTOMATION", "1")
    monkeypatch.setenv("CHECKPOINT_DISABLE", "1")
    return tmp_path / "project"


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorded:
    """The command lines of the clouds, on the path."""
    recorded = Recorded(tmp_path, "aws", "gcloud", "kubectl")
    recorded.answer("gcloud workflows run pause", "SUCCEEDED")
    recorded.answer("gcloud workflows run resume", "SUCCEEDED")
    show(recorded, awake=True)
    monkeypatch.setenv("PATH", recorded.before(os.environ["PATH"]))
    return recorded


def show(programs: Recorded, *, awake: bool) -> None:
    """From now on the parts show that they are awake, or asleep."""
    programs.answer("gcloud pubsub list", "https://b https://a" if awake else "")
    programs.answer("aws rds show", "available" if awake else "stopped")


@pytest.fixture
def cloud(project: Path, programs: Recorded, monkeypatch: pytest.MonkeyPatch) -> Cloud:
    """Run `renga cloud VERB --cloud aws` with arguments, at the top of the project."""
    monkeypatch.chdir(project)

    def run(verb: str, *arguments: str) -> Result:
        programs.calls()
        return CliRunner().invoke(main, ["cloud", verb, "--cloud", "aws", *arguments])

    return run


def test_a_life(cloud: Cloud, programs: Recorded, capfd: pytest.CaptureFixture[str]) -> None:
    """Gone, made, idle, asleep, awake, gone: each by its commands, in their order."""
    assert "dev is gone" in cloud("status").stdout
    assert cloud("plan").exit_code == 0
    assert "2 to add" in capfd.readouterr().out
    made = cloud("up", "--yes")
    assert made.exit_code == 0
    assert "terraform -chdir=terraform/envs/aws apply -var-file=dev.tfvars -auto-approve" in made.stderr.splitlines()

    assert "dev is idle" in cloud("status").stdout
    slept = cloud("sleep")
    assert "dev is asleep" in slept.stdout
    did = [call.strip() for call in programs.calls()]
    assert did == ["gcloud pubsub list", "gcloud workflows run pause", "aws rds show", "aws rds stop"]

    show(programs, awake=False)
    assert "dev is asleep" in cloud("status").stdout
    refused = cloud("down", "--yes")
    assert refused.exit_code == 2
    assert "run `renga cloud wake --cloud aws --env dev` first" in refused.stderr

    assert cloud("wake").exit_code == 0
    assert programs.calls() == [
        *("aws rds show", "aws rds start", "aws rds wait", "aws eks update-kubeconfig --name renga", "kubectl wait"),
        *("gcloud pubsub list", "gcloud workflows run resume"),
    ]

    show(programs, awake=True)
    gone = cloud("down", "--yes")
    assert gone.exit_code == 0
    assert [call for call in programs.calls() if call in DOWN] == DOWN
    assert "with its images" in gone.stdout
    status = cloud("status").stdout
    assert "1 resources in the state, 0 of them the cluster's\ndev is gone" in status

    for verb in ("sleep", "wake"):
        assert "dev is gone: `renga cloud up --cloud aws --env dev` brings it back." in cloud(verb).stderr
    programs.answer("gcloud pubsub list", "")
    back = cloud("up", "--yes")
    assert "dev is back, without functions" in back.stdout
    assert "Messages still wait. Then run `renga cloud wake --cloud aws --env dev`" in back.stdout
    assert "dev is between" in cloud("status").stdout

    # Pushes that are paused keep nobody from taking it down.
    assert cloud("down", "--yes").exit_code == 0
    assert "Images, topics with the messages in them, blobs" in cloud("down", "--all", "--yes").stdout
    assert programs.calls() == []
    assert "0 resources in the state, 0 of them the cluster's\ndev is gone" in cloud("status").stdout


def test_what_stopped_half_gone_goes_on(cloud: Cloud, programs: Recorded, project: Path) -> None:
    """Its pushes are paused, and terraform goes on alone: there may be no cluster to ask any more."""
    cloud("up", "--yes")
    stuck = project / "terraform/envs/aws/stuck"
    stuck.touch()
    failed = cloud("down", "--yes")
    assert failed.exit_code == 1
    assert "Not done: take away all of dev but what stays." in failed.stderr
    assert "gcloud workflows run pause" in programs.calls()
    assert "dev is between" in cloud("status").stdout
    stuck.unlink()
    assert cloud("down", "--yes").exit_code == 0
    assert programs.calls() == []
    assert "dev is gone" in cloud("status").stdout


def test_all_goes_at_once(cloud: Cloud, programs: Recorded) -> None:
    """What the cluster made goes first, here too; nothing is paused that goes anyway."""
    cloud("up", "--yes")
    assert "Images, topics with the messages in them, blobs" in cloud("down", "--all", "--yes").stdout
    assert programs.calls()[-4:] == DOWN
    refused = cloud("down", "--yes")
    assert refused.exit_code == 2
    assert "`renga cloud down --cloud aws --env dev --all` destroys what is left." in refused.stderr


def test_a_dry_run_changes_nothing(cloud: Cloud, programs: Recorded, project: Path) -> None:
    """It prints a script; only the names come from terraform's outputs, which are read."""
    assert cloud("up", "--dry-run").stdout.splitlines() == [
        "# fetch the providers",
        "terraform -chdir=terraform/envs/aws init",
        "# make dev",
        "terraform -chdir=terraform/envs/aws apply -var-file=dev.tfvars",
    ]
    assert not (project / "terraform/envs/aws/.terraform").exists()
    cloud("up", "--yes")
    asleep = cloud("sleep", "--dry-run").stdout.splitlines()
    assert [line for line in asleep if not line.startswith("#")] == ["gcloud workflows run pause", "aws rds stop"]
    assert "#   not where it is so already: aws rds show, which prints `stopped`" in asleep
    woken, ended = cloud("wake", "--dry-run").stdout, cloud("down", "--dry-run").stdout
    all_ended = cloud("down", "--all", "--dry-run").stdout
    assert programs.calls() == []
    for script in (woken, ended, all_ended):
        assert subprocess.run(["bash", "-n"], input=script, text=True, check=False).returncode == 0


def test_nothing_is_done_to_what_is_not_there(cloud: Cloud, programs: Recorded) -> None:
    """Names are those of outputs, so without them there is nothing to do."""
    for verb in ("sleep", "wake"):
        refused = cloud(verb)
        assert "names nothing: run `renga cloud up --cloud aws --env dev` first." in refused.stderr
        assert refused.exit_code == 2
    assert programs.calls() == []


def test_a_failure_is_told_and_gone_on_from(cloud: Cloud, programs: Recorded) -> None:
    """Status 1; the same command again begins where it ended."""
    cloud("up", "--yes")
    programs.answer("aws rds stop", "", 254)
    failed = cloud("sleep")
    assert failed.exit_code == 1
    assert "`aws rds stop` ended with status 254.\nDone: stop pushes.\nNot done: stop database." in failed.stderr
    programs.answer("gcloud pubsub list", "")
    programs.answer("aws rds stop", "")
    assert cloud("sleep").exit_code == 0
    assert programs.calls() == ["gcloud pubsub list", "aws rds show", "aws rds stop"]


def test_prod_is_protected_and_a_state_is_one_environments(cloud: Cloud, programs: Recorded) -> None:
    """What was applied as protected is not taken down, and nobody applies dev's values to prod's state."""
    cloud("up", "--env", "prod", "--yes")
    refused = cloud("down", "--env", "prod", "--yes")
    assert "deletion_protection is on, as applied, so prod is not taken down." in refused.stderr
    for verb in ("plan", "up", "sleep", "status"):
        other = cloud(verb)
        assert "is that of prod, not of dev" in other.stderr
        assert other.exit_code == refused.exit_code == 2
    assert programs.calls() == []


def test_functions_are_not_deleted_unasked(cloud: Cloud, programs: Recorded) -> None:
    """Terraform asks after them; who says no before that, or is not there to answer, has lost nothing."""
    cloud("up", "--yes")
    refused = cloud("down")
    assert (
        "Delete all functions of dev, then let terraform take away the cluster with all that is in its databases and "
        "blobs (images, topics and messages stay)?"
    ) in refused.stderr
    assert "(all images, topics and messages too)?" in cloud("down", "--all").stderr
    assert refused.exit_code == 1
    assert [call for call in programs.calls() if call in DOWN] == []
    assert "dev is idle" in cloud("status").stdout


def test_missing_programs_are_named_first(cloud: Cloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Before terraform is asked for anything; a dry run of what is new needs none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    refused = cloud("wake")
    assert refused.exit_code == 2
    for name in ("terraform: https://", "aws: https://", "kubectl: https://"):
        assert f"  {name}" in refused.stderr
    assert "terraform -chdir" not in refused.stderr
    assert cloud("up", "--dry-run").exit_code == 0
    assert "terraform: https://" in cloud("sleep", "--dry-run").stderr


@pytest.mark.usefixtures("programs")
def test_ctrl_c_lets_terraform_end(project: Path) -> None:
    """It stops what it has begun and writes its state; then the command says where things are, with status 130."""
    folder = project / "terraform/envs/aws"
    (folder / "dev.tfvars").write_text('env = "dev"\nslow = true\n')
    command = [sys.executable, "-c", "from renga_dev.cli import main; main()", "cloud", "up", "--cloud", "aws", "--yes"]
    # In a session of its own, as in a terminal: Ctrl-C is sent to all of it.
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True, cwd=project
    ) as process:
        until = time.monotonic() + 90
        while not (folder / "began").exists():
            assert process.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Interrupt received" in out
    assert "Stopped by Ctrl-C.\nDone: nothing.\nNot done: make dev.\nWhat was made so far is in the state" in err
    assert (folder / "terraform.tfstate").is_file()
