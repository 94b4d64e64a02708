"""The programs that a plan runs: which there are, and where to get the others."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from renga_dev.command import missing

CloudName = Literal["gcp", "aws", "azure"]
Verb = Literal["plan", "up", "sleep", "wake", "down", "status"]


class Programs(NamedTuple):
    """What talks to one cloud."""

    own: str
    """Its own command line."""
    login: str
    """What gives terraform and kubectl tokens of the cluster."""


OF_CLOUDS: dict[CloudName, Programs] = {
    "gcp": Programs("gcloud", "gke-gcloud-auth-plugin"),
    "aws": Programs("aws", "aws"),
    "azure": Programs("az", "kubelogin"),
}
FROM = {
    "terraform": "https://developer.hashicorp.com/terraform/install (1.11 or newer)",
    "kubectl": "https://kubernetes.io/docs/tasks/tools",
    "gcloud": "https://cloud.google.com/sdk/docs/install",
    "gke-gcloud-auth-plugin": "gcloud components install gke-gcloud-auth-plugin",
    "aws": "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html",
    "az": "https://learn.microsoft.com/cli/azure/install-azure-cli",
    "kubelogin": "https://azure.github.io/kubelogin/install.html",
}
"""Where to get each."""


class Missing(Exception):  # noqa: N818 - says what is the case
    """Programs that are not on the path."""

    def __init__(self, names: Iterable[str]) -> None:
        lines = [f"  {name}: {FROM.get(name, 'wherever it comes from')}" for name in names]
        super().__init__("\n".join(["Not on the path, so that nothing was run:", *lines]))


def wanted(cloud: CloudName, verb: Verb) -> tuple[str, ...]:
    """The programs without which a verb of a cloud need not begin."""
    own, login = OF_CLOUDS[cloud]
    match verb:
        case "plan" | "up":
            return ("terraform", login)
        case "sleep" | "status":
            return ("terraform", own)
        case "wake" | "down":
            return ("terraform", own, login, "kubectl")


def require(names: Iterable[str]) -> None:
    """Make sure that all of them are there.

    Raises:
        Missing: some are not; it names each, and where to get it.
    """
    if absent := missing(names):
        raise Missing(absent)
