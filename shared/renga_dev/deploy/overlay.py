"""An overlay, as far as a deployment has to know it."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from renga_dev.check import Finding, check, cluster
from renga_dev.check.project import project_of
from renga_dev.kustomize import render

OVERLAYS = Path("knative/overlays")
STATE = Path(".renga/deploy")


class NotDeployable(ValueError):  # noqa: N818 - says what is the case
    """An overlay that no cluster gets; the message says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """One environment.

    Attributes:
        project: the project's folder.
        name: `gke`.
        namespace: of all its Services.
        services: by name.
        functions: the Service of each function: `schema/parse`.
        objects: how many manifests it has.
    """

    project: Path
    name: str
    namespace: str
    services: tuple[str, ...]
    functions: Mapping[str, str]
    objects: int

    @property
    def folder(self) -> Path:
        """From the project's folder."""
        return OVERLAYS / self.name

    @property
    def state(self) -> Path:
        """From the project's folder too: what builders said, archives, what is applied of one Service."""
        return STATE / self.name

    def findings(self, *, loaded: bool) -> tuple[Finding, ...]:
        """What `renga check --pinned` finds.

        Args:
            loaded: whether images that no registry has are on the nodes.
        """
        read = cluster(render(self.project / self.folder), project_of(self.project))
        return tuple(each for each in check(read, pinned=True) if not (loaded and each.rule == "IMG-LOCAL"))


def names(project: Path) -> list[str]:
    """The overlays of a project."""
    return sorted(path.parent.name for path in (project / OVERLAYS).glob("*/kustomization.yaml"))


def overlay(project: Path, name: str) -> Overlay:
    """Read an overlay.

    Raises:
        NotDeployable: it has no Service, or has them in several namespaces or in none.
        Unrenderable: it cannot be rendered here.
        InvalidManifests: a file is no YAML.
    """
    found = cluster(render(project / OVERLAYS / name))
    if not found.services:
        raise NotDeployable(f"The overlay {name} has no Service.")
    namespaces = {service.namespace for service in found.services}
    if len(namespaces) > 1:
        raise NotDeployable(f"The overlay {name} has Services in {', '.join(sorted(namespaces))}: this takes one.")
    return Overlay(
        project=project,
        name=name,
        namespace=namespaces.pop(),
        services=tuple(sorted(service.name for service in found.services)),
        functions={each.function: each.name.name for each in found.services.values() if each.function},
        objects=len(found.objects),
    )
