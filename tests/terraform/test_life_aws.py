"""AWS' root on the true provider: applied to an emulator of AWS, unchanged, gone, destroyed. It takes five minutes."""

import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from contract.receiver import Answer, receiving
from documented import commands, undocumented
from environments import environment
from hosts import free_port
from recorded import Recorded
from renga._aws import password
from renga_dev.cloud import plans
from renga_dev.cloud.root import Outputs, Root, read
from renga_dev.cloud.running import Runner
from renga_dev.cloud.states import look
from terraforming import State, Workspace

ROOT = "envs/aws"
SERVICES = (
    *("budgets", "cloudwatchlogs", "ec2", "ecr", "eks", "elasticache", "iam", "kms", "rds", "s3", "s3control"),
    *("scheduler", "sts"),
)
VALUES = {
    "env": "dev",
    "account_id": "123456789012",
    "admins": ["arn:aws:iam::123456789012:role/admin"],
    "broker": "knative",
    "deletion_protection": False,
    "monthly_budget_usd": 100,
    "alert_email": "ops@example.org",
    "sleep_schedule": {"sleep": "19:00", "wake": "07:00"},
}
FORGOTTEN: dict[str, set[str] | None] = {
    "aws_elasticache_replication_group": None,
    "aws_db_instance": {
        *("performance_insights_enabled", "performance_insights_kms_key_id", "performance_insights_retention_period"),
    },
    "aws_db_parameter_group": {"parameter"},
    "aws_vpc_security_group_ingress_rule": {"description"},
    # Where Redis would be, which is to be made anew.
    "helm_release": {"set_sensitive"},
}
"""What the emulator does not tell again as it was told, None for anything; `terraform test` looks at these."""
STARTING_S = 300

pytestmark = [pytest.mark.connected, pytest.mark.timeout(2400)]


class Life(NamedTuple):
    """What happened, and what was there meanwhile."""

    first: dict[str, Any]
    """The plan."""
    state: State
    again: dict[str, Any]
    """The plan right after."""
    nap: "Nap"
    password: str
    """PostgreSQL's, as a function looks it up."""
    uninstalled: str
    gone: State
    left: str
    """What Terraform said of a plan while it is gone."""
    destroyed: str

    def kinds(self) -> list[str]:
        """The type of each resource that was made."""
        return [each.type for each in self.state.resources]


class Nap(NamedTuple):
    """How `renga cloud` put it to sleep and woke it, by AWS' own command line."""

    asleep: dict[str, str]
    """The state of each part that shows one; and"""
    awake: dict[str, str]
    """after it woke."""
    undocumented: list[set[str]]
    kubectl: list[str]
    """What was said to the cluster, which the emulator has none of."""


def is_unknown(part: Any) -> bool:
    """Whether a plan leaves a value, or anything in it, to be known after apply."""
    if isinstance(part, dict):
        return any(map(is_unknown, part.values()))
    return any(map(is_unknown, part)) if isinstance(part, list) else bool(part)


