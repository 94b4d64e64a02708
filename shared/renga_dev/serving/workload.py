"""From a Service in the manifests to the command that runs it here."""

import json
import os
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from renga_dev.calls import ServiceName
from renga_dev.eventing.targets import ToBroker, ToUrl, Unresolvable, resolve
from renga_dev.manifests import Destination, Fault, Manifests, Service
from renga_dev.serving.process import Command

_OURS = {"PORT", "HOST", "FUNCTION_TARGET", "FUNCTION_SOURCE"}


@dataclass(frozen=True, slots=True)
class Place:
    """Where this runtime works."""

    project: Path
    """The folder that holds functions/."""
    state: Path
    """The state directory."""
    shared_code: tuple[Path, ...] = ()
    """Folders whose change counts as a change of every function."""

    def log(self, service: ServiceName) -> Path:
        """The file that takes what a service's processes write."""
        name = service.name if service.namespace == "default" else f"{service.namespace}.{service.name}"
        return self.state / "logs" / f"{name}.log"


@dataclass(frozen=True, slots=True)
class Workload:
    """What runs a Service, short of the port and the revision."""

    service: Service
    argv: tuple[str, ...]
    cwd: Path
    env: Mapping[str, str]
    sources: tuple[Path, ...]
    """The folders it is made of."""

    def command(self, port: int, revision: str) -> Command:
        """The command of one replica (rule S1)."""
        name = self.service.name.name
        own = {"PORT": str(port), "K_SERVICE": name, "K_CONFIGURATION": name, "K_REVISION": revision}
        return Command(self.argv, self.cwd, {**self.env, **own})

    @property
    def recipe(self) -> str:
        """Everything but the code that decides whether it starts."""
        container = self.service.container
        return repr((self.argv, str(self.cwd), sorted(container.env.items()), container.readiness))


class Workloads:
    """Makes the workload of each Service of some manifests.

    Args:
        manifests: what was declared.
        place: where this runtime works.
        base_url: where it listens.
        broker: variables for what is bound to a Broker, where something else stands in for Brokers.
    """

    def __init__(
        self, manifests: Manifests, place: Place, base_url: str, broker: Mapping[str, str] | None = None
    ) -> None:
        self.manifests = manifests
        self.place = place
        self.base_url = base_url
        self._broker = broker or {}
        self._inherited = {
            name: value for name, value in os.environ.items() if name not in _OURS and not name.startswith("K_")
        }

    def faults(self) -> Iterable[Fault]:
        """Services that cannot be run on this machine."""
        path = "metadata.annotations[renga.dev/function]"
        owners: dict[PurePosixPath, ServiceName] = {}
        for service in self.manifests.services.values():
            container = service.container
            thing = f"Service {service.name}"
            if service.function and owners.setdefault(service.function, service.name) != service.name:
                message = (
                    f"names {service.function}, which is the path of the Service {owners[service.function]} already"
                )
                yield Fault(service.source, thing, path, message)
            if container.command or container.args:
                continue
            if service.function is None:
                message = f"is missing, and the image {container.image} is not run here: name the folder, or a command"
                yield Fault(service.source, thing, path, message)
            elif not self._folder(service).is_dir():
                yield Fault(service.source, thing, path, f"names {self._folder(service)}, which is no folder")
        for binding in self.manifests.sink_bindings:
            if self._address(binding.sink) is None:
                thing = f"SinkBinding {binding.namespace}/{binding.name}"
                yield Fault("manifests", thing, "spec.sink", "has no address on this machine: name a Broker or a URL")

    def of(self, service: Service) -> Workload:
        """The workload of a Service that has no fault."""
        container = service.container
        argv = _here(*container.command, *container.args) or (sys.executable, "-m", "renga.host")
        folder = self._folder(service)
        env = {**self._inherited, "PYTHONUNBUFFERED": "1", "FUNCTION_SOURCE": "main.py"}
        env |= {"HOST": "127.0.0.1", "RENGA_STATE_DIR": str(self.place.state / "state")}
        for binding in self.manifests.sink_bindings:
            address = self._address(binding.sink)
            if binding.binds(service) and address is not None:
                env["K_SINK"] = address
                if binding.extensions:
                    env["K_CE_OVERRIDES"] = json.dumps({"extensions": dict(binding.extensions)})
                if binding.sink.ref is not None and binding.sink.ref.broker is not None:
                    env |= self._broker
        env |= {name: self._within(value) for name, value in container.env.items()}
        has_folder = service.function is not None and folder.is_dir()
        cwd = folder if has_folder else self.place.project
        sources = (folder, *self.place.shared_code) if has_folder else ()
        return Workload(service, argv, cwd, env, sources)

    def _folder(self, service: Service) -> Path:
        return self.place.project / "functions" / (service.function or "")

    def _within(self, value: str) -> str:
        """A variable's value; one that is the address of a Service in a cluster is the one that it has here."""
        return (value.startswith("http://") and self._address(Destination(uri=value))) or value

    def _address(self, sink: Destination) -> str | None:
        """Where events for a sink go: everything in these manifests answers on our one port."""
        try:
            target = resolve(sink, self.manifests)
        except Unresolvable:
            return None
        if isinstance(target, ToUrl):
            return target.url
        if isinstance(target, ToBroker):
            return f"{self.base_url}/{target.broker}"
        function = self.manifests.services[target.service].function
        return None if function is None else f"{self.base_url}/{function}{target.target.removesuffix('/')}"


def _here(*argv: str) -> tuple[str, ...]:
    """A command as it is run here: `python3`, in an image the interpreter with Renga, is that of this process."""
    return (sys.executable, *argv[1:]) if argv[:1] == ("python3",) else argv
