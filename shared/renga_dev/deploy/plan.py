"""What a deployment does, in order and as data: the same whether it is printed or done."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from renga_dev.command import Command
from renga_dev.deploy.metrics import PORT
from renga_dev.deploy.overlay import Overlay
from renga_dev.deploy.pins import PLACE
from renga_dev.endpoint import SERVICE, VIA
from renga_dev.images.build import ARCHIVE, Build, loading
from renga_dev.plural import plural


class Step(NamedTuple):
    """One thing that is done, and the commands that do it."""

    title: str
    commands: tuple[Command, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """What is said to a cluster, by kubectl.

    Attributes:
        overlay: its folder, from the project's.
        namespace: of the functions.
        context: of the kubeconfig; None: the current one.
    """

    overlay: Path
    namespace: str
    context: str | None

    def diff(self) -> Command:
        """Says what `apply` would change; status 1 where that is anything."""
        return self._kubectl("diff", "--server-side", "-k", str(self.overlay))

    def apply(self) -> Command:
        """Brings it there. On the server's side: what somebody else has set is a conflict, and not overwritten."""
        return self._kubectl("apply", "--server-side", "-k", str(self.overlay))

    def render(self) -> Command:
        """Tells the overlay's manifests; asks no cluster."""
        return Command(("kubectl", "kustomize", str(self.overlay)))

    def diff_one(self, file: Path) -> Command:
        """`diff`, of one file."""
        return self._kubectl("diff", "--server-side", "-f", str(file))

    def apply_one(self, file: Path) -> Command:
        """`apply`, of one file: by the same manager, so that what one leaves out the other takes back."""
        return self._kubectl("apply", "--server-side", "-f", str(file))

    def metrics(self, pod: str) -> Command:
        """Tells what a pod's queue-proxy has counted, by way of the API server."""
        path = f"/api/v1/namespaces/{self.namespace}/pods/{pod}:{PORT}/proxy/metrics"
        return self._kubectl("get", "--request-timeout=5s", "--raw", path)

    def look(self) -> Command:
        """Tells every Knative Service and every pod, with their status."""
        return self._in_namespace("get", "services.serving.knative.dev,pods", "-o", "json")

    def log(self, revision: str) -> Command:
        """Tells the end of the log of a revision's pods."""
        selector = f"serving.knative.dev/revision={revision}"
        return self._in_namespace("logs", "-l", selector, "-c", "user-container", "--tail=20")

    def warnings(self, revision: str) -> Command:
        """Tells what went wrong with a revision that no condition says, a line each."""
        which = f"involvedObject.name={revision},type=Warning"
        return self._in_namespace(
            "get", "events", "--field-selector", which, "-o", "custom-columns=:message", "--no-headers"
        )

    def delete(self, service: str) -> Command:
        """Takes a Service away."""
        return self._in_namespace("delete", "services.serving.knative.dev", service)

    def _in_namespace(self, *argv: str) -> Command:
        return self._kubectl("--namespace", self.namespace, *argv)

    def _kubectl(self, *argv: str) -> Command:
        return Command(("kubectl", *(("--context", self.context) if self.context else ()), *argv))