@pytest.fixture(scope="module")
def aws(cache: Path, shared_material: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an emulator of AWS."""
    tool = shared_material / "tools" / "terraform" / "moto_eks.py"
    if not tool.is_file():
        pytest.skip(f"no emulator of EKS at {tool}")
    here = Path(__file__).parent
    python = environment(cache, here / "moto-requirements.txt") / "bin" / "python"
    server = here.parent / "support" / "moto_with_eks.py"
    port = free_port()
    command = [str(python), str(server), str(tool), "-H", "127.0.0.1", "-p", str(port)]
    with (tmp_path_factory.mktemp("moto") / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdout=log, stderr=log, env={**os.environ, "MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        )
        try:
            wait(f"http://127.0.0.1:{port}/moto-api/", process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(timeout=60)


def wait(url: str, process: subprocess.Popen[bytes]) -> None:
    """Until somebody answers."""
    until = time.monotonic() + STARTING_S
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except OSError:
            assert process.poll() is None, "the emulator ended"
            assert time.monotonic() < until, f"the emulator has not answered for {STARTING_S} s"
            time.sleep(0.2)


def nap(made: Outputs, root: Root, environment: dict[str, str], kubectl: Recorded) -> Nap:
    """Everything that `renga cloud` does to what is there, but for terraform's part of it."""
    runner = Runner(print)

    def seen() -> dict[str, str]:
        return {each.part: each.state for each in look(made, runner.ask)}

    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        runner.do(plans.sleep(root, made))
        asleep = seen()
        runner.do(plans.wake(root, made))
        awake = seen()
        runner.do([step for step in plans.gone(root, made, yes=True) if step.command.argv[0] != "terraform"])
    return Nap(asleep, awake, [undocumented(argv) for argv in commands(root, made)], kubectl.calls())


@pytest.fixture(scope="module")
def life(repository: Path, stubs: Path, aws: str, cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """The root, from apply to destroy; a file beside the copy gives its provider other addresses."""
    workspace = Workspace(repository, tmp_path_factory.mktemp("aws"), stubs)
    provider = {
        "access_key": "testing",
        "secret_key": "testing",
        "max_retries": 1,
        "s3_use_path_style": True,
        "skip_credentials_validation": True,
        "skip_metadata_api_check": True,
        "endpoints": [dict.fromkeys(SERVICES, aws)],
    }
    folder = workspace.folder(ROOT)
    (folder / "emulator_override.tf.json").write_text(json.dumps({"provider": {"aws": provider}}))
    (folder / "life.tfvars.json").write_text(json.dumps(VALUES))
    given = ("-input=false", "-parallelism=30", "-var-file=life.tfvars.json")

    def run(*arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        done = workspace.run(ROOT, *arguments)
        assert done.returncode in codes, done.stdout + done.stderr
        return done.stdout

    run("plan", *given, "-out=first.tfplan")
    run("apply", "-input=false", "-parallelism=30", "first.tfplan")
    run("plan", *given, "-detailed-exitcode", "-out=again.tfplan", codes=(0, 2))
    first, again = workspace.show(ROOT, "first.tfplan"), workspace.show(ROOT, "again.tfplan")
    state = workspace.state(ROOT, "terraform.tfstate")
    kubectl = Recorded(tmp_path_factory.mktemp("kubectl"), "kubectl")
    root = Root("aws", "dev", folder, folder / "kubeconfig")
    made = read(root, json.dumps(state.outputs))
    assert made is not None
    slept = nap(made, root, at(aws, cache, kubectl), kubectl)
    secret = looked_up(aws, state, tmp_path_factory.mktemp("pod"))
    at_once = (*given, "-auto-approve", "-refresh=false")
    uninstalled = run("destroy", *at_once, *(f"-target={address}" for address in plans.INSTALLED["aws"]))
    run("apply", *at_once, "-var=gone=true")
    gone = workspace.state(ROOT, "terraform.tfstate")
    left = run("plan", *given, "-var=gone=true", "-detailed-exitcode", codes=(0, 2))
    return Life(first, state, again, slept, secret, uninstalled, gone, left, run("destroy", *at_once))


def at(aws: str, cache: Path, kubectl: Recorded) -> dict[str, str]:
    """The variables with which AWS' own command line talks to the emulator."""
    programs = environment(cache, Path(__file__).parent / "moto-requirements.txt") / "bin"
    return {
        "AWS_ENDPOINT_URL": aws,
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "PATH": kubectl.before(f"{programs}{os.pathsep}{os.environ['PATH']}"),
    }


def looked_up(aws: str, state: State, pod: Path) -> str:
    """The password of the secret that the state names, as a pod with a role asks for it."""
    (database,) = [each.values for each in state.resources if each.type == "aws_db_instance"]
    (pod / "token").write_text("of the pod")
    role = {"AccessKeyId": "testing", "SecretAccessKey": "testing", "Token": "testing"}
    with receiving() as agent, pytest.MonkeyPatch.context() as patch:
        # Asked for the first time, the emulator imports what answers: its haste is not what is tried here.
        patch.setattr("renga._tokens._TIMEOUT_S", 60.0)
        agent.script("credentials", (Answer(body=json.dumps(role)),))
        patch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", f"{agent.url}/credentials")
        patch.setenv("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", str(pod / "token"))
        patch.setenv("AWS_ENDPOINT_URL_SECRETS_MANAGER", aws)
        return password(database["master_user_secret"][0]["secret_arn"])


def test_applied_and_destroyed(life: Life) -> None:
    """All that was planned was made, and all of it went."""
    planned = [each for each in life.first["resource_changes"] if each["change"]["actions"] == ["create"]]
    assert len(life.kinds()) == len(planned)
    assert f"Resources: {len(life.gone.resources)} destroyed" in life.destroyed


def test_gone(life: Life) -> None:
    """What is installed goes while there is a cluster; then all but the repositories and the environment's key."""
    releases = life.kinds().count("helm_release")
    assert releases == 3
    assert f"Resources: {releases} destroyed" in life.uninstalled
    assert {each.module for each in life.gone.resources} == {"module.registry"}
    staying = [each for each in life.state.resources if each.module == "module.registry"]
    assert [each.values for each in life.gone.resources] == [each.values for each in staying]
    assert "No changes." in life.left


def test_unchanged(life: Life) -> None:
    """What was applied is what is planned, but for what the emulator forgets."""
    for each in life.again["resource_changes"]:
        change = each["change"]
        forgotten = FORGOTTEN.get(each["type"], set())
        if change["actions"] == ["no-op"] or forgotten is None:
            continue
        before, after = change["before"] or {}, change["after"] or {}
        differing = {name for name in before | after if before.get(name) != after.get(name)}
        differing |= {name for name, part in change["after_unknown"].items() if is_unknown(part)}
        assert differing <= forgotten, each["address"]
        assert change["actions"] == ["update"], each["address"]


def test_all_of_it_was_there(life: Life) -> None:
    """The cluster with its pools and add-ons, the stores, the schedules: the emulator was given all of it."""
    kinds = life.kinds()
    assert kinds.count("aws_eks_node_group") == 2
    assert kinds.count("aws_eks_addon") == 4
    assert kinds.count("aws_scheduler_schedule") == 6
    for kind in ("aws_db_instance", "aws_elasticache_replication_group", "aws_s3_bucket", "aws_budgets_budget"):
        assert kinds.count(kind) == 1


def test_it_sleeps_and_wakes(life: Life) -> None:
    """By the commands that it puts out: no node and no database, then all as before."""
    assert life.nap.asleep == {"cpu nodes": "asleep", "database": "asleep"}
    assert life.nap.awake == {"cpu nodes": "idle", "database": "idle"}
    assert [call.split()[:2] for call in life.nap.kubectl] == [["kubectl", "wait"]] * 2 + [["kubectl", "delete"]] * 2
    assert set().union(*life.nap.undocumented) == set()


def test_outputs_are_no_secrets(life: Life) -> None:
    """A root puts out nothing that is sensitive."""
    assert life.state.outputs
    assert not [name for name, output in life.state.outputs.items() if output.get("sensitive")]


def test_passwords_are_nowhere(life: Life) -> None:
    """PostgreSQL has a password that functions find and the state does not hold; Redis has none."""
    assert life.password
    assert life.password not in life.state.text
    values = [each.values for each in life.state.resources]
    assert [named for each in values for named in ("password", "passwords", "auth_token") if each.get(named)] == []


def test_policies_hold_of_the_plan(life: Life, checkov: Any, repository: Path, tmp_path: Path) -> None:
    """With every variable resolved our own policies hold, and the version of Kubernetes is one that AWS supports."""
    plan = tmp_path / "plan.json"
    plan.write_text(json.dumps(life.first))
    policies = repository / "terraform/policies"
    results = checkov("--file", str(plan), "--framework", "terraform_plan", "--external-checks-dir", str(policies))
    failed = [(each["check_id"], each["resource"]) for each in results["failed_checks"]]
    passed = {each["check_id"] for each in results["passed_checks"]}
    wanted = {"CKV2_RENGA_4", "CKV2_RENGA_5", "CKV2_RENGA_6", "CKV2_RENGA_9", "CKV_AWS_339"}
    assert [each for each in failed if each[0].startswith("CKV2_RENGA_") or each[0] in wanted] == []
    assert wanted <= passed
