"""How far each Service is, from what `kubectl get services.serving.knative.dev,pods -o json` says.

The pods are asked too, because Knative alone is slow to despair: while a container ends over and over, its Service is
"waiting for a Revision to become ready" until the progress deadline, ten minutes by default, and no condition says why.
"""

from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic.alias_generators import to_camel

from renga.faults import faults
from renga_dev.plural import plural

REVISION = "serving.knative.dev/revision"
_PART = "app.kubernetes.io/part-of"
_CONTAINER = "user-container"
_WAITING_IS_FINE = {"ContainerCreating", "PodInitializing"}


class Unreadable(ValueError):  # noqa: N818 - says what is the case
    """What kubectl wrote is not what it was asked for."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", alias_generator=to_camel, populate_by_name=True)


class Condition(_Part):
    """One of an object's conditions."""

    type: str
    status: Literal["True", "False", "Unknown"]
    reason: str = ""
    message: str = ""


class Target(_Part):
    """Who gets a share of a Service's requests."""

    revision_name: str = ""
    percent: int = 0
    latest_revision: bool = False


class _Metadata(_Part):
    name: str
    generation: int = 0
    labels: Mapping[str, str] = {}
    deletion_timestamp: str = ""


class _ServiceSpec(_Part):
    traffic: tuple[Target, ...] = ()


class _ServiceStatus(_Part):
    observed_generation: int = 0
    conditions: tuple[Condition, ...] = ()
    latest_created_revision_name: str = ""
    latest_ready_revision_name: str = ""
    traffic: tuple[Target, ...] = ()
    url: str = ""


class Service(_Part):
    """A Knative Service with its status."""

    kind: Literal["Service"]
    metadata: _Metadata
    spec: _ServiceSpec = _ServiceSpec()
    status: _ServiceStatus = _ServiceStatus()

    @property
    def name(self) -> str:
        """Within its namespace."""
        return self.metadata.name

    @property
    def revision(self) -> str:
        """The newest revision, of which Ready speaks; empty before there is one."""
        return self.status.latest_created_revision_name

    @property
    def is_ours(self) -> bool:
        """Whether an overlay of ours brought it."""
        return self.metadata.labels.get(_PART) == "renga"

    @property
    def ready(self) -> bool:
        """Whether what was asked for last is what serves."""
        status = self.status
        return (
            status.observed_generation == self.metadata.generation
            and self._condition("Ready").status == "True"
            and status.latest_ready_revision_name == self.revision
        )

    @property
    def given_up(self) -> bool:
        """Whether Knative says that it will not become ready."""
        return self.status.observed_generation == self.metadata.generation and "False" in {
            self._condition(name).status for name in ("Ready", "ConfigurationsReady")
        }

    @property
    def reason(self) -> str:
        """Why it is not ready, in Knative's words; the configuration knows more than what only waits for it."""
        if self.status.observed_generation != self.metadata.generation:
            return "Knative has not looked at it yet."
        configured, ready = self._condition("ConfigurationsReady"), self._condition("Ready")
        told = configured if configured.status == "False" else ready
        return _sentence(told.message or told.reason or "It waits for its newest revision")

    @property
    def serving(self) -> str:
        """Who answers meanwhile: `schema-parse-00001`; several with their shares; empty where nobody does."""
        shares = [target for target in self.status.traffic if target.percent and target.revision_name]
        if len(shares) == 1:
            return shares[0].revision_name
        return ", ".join(f"{target.revision_name} ({target.percent} %)" for target in shares)

    @property
    def shares(self) -> Mapping[str, int]:
        """What each revision gets, in percent, once the ingress knows it; empty until then."""
        status = self.status
        known = (
            status.observed_generation == self.metadata.generation and self._condition("RoutesReady").status == "True"
        )
        return {target.revision_name: target.percent for target in status.traffic if target.percent} if known else {}

    @property
    def main(self) -> str:
        """The revision that is to have most; of equal ones the first; empty where nobody is to have anything."""
        table = max(self.spec.traffic, key=lambda target: target.percent, default=Target())
        return self.status.latest_ready_revision_name if table.latest_revision else table.revision_name

    def _condition(self, name: str) -> Condition:
        unknown = Condition(type=name, status="Unknown")
        return next((each for each in self.status.conditions if each.type == name), unknown)


class _Waiting(_Part):
    reason: str = ""
    message: str = ""


