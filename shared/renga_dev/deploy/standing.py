"""What each function of a cluster is doing: who has its requests, how many replicas they have, what failed."""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from renga_dev.deploy.readiness import Pod, Seen, Service


class Standing(NamedTuple):
    """A revision of a function, with what it is doing.

    Attributes:
        function: `schema/parse`; the Service's name where it is of none.
        service: `schema-parse`.
        revision: empty where there is none.
        share: what it gets of the requests, in percent.
        replicas: those that take requests.
        starting: those that do not yet.
        error: what is wrong with it, a sentence; empty where nothing is.
        has_crashed: whether its own process may have said why.
    """

    function: str
    service: str
    revision: str
    share: int
    replicas: int
    starting: int
    error: str = ""
    has_crashed: bool = False

    @property
    def awake(self) -> str:
        """Its replicas in words: `2`, `1, 1 starting`, `asleep`."""
        if not self.replicas and not self.starting:
            return "asleep"
        return f"{self.replicas}, {self.starting} starting" if self.starting else str(self.replicas)


def standing(found: Seen, wanted: Collection[str], functions: Mapping[str, str]) -> Iterator[Standing]:
    """Tell of each Service that is wanted or ours, by name; a revision that has no share only if it is the newest.

    Args:
        found: what the cluster told.
        wanted: Services by name.
        functions: the Service of each function.
    """
    names = {service: function for function, service in functions.items()}
    ours = {name for name, service in found.services.items() if service.is_ours}
    for name in sorted({*wanted, *ours}):
        shown = names.get(name, name)
        service = found.services.get(name)
        if service is None:
            yield Standing(shown, name, "", 0, 0, 0, "There is no such Service in the cluster.")
            continue
        for revision, share in _shares(service).items():
            pods = [pod for pod in found.pods_of(revision) if not pod.is_ending]
            ready = sum(pod.is_ready for pod in pods)
            trouble = found.trouble_of(revision)
            error = trouble or _waits(service, revision, pods)
            yield Standing(shown, name, revision, share, ready, len(pods) - ready, error, trouble is not None)


def _shares(service: Service) -> dict[str, int]:
    """The revisions to tell of, in the order of the table, the newest last if it has nothing."""
    shares: dict[str, int] = {}
    for target in service.status.traffic:
        if target.percent:
            shares[target.revision_name] = shares.get(target.revision_name, 0) + target.percent
    return shares if service.revision in shares else {**shares, service.revision: 0}


def _waits(service: Service, revision: str, pods: list[Pod]) -> str:
    waiting = next((pod.waits_for for pod in pods if pod.waits_for), None)
    if waiting:
        return f"No node has its pod: {waiting.rstrip('.')}."
    return service.reason if revision == service.revision and service.given_up else ""