@dataclass(frozen=True, slots=True, kw_only=True)
class Smoke:
    """An event that is sent through.

    Attributes:
        file: the design that is handed in.
        to: where functions are, with `{service}` in it; None: where their Services say.
        via: see `renga_dev.endpoint.VIA`; empty: nowhere else.
    """

    file: str
    to: str | None
    via: str

    def command(self, to: str) -> Command:
        """The same by hand."""
        return Command(("renga", "submit", self.file, "--at", to), {VIA: self.via} if self.via else {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Canary:
    """A new revision that gets its share step by step.

    Attributes:
        function: whose: `schema/parse`.
        service: the same: `schema-parse`.
        percent: its first share, at most 50; None: it goes back.
        margin: how many more of 1 may fail.
        within_s: how long each share may take to be judged.
        file: what is applied; below the project's folder.
    """

    function: str
    service: str
    percent: int | None
    margin: float
    within_s: float
    file: Path

    @property
    def shares(self) -> tuple[int, ...]:
        """In percent, before it gets all."""
        return () if self.percent is None else tuple(dict.fromkeys((self.percent, 50)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A deployment.

    Attributes:
        overlay: what is deployed.
        build: the images to be made; None: none is.
        baked: in its place, a metadata file of bake that names them.
        load: the words of the command that hands an archive to the nodes; None: nodes pull.
        cluster: whom it is applied to.
        timeout_s: how long Services may take to become Ready.
        smoke: None: no event is sent.
        canary: one Service is applied, share by share, in place of the overlay.
    """

    overlay: Overlay
    build: Build | None
    baked: Path | None
    load: tuple[str, ...] | None
    cluster: Cluster
    timeout_s: float
    smoke: Smoke | None
    canary: Canary | None = None

    @property
    def is_back(self) -> bool:
        """Whether all that is done is to give a canary's share back."""
        return self.canary is not None and self.canary.percent is None

    def steps(self) -> Iterator[Step]:
        """All of it in order."""
        if self.canary is not None and self.is_back:
            yield self.aborting(self.canary)
            return
        yield from (step for step in (self.making(), self.pinning()) if step is not None)
        yield self.checking()
        if self.canary is not None:
            yield from self.canarying(self.canary)
            return
        yield from (self.differing(), self.applying(), self.waiting())
        if self.smoke is not None:
            yield self.smoking(self.smoke, self.smoke.to or f"http://{SERVICE}.{self.cluster.namespace}.DOMAIN")

    def making(self) -> Step | None:
        """Images come to where nodes find them."""
        if self.build is not None:
            return Step(f"Make {plural(len(self.build.functions), 'images')}", self.build.commands())
        if self.load is not None:
            return Step("Load the images of the last build", loading(self.load, self.overlay.state / ARCHIVE))
        return None

    def pinning(self) -> Step | None:
        """The overlay says which images they are."""
        if self.build is None and self.baked is None:
            return None
        source = f" of {self.baked}" if self.baked is not None else ""
        asking = self.build.asking() if self.build is not None else ()
        return Step(f"Write the digests{source} into {self.overlay.folder / PLACE}", asking)

    def checking(self) -> Step:
        """Nothing is applied that is known to be wrong."""
        but = " (IMG-LOCAL does not count: the images are loaded)" if self.load is not None else ""
        return Step(f"Check what is applied{but}", (Command(("renga", "check", self.overlay.name, "--pinned")),))

    def differing(self) -> Step:
        """Who applies it sees first what that changes."""
        return Step("See what changes", (self.cluster.diff(),))

    def applying(self) -> Step:
        """It is what the cluster has."""
        return Step("Apply it", (self.cluster.apply(),))

    def waiting(self) -> Step:
        """It serves."""
        services = plural(len(self.overlay.services), "Services")
        title = f"Wait for {services} to be Ready, {self.timeout_s:g} s at most: ask every second"
        return Step(title, (self.cluster.look(),))

    def canarying(self, canary: Canary) -> Iterator[Step]:
        """The new revision starts without a share; gets one, is judged, gets more; gets all."""
        cluster, apply = self.cluster, self.cluster.apply_one(canary.file)
        starting = f"Start a new revision of {canary.service} without a share, {self.timeout_s:g} s at most"
        yield Step(starting, (cluster.render(), cluster.diff_one(canary.file), apply, cluster.look()))
        for share in canary.shares:
            title = f"Give it {share} %, and judge it, {canary.within_s:g} s at most"
            yield Step(title, (apply, cluster.look(), cluster.metrics("POD")))
        yield Step("Give it everything", (apply, cluster.look()))

    def aborting(self, canary: Canary) -> Step:
        """All of it at once, backwards."""
        cluster = self.cluster
        title = f"Give everything to the revision of {canary.service} that has most"
        return Step(title, (cluster.look(), cluster.render(), cluster.apply_one(canary.file)))

    def smoking(self, smoke: Smoke, to: str) -> Step:
        """An event goes through all of it."""
        return Step("Send an event through", (smoke.command(to),))
