"""How images are made, and brought to where nodes find them."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from renga_dev.command import Command
from renga_dev.images.digests import Image, baked, laid_out, pushed

Builder = Literal["bake", "buildah", "cloud-build"]

IMAGE = Path("knative/image")
ARCHIVE = "images.tar"
"""Of the folder for what builders say: what is handed to nodes."""
ARCHIVE_PLACE = "{}"
"""In the command that loads images, what the archive's path takes the place of."""
_BAKE = ("-f", str(IMAGE / "docker-bake.hcl"), "-f", str(IMAGE / "functions.json"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """Images to be made.

    Attributes:
        builder: by whom.
        base: the image under all of them, by digest.
        registry: where they go; `dev.local` where they are loaded.
        tag: what they are called besides their digests.
        functions: whose; `schema/parse`.
        everything: whether those are all that there are.
        load: the words of the command that hands an archive to the nodes; None: images are pushed.
        state: a folder for what builders say, in the project's folder.
    """

    builder: Builder
    base: str
    registry: str
    tag: str
    functions: tuple[str, ...]
    everything: bool
    load: tuple[str, ...] | None
    state: Path

    @property
    def names(self) -> tuple[str, ...]:
        """The images with their tags, as the functions are in order."""
        return tuple(f"{self.registry}/{service_of(function)}:{self.tag}" for function in self.functions)

    @property
    def metadata(self) -> Path:
        """What bake writes."""
        return self.state / "images.json"

    @property
    def layout(self) -> Path:
        """The images, where buildah makes them."""
        return self.state / "images"

    @property
    def bills(self) -> Path:
        """A bill of materials of each image in the layout: `SERVICE.cdx.json`."""
        return self.state / "sbom"

    @property
    def archive(self) -> Path:
        """What is loaded."""
        return self.state / ARCHIVE

    def commands(self) -> tuple[Command, ...]:
        """What makes the images and brings them where nodes find them."""
        fresh = (Command(("rm", "-rf", str(self.state))), Command(("mkdir", "-p", str(self.state))))
        return (*fresh, *self._building(), *loading(self.load, self.archive))

    def asking(self) -> tuple[Command, ...]:
        """What tells the digest of each image, in the order of `names`; empty where a file does."""
        if self.builder != "cloud-build":
            return ()
        ask = ("gcloud", "artifacts", "docker", "images", "describe")
        return tuple(Command((*ask, name, "--format=value(image_summary.digest)")) for name in self.names)

    def images(self, project: Path, told: tuple[str, ...] = ()) -> tuple[Image, ...]:
        """The images, once they are made.

        Args:
            project: the project's folder.
            told: what the commands of `asking` said.

        Raises:
            NoDigests: something does not say which they are.
        """
        if self.builder == "bake":
            return baked(project / self.metadata)
        if self.load is not None:
            return laid_out(project / self.layout, self.names)
        if self.builder == "buildah":
            told = tuple((project / self._digest_of(function)).read_text() for function in self.functions)
        return tuple(pushed(name, said) for name, said in zip(self.names, told, strict=True))

    def _building(self) -> tuple[Command, ...]:
        match self.builder:
            case "bake":
                return self._bake(), Command((*_module("registry"), str(self.metadata)))
            case "cloud-build":
                return (self._cloud_build(),)
            case "buildah":
                made = [each for index in range(len(self.functions)) for each in self._buildah(index)]
                looking = Command((*_module("contents"), str(self.layout), str(self.bills)))
                return (*made, looking) if self.load is None else (*made, looking, self._archiving())

    def _bake(self) -> Command:
        targets = () if self.everything else tuple(map(service_of, self.functions))
        argv = ("docker", "buildx", "bake", *_BAKE, "--push", "--metadata-file", str(self.metadata), *targets)
        return Command(argv, {"BASE": self.base, "REGISTRY": self.registry, "TAG": self.tag})

    def _cloud_build(self) -> Command:
        targets = "default" if self.everything else " ".join(map(service_of, self.functions))
        given = f"_BASE={self.base},_REGISTRY={self.registry},_TAG={self.tag},_TARGETS={targets}"
        config = str(IMAGE / "cloudbuild.yaml")
        return Command(("gcloud", "builds", "submit", ".", f"--config={config}", f"--substitutions={given}"))

    def _buildah(self, index: int) -> tuple[Command, ...]:
        function, name = self.functions[index], self.names[index]
        build = (
            # Without times the same files make the same image, wherever it is built: nothing new is deployed then.
            *("buildah", "build", "--layers", "--timestamp", "0", "--file", str(IMAGE / "Dockerfile")),
            *("--ignorefile", str(IMAGE / "Dockerfile.dockerignore")),
            *("--build-arg", f"BASE={self.base}", "--build-arg", f"FUNCTION={function}", "--tag", name, "."),
        )
        made = Command(build), Command(("buildah", "push", name, f"oci:{self.layout}:{name}"))
        if self.load is not None:
            return made
        return (*made, Command(("buildah", "push", "--digestfile", str(self._digest_of(function)), name)))

    def _archiving(self) -> Command:
        return Command((*_module("archive"), str(self.layout), str(self.archive)))

    def _digest_of(self, function: str) -> Path:
        return self.state / f"{service_of(function)}.digest"


def loading(load: tuple[str, ...] | None, archive: Path) -> tuple[Command, ...]:
    """The command that hands an archive to the nodes; none where nothing is loaded."""
    if load is None:
        return ()
    return (Command(tuple(word.replace(ARCHIVE_PLACE, str(archive)) for word in load)),)


def _module(name: str) -> tuple[str, ...]:
    return sys.executable, "-m", f"renga_dev.images.{name}"


def service_of(function: str) -> str:
    """The Service of a function: `schema-parse` of `schema/parse`."""
    return function.replace("/", "-")
