"""What each verb runs, in which order, and what is refused."""

from pathlib import Path

import pytest

from renga_dev.cloud import plans
from renga_dev.cloud.programs import CloudName
from renga_dev.cloud.root import Interfaces, Outputs, Part, Refused, Root, Show
from renga_dev.cloud.step import Step

PUSHES = Part(
    part="pushes",
    stop="gcloud workflows run pause --format='value(state)'",
    start="gcloud workflows run resume --format='value(state)'",
    prints="SUCCEEDED",
    ready=(),
    shows=(),
)
KNATIVE = Part(part="Knative", stop=None, start=None, prints=None, ready=("kubectl wait deployments",), shows=())
NODES = Part(part="nodes", stop="aws eks stop", start="aws eks start", prints=None, ready=("aws eks wait",), shows=())
DATABASE = Part(
    part="database",
    stop="aws rds stop",
    start="aws rds start",
    prints=None,
    ready=("aws rds wait",),
    shows=(Show(command="aws rds show", asleep="stopped", awake="available"),),
)
MADE = Outputs(
    env="dev",
    deletion_protection=False,
    sleeps=(PUSHES, KNATIVE, NODES, DATABASE),
    kubeconfig=("aws eks update-kubeconfig",),
)
INTERFACES = Interfaces(balancers="aws ec2 balancers", left="aws ec2 left")


def root(cloud: CloudName = "aws", env: str = "dev") -> Root:
    """A root that is nowhere."""
    return Root(cloud, env, Path(f"terraform/envs/{cloud}"), Path(f".renga/cloud/{cloud}-{env}.kubeconfig"))


def shown(steps: tuple[Step, ...]) -> list[str]:
    """The commands, as a shell takes them."""
    return [str(step) for step in steps]


def test_sleep_pauses_pushes_first() -> None:
    """What takes events stops before what answers them; what stops with its nodes has no command of its own."""
    assert shown(plans.sleep(root(), MADE)) == [
        "gcloud workflows run pause '--format=value(state)'",
        "aws eks stop",
        "aws rds stop",
    ]


def test_wake_is_the_other_way_round_and_waits() -> None:
    """Each part is there before the next one starts, Knative too, and pushes resume last."""
    assert shown(plans.wake(root(), MADE)) == [
        "aws rds start",
        "aws rds wait",
        "aws eks start",
        "aws eks wait",
        "mkdir -p .renga/cloud",
        "KUBECONFIG=.renga/cloud/aws-dev.kubeconfig aws eks update-kubeconfig",
        "KUBECONFIG=.renga/cloud/aws-dev.kubeconfig kubectl wait deployments",
        "gcloud workflows run resume '--format=value(state)'",
    ]


def test_what_is_so_already_is_left_out() -> None:
    """A part that shows its state is not stopped or started twice; its wait is one either way."""
    stop = plans.sleep(root(), MADE)[-1]
    start, wait = plans.wake(root(), MADE)[:2]
    assert [str(question) for question in stop.unless] == ["aws rds show, which prints `stopped`"]
    assert [str(question) for question in start.unless] == ["aws rds show, which prints `available`"]
    assert wait.unless == ()


def test_a_workflow_has_to_say_that_it_succeeded() -> None:
    """The command ends well where a workflow failed, so its exit status says nothing."""
    assert [step.prints for step in plans.sleep(root(), MADE)] == ["SUCCEEDED", None, None]


def test_prod_does_not_sleep() -> None:
    """By hand as little as by a schedule."""
    with pytest.raises(Refused, match="prod does not sleep"):
        plans.sleep(root(env="prod"), MADE.model_copy(update={"env": "prod"}))


def test_gone_pauses_pushes_first_and_takes_knative_apart_while_its_cluster_is_there() -> None:
    """Without a cluster terraform has nobody to ask to uninstall; what stays is not named, so it stays."""
    made = MADE.model_copy(update={"interfaces": INTERFACES})
    here = "KUBECONFIG=.renga/cloud/aws-dev.kubeconfig "
    assert [command.removeprefix(here) for command in shown(plans.gone(root(), made, yes=True))] == [
        "gcloud workflows run pause '--format=value(state)'",
        "mkdir -p .renga/cloud",
        "aws eks update-kubeconfig",
        "kubectl delete services.serving.knative.dev --all --all-namespaces --timeout=15m",
        f"kubectl delete services '--field-selector={plans.NOT_KNATIVES_OWN}' --all-namespaces --timeout=15m",
        'until [ -z "$(aws ec2 balancers)" ]; do sleep 10; done',
        (
            "terraform -chdir=terraform/envs/aws destroy -var-file=dev.tfvars -target=module.knative "
            "-target=helm_release.autoscaler -auto-approve"
        ),
        "terraform -chdir=terraform/envs/aws apply -var-file=dev.tfvars -var=gone=true -auto-approve",
    ]


