"""Commands of the clouds as their makers document them, and their own parsers where this machine has them."""

import os
import re
import shlex
import subprocess
from collections.abc import Sequence
from pathlib import Path

from renga_dev.cloud import plans
from renga_dev.cloud.root import Outputs, Root

_GCLOUD = "https://cloud.google.com/sdk/gcloud/reference"
_AWS = "https://docs.aws.amazon.com/cli/latest/reference"
_AZ = "https://learn.microsoft.com/cli/azure"
_KUBECTL = "https://kubernetes.io/docs/reference/kubectl/generated"
_OF_AZ = {"--subscription", "--resource-group", "--name", "--query", "--output"}
_OF_AWS = {"--region", "--query", "--output"}
_OF_GCLOUD = {"--project", "--format"}

DOCUMENTED: dict[str, tuple[str, set[str]]] = {
    "gcloud workflows run": (f"{_GCLOUD}/workflows/run", {*_OF_GCLOUD, "--location"}),
    "gcloud pubsub subscriptions list": (f"{_GCLOUD}/pubsub/subscriptions/list", {*_OF_GCLOUD, "--filter"}),
    "gcloud container node-pools describe": (
        f"{_GCLOUD}/container/node-pools/describe",
        {*_OF_GCLOUD, "--cluster", "--location"},
    ),
    "gcloud container clusters get-credentials": (
        f"{_GCLOUD}/container/clusters/get-credentials",
        {*_OF_GCLOUD, "--location", "--dns-endpoint"},
    ),
    "gcloud sql instances describe": (f"{_GCLOUD}/sql/instances/describe", _OF_GCLOUD),
    "aws eks update-nodegroup-config": (
        f"{_AWS}/eks/update-nodegroup-config.html",
        {*_OF_AWS, "--cluster-name", "--nodegroup-name", "--scaling-config"},
    ),
    "aws eks describe-nodegroup": (
        f"{_AWS}/eks/describe-nodegroup.html",
        {*_OF_AWS, "--cluster-name", "--nodegroup-name"},
    ),
    "aws eks wait nodegroup-active": (
        f"{_AWS}/eks/wait/nodegroup-active.html",
        {*_OF_AWS, "--cluster-name", "--nodegroup-name"},
    ),
    "aws eks update-kubeconfig": (f"{_AWS}/eks/update-kubeconfig.html", {*_OF_AWS, "--name"}),
    "aws rds stop-db-instance": (f"{_AWS}/rds/stop-db-instance.html", {*_OF_AWS, "--db-instance-identifier"}),
    "aws rds start-db-instance": (f"{_AWS}/rds/start-db-instance.html", {*_OF_AWS, "--db-instance-identifier"}),
    "aws rds describe-db-instances": (f"{_AWS}/rds/describe-db-instances.html", {*_OF_AWS, "--db-instance-identifier"}),
    "aws rds wait db-instance-available": (
        f"{_AWS}/rds/wait/db-instance-available.html",
        {*_OF_AWS, "--db-instance-identifier"},
    ),
    "aws ec2 describe-network-interfaces": (f"{_AWS}/ec2/describe-network-interfaces.html", {*_OF_AWS, "--filters"}),
    "az aks stop": (f"{_AZ}/aks#az-aks-stop", _OF_AZ),
    "az aks start": (f"{_AZ}/aks#az-aks-start", _OF_AZ),
    "az aks show": (f"{_AZ}/aks#az-aks-show", _OF_AZ),
    "az aks get-credentials": (f"{_AZ}/aks#az-aks-get-credentials", {*_OF_AZ, "--overwrite-existing"}),
    "az postgres flexible-server stop": (f"{_AZ}/postgres/flexible-server#az-postgres-flexible-server-stop", _OF_AZ),
    "az postgres flexible-server start": (f"{_AZ}/postgres/flexible-server#az-postgres-flexible-server-start", _OF_AZ),
    "az postgres flexible-server show": (f"{_AZ}/postgres/flexible-server#az-postgres-flexible-server-show", _OF_AZ),
    "az network application-gateway stop": (f"{_AZ}/network/application-gateway", _OF_AZ),
    "az network application-gateway start": (f"{_AZ}/network/application-gateway", _OF_AZ),
    "az network application-gateway show": (f"{_AZ}/network/application-gateway", _OF_AZ),
    "kubelogin convert-kubeconfig": ("https://azure.github.io/kubelogin/cli/convert-kubeconfig.html", {"--login"}),
    "kubectl wait": (f"{_KUBECTL}/kubectl_wait", {"--for", "--all", "--namespace", "--timeout"}),
    "kubectl delete": (
        f"{_KUBECTL}/kubectl_delete",
        {"--all", "--all-namespaces", "--field-selector", "--timeout"},
    ),
}
"""Each command, with its page and the flags of it that are used here."""
UNPARSED = re.compile(r"unrecognized arguments|unknown (flag|command)|Invalid choice|misspelled|required: ")
"""What these programs say of what they cannot parse."""
_ASKING_S = 300


def commands(root: Root, made: Outputs) -> list[tuple[str, ...]]:
    """All commands that put an environment to sleep, wake it, take it down and show its state, but for terraform's."""
    steps = (*plans.sleep(root, made), *plans.wake(root, made), *plans.gone(root, made, yes=True))
    asked = [question.command.argv for step in steps for question in step.unless]
    found = dict.fromkeys([*(step.command.argv for step in steps), *asked])
    if made.interfaces is not None:
        found[tuple(shlex.split(made.interfaces.left))] = None
    return [argv for argv in found if argv[0] not in {"terraform", "mkdir"}]


def undocumented(argv: Sequence[str]) -> set[str]:
    """The flags of a command that its page does not have; the whole command where no page is known."""
    name, *used = shape(argv)
    return set(used) - DOCUMENTED[name][1] if name in DOCUMENTED else {name}


def shape(argv: Sequence[str]) -> tuple[str, ...]:
    """A command by the longest name that is documented, in full where none is, and its flags."""
    command = " ".join(argv)
    name = max((known for known in DOCUMENTED if command.startswith(f"{known} ")), key=len, default=command)
    return (name, *(word.partition("=")[0] for word in argv if word.startswith("--")))


def unparsed(argv: Sequence[str], folder: Path) -> str | None:
    """What a program's own parser says against a command; None where it has nothing against it.

    Nobody is logged in and there is no cluster, so whatever is parsed ends before it is sent.

    Args:
        argv: the command, of a program that is there.
        folder: an empty one, for what programs remember.
    """
    variables = {
        "CLOUDSDK_CONFIG": str(folder / "gcloud"),
        "CLOUDSDK_CORE_DISABLE_PROMPTS": "1",
        "AZURE_CONFIG_DIR": str(folder / "azure"),
        "AZURE_CORE_COLLECT_TELEMETRY": "no",
        "KUBECONFIG": str(folder / "kubeconfig"),
    }
    done = subprocess.run(
        argv, env=os.environ | variables, capture_output=True, text=True, timeout=_ASKING_S, check=False
    )
    return done.stderr if done.returncode == 2 or UNPARSED.search(done.stderr) else None
