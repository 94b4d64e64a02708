"""Images of what tests run in a cluster beside the project: made by its Dockerfile, and brought to its nodes."""

import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine import Engine
from renga_dev.command import Command, read
from renga_dev.images.build import Build
from renga_dev.images.digests import Image

_PARTS = ("events/renga_events", "shared/renga", "shared/renga_schema", "shared/renga_infer", "knative/image")
_FILES = ("pyproject.toml", "constraints.txt")


class Workload(NamedTuple):
    """A folder of a function, as the Dockerfile takes it."""

    files: tuple[Path, ...]
    requirements: str = "renga"


def made(
    engine: Engine, repository: Path, folder: Path, base: str, workloads: Mapping[str, Workload]
) -> dict[str, str]:
    """Make an image of each workload and bring it to the nodes, or to their registry; the names by digest.

    Args:
        engine: whose nodes.
        repository: the checkout.
        folder: an empty one, for the context and the archive.
        base: the image under all of them, by digest.
        workloads: by name.
    """
    for part in _PARTS:
        shutil.copytree(repository / part, folder / part, ignore=shutil.ignore_patterns("__pycache__"))
    for part in _FILES:
        shutil.copy(repository / part, folder / part)
    for name, workload in workloads.items():
        own = folder / "functions/probe" / name
        own.mkdir(parents=True)
        for file in workload.files:
            shutil.copy(file, own)
        (own / "requirements.txt").write_text(f"{workload.requirements}\n")
    build = Build(
        builder="buildah", base=base, registry=engine.registry, tag="engine", everything=False,
        functions=tuple(f"probe/{name}" for name in workloads), load=tuple(shlex.split(engine.load)) or None,
        state=Path("built"),
    )  # fmt: skip
    return {image.service.removeprefix("probe-"): f"{image.name}@{image.digest}" for image in built(build, folder)}


def built(build: Build, folder: Path, *options: str) -> tuple[Image, ...]:
    """Do what `renga deploy` does to make images.

    Args:
        build: which, and how.
        folder: the project.
        options: of `buildah build`, besides.

    Raises:
        Failed: a command did not end well.
    """
    for command in build.commands():
        given = options if command.argv[:2] == ("buildah", "build") else ()
        argv = (*command.argv[:2], *given, *command.argv[2:])
        read(Command(argv, {**command.env, "BUILDAH_ISOLATION": "chroot"}), folder)
    return build.images(folder)