def test_what_is_gone_goes_on_by_terraform_alone() -> None:
    """Its outputs name no cluster; it neither sleeps nor wakes."""
    made = MADE.model_copy(update={"gone": True, "sleeps": (PUSHES,), "kubeconfig": ()})
    assert shown(plans.gone(root(), made, yes=False)) == [
        "terraform -chdir=terraform/envs/aws apply -var-file=dev.tfvars -var=gone=true"
    ]
    assert shown(plans.down(root(), made, yes=False)) == [
        "terraform -chdir=terraform/envs/aws destroy -var-file=dev.tfvars"
    ]
    for plan in (plans.sleep, plans.wake):
        with pytest.raises(Refused, match="dev is gone: `renga cloud up --cloud aws --env dev` brings it back"):
            plan(root(), made)


def test_what_was_destroyed_in_part_does_not_come_back_to_be_gone() -> None:
    """An apply would make registry and topics anew."""
    with pytest.raises(Refused, match="`renga cloud down --cloud aws --env dev --all` destroys what is left"):
        plans.gone(root(), None, yes=True)


def test_down_on_aws_waits_for_load_balancers() -> None:
    """Functions, then what Services made, then its network interfaces, then terraform."""
    made = MADE.model_copy(update={"interfaces": INTERFACES})
    steps = plans.down(root(), made, yes=True)
    assert [command.removeprefix("KUBECONFIG=.renga/cloud/aws-dev.kubeconfig ") for command in shown(steps)] == [
        "mkdir -p .renga/cloud",
        "aws eks update-kubeconfig",
        "kubectl delete services.serving.knative.dev --all --all-namespaces --timeout=15m",
        f"kubectl delete services '--field-selector={plans.NOT_KNATIVES_OWN}' --all-namespaces --timeout=15m",
        'until [ -z "$(aws ec2 balancers)" ]; do sleep 10; done',
        "terraform -chdir=terraform/envs/aws destroy -var-file=dev.tfvars -auto-approve",
    ]
    assert "`aws ec2 left` lists them" in steps[-1].go_on


@pytest.mark.parametrize("cloud", ["gcp", "azure"])
def test_down_elsewhere_waits_for_no_interfaces(cloud: CloudName) -> None:
    """There a load balancer goes with what it has."""
    steps = plans.down(root(cloud), MADE, yes=False)
    assert [step.command.argv[0] for step in steps] == ["mkdir", "aws", "kubectl", "kubectl", "terraform"]
    assert steps[-1].command.argv == ("terraform", f"-chdir=terraform/envs/{cloud}", "destroy", "-var-file=dev.tfvars")


def test_down_without_a_cluster_is_terraforms_alone() -> None:
    """Where the state says nothing of one, such as after a destroy that did not end."""
    assert [step.command.argv[0] for step in plans.down(root(), None, yes=False)] == ["terraform"]


@pytest.mark.parametrize(
    ("env", "said"),
    [
        ("dev", "dev is not taken down: set deletion_protection = false in terraform/envs/aws/dev.tfvars"),
        ("prod", "stands in terraform/contract/variables.tf: change that first"),
    ],
)
def test_what_is_protected_is_not_taken_down(env: str, said: str) -> None:
    """The sentence says what to change, and where."""
    made = MADE.model_copy(update={"env": env, "deletion_protection": True})
    for plan in (plans.gone, plans.down):
        with pytest.raises(Refused, match="deletion_protection is on, as applied") as refused:
            plan(root(env=env), made, yes=True)
        assert said in str(refused.value)
        assert f"run `renga cloud up --cloud aws --env {env}`" in str(refused.value)


def test_every_step_says_why_and_how_to_go_on() -> None:
    """In every plan."""
    made = MADE.model_copy(update={"interfaces": INTERFACES})
    every = (
        *(plans.init(root()), *plans.plan(root()), *plans.up(root(), yes=False)),
        *(*plans.sleep(root(), made), *plans.wake(root(), made)),
        *(*plans.gone(root(), made, yes=False), *plans.down(root(), made, yes=False)),
    )
    assert all(step.why and step.go_on.endswith(".") for step in every)