class _Terminated(_Part):
    exit_code: int
    reason: str = ""


class _State(_Part):
    waiting: _Waiting | None = None
    terminated: _Terminated | None = None


class _Container(_Part):
    name: str
    restart_count: int = 0
    state: _State = _State()
    last_state: _State = _State()


class _PodStatus(_Part):
    conditions: tuple[Condition, ...] = ()
    container_statuses: tuple[_Container, ...] = ()


class Pod(_Part):
    """A pod of a revision."""

    kind: Literal["Pod"]
    metadata: _Metadata
    status: _PodStatus = _PodStatus()

    @property
    def revision(self) -> str:
        """Whose pod it is; empty where it is nobody's."""
        return self.metadata.labels.get(REVISION, "")

    @property
    def name(self) -> str:
        """Within its namespace."""
        return self.metadata.name

    @property
    def is_ready(self) -> bool:
        """Whether it takes requests."""
        return any((each.type, each.status) == ("Ready", "True") for each in self.status.conditions)

    @property
    def is_ending(self) -> bool:
        """Whether it was told to go."""
        return bool(self.metadata.deletion_timestamp)

    @property
    def trouble(self) -> str | None:
        """What keeps its function from running; None where nothing does, or it only takes its time."""
        for container in self.status.container_statuses:
            if container.name == _CONTAINER:
                return _trouble(container)
        return None

    @property
    def waits_for(self) -> str | None:
        """Why no node has it; a node may still be on its way."""
        found = (each for each in self.status.conditions if (each.type, each.status) == ("PodScheduled", "False"))
        return next((each.message for each in found), None)


class _List(_Part):
    items: list[Annotated[Service | Pod, Field(discriminator="kind")]]


class Seen(_Part):
    """All that was told at one time."""

    services: Mapping[str, Service]
    """By name."""
    pods: tuple[Pod, ...]

    def unready(self, wanted: Collection[str]) -> list[str]:
        """Those of the Services that are not ready, or not there."""
        return [name for name in wanted if name not in self.services or not self.services[name].ready]

    def troubles(self, name: str) -> Iterator[str]:
        """What will not pass by waiting, as far as anybody can tell: sentences."""
        service = self.services.get(name)
        if service is None:
            return
        pods = self.pods_of(service.revision)
        # Knative gives up at once where no node has room, though a node may be on its way.
        if service.given_up and not any(pod.waits_for for pod in pods):
            yield service.reason
        yield from (_sentence(pod.trouble) for pod in pods if pod.trouble)

    def waits(self, name: str) -> Iterator[str]:
        """What it waits for: sentences."""
        service = self.services.get(name)
        if service is None:
            yield "There is no such Service in the cluster."
            return
        yield service.reason
        pods = self.pods_of(service.revision)
        yield from (_sentence(f"No node has its pod: {pod.waits_for}") for pod in pods if pod.waits_for)

    def trouble_of(self, revision: str) -> str | None:
        """What keeps one of a revision's pods from running, or did before, as a sentence; those that end have none."""
        found = (_sentence(pod.trouble) for pod in self.pods_of(revision) if pod.trouble and not pod.is_ending)
        return next(found, None)

    def pods_of(self, revision: str) -> list[Pod]:
        """Those of a revision, the ones that end too."""
        return [pod for pod in self.pods if revision and pod.revision == revision]


def seen(text: str) -> Seen:
    """Read what kubectl wrote.

    Raises:
        Unreadable: it is no list of Services and pods.
    """
    try:
        items = TypeAdapter(_List).validate_json(text).items
    except ValidationError as error:
        raise Unreadable(f"kubectl told something else than Services and pods: {faults(error)}.") from None
    services = {each.name: each for each in items if isinstance(each, Service)}
    return Seen(services=services, pods=tuple(each for each in items if isinstance(each, Pod)))


def _trouble(container: _Container) -> str | None:
    waiting, ended = container.state.waiting, container.state.terminated or container.last_state.terminated
    if ended is not None:
        often = f", and was started again {plural(container.restart_count, 'times')}" if container.restart_count else ""
        return f"Its process ended with status {ended.exit_code} ({ended.reason}){often}"
    if waiting is not None and waiting.reason not in _WAITING_IS_FINE:
        return f"{waiting.reason}: {waiting.message}" if waiting.message else waiting.reason
    return None


def _sentence(text: str) -> str:
    return f"{text.rstrip('.')}."
