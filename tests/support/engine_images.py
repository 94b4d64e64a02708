"""Images of what tests run in a cluster beside the project: made by its Dockerfile, and brought to its nodes."""

import os
import shlex
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from engine import Engine
from renga_dev.images.archive import archive
from renga_dev.images.digests import laid_out

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
    names = {name: f"{engine.registry}/probe-{name}:engine" for name in workloads}
    for name, workload in workloads.items():
        own = folder / "functions/probe" / name
        own.mkdir(parents=True)
        for file in workload.files:
            shutil.copy(file, own)
        (own / "requirements.txt").write_text(f"{workload.requirements}\n")
        dockerfile = ("--file", "knative/image/Dockerfile", "--ignorefile", "knative/image/Dockerfile.dockerignore")
        given = ("--build-arg", f"BASE={base}", "--build-arg", f"FUNCTION=probe/{name}")
        _run(folder, "buildah", "build", "--layers", "--timestamp", "0", *dockerfile, *given, "--tag", names[name], ".")
    digests = _loaded(engine, folder, names) if engine.load else {name: _pushed(folder, names[name]) for name in names}
    return {name: f"{tagged.rpartition(':')[0]}@{digests[name]}" for name, tagged in names.items()}


def _loaded(engine: Engine, folder: Path, names: Mapping[str, str]) -> dict[str, str]:
    layout, file = folder / "images", folder / "images.tar"
    for tagged in names.values():
        _run(folder, "buildah", "push", "--disable-compression", tagged, f"oci:{layout}:{tagged}")
    archive(layout, file)
    _run(folder, *shlex.split(engine.load.replace("{}", str(file))))
    digests = {image.name: image.digest for image in laid_out(layout, names.values())}
    return {name: digests[tagged.rpartition(":")[0]] for name, tagged in names.items()}


def _pushed(folder: Path, tagged: str) -> str:
    said = folder / "digest"
    _run(folder, "buildah", "push", "--digestfile", str(said), tagged)
    return said.read_text().strip()


def _run(folder: Path, *command: str) -> None:
    done = subprocess.run(
        command, cwd=folder, env=os.environ | {"BUILDAH_ISOLATION": "chroot"}, capture_output=True, text=True,
        check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, f"{shlex.join(command)}: {done.stderr[-2000:]}"
