"""Tells the sizes of images that bake has pushed, and what they share; the registry is asked by `docker buildx`.

`python -m renga_dev.images.registry METADATA` takes the file that `bake --metadata-file` writes. Only manifests are
fetched, no layer.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from pydantic import TypeAdapter, ValidationError

from renga.faults import faults
from renga_dev.command import Command, Failed, read
from renga_dev.images.contents import table
from renga_dev.images.digests import Image, Index, NoDigests, baked
from renga_dev.images.layout import Manifest, Stored

_BESIDE: Final = "vnd.docker.reference.type"
"""The annotation of what BuildKit says of an image's making, which lies beside the image."""
_MANIFEST: Final = TypeAdapter[Manifest | Index](Manifest | Index)


def asking(name: str) -> Command:
    """What a registry has under a name, as it is there."""
    return Command(("docker", "buildx", "imagetools", "inspect", "--raw", name))


def fetched(image: Image, ask: Callable[[Command], str]) -> Stored:
    """The layers of an image; of one for several platforms, those of the first.

    Args:
        image: which.
        ask: runs a command, and returns what it wrote.

    Raises:
        NoDigests: the registry has something else there.
        Failed: as `ask` does.
    """
    found = _read(f"{image.name}@{image.digest}", ask)
    if isinstance(found, Index):
        digests = [each.digest for each in found.manifests if _BESIDE not in each.annotations]
        found = _read(f"{image.name}@{digests[0]}", ask) if digests else found
    if isinstance(found, Index):
        raise NoDigests(f"{image.name}@{image.digest} lists no image for any platform.")
    return Stored(image.name, image.digest, found.layers)


def _read(name: str, ask: Callable[[Command], str]) -> Manifest | Index:
    try:
        return _MANIFEST.validate_json(ask(asking(name)))
    except ValidationError as error:
        raise NoDigests(f"{name} is no image: {faults(error)}.") from None


if __name__ == "__main__":
    try:
        images = [fetched(image, lambda command: read(command, Path())) for image in baked(Path(sys.argv[1]))]
    except (NoDigests, Failed) as error:
        sys.exit(str(error))
    for line in table(images):
        sys.stdout.write(f"{line}\n")
