"""Images in an OCI layout: their layers, which of them images share, and what a function adds to what all have."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from renga.faults import faults
from renga_dev.images.digests import REFERENCE, NoDigests, index, untagged

MOST_ADDED = 15_000_000
"""Bytes, compressed, that a function's image may add to the layers that functions share."""


class Layer(BaseModel):
    """A layer, as a manifest names it."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    digest: str
    size: int
    """Bytes, compressed: what a node pulls."""


class Manifest(BaseModel):
    """What an image for one platform consists of."""

    model_config = ConfigDict(extra="ignore")

    layers: tuple[Layer, ...] = Field(min_length=1)


class Stored(NamedTuple):
    """An image in a layout."""

    name: str
    """With its registry, without a tag: `europe-docker.pkg.dev/PROJECT/renga/schema-parse`."""
    digest: str
    """Of its manifest."""
    layers: tuple[Layer, ...]
    """The base's first."""

    @property
    def service(self) -> str:
        """`schema-parse`."""
        return self.name.rpartition("/")[2]

    @property
    def size(self) -> int:
        """Bytes, compressed."""
        return sum(layer.size for layer in self.layers)


class Sharing(NamedTuple):
    """What images have in common.

    Attributes:
        common: layers that all of them have.
        shared: of each image how many layers some other has too.
        added: of each image the bytes that it adds to the common layers.
        alone: of each image the bytes of layers that no other has.
    """

    common: tuple[Layer, ...]
    shared: tuple[int, ...]
    added: tuple[int, ...]
    alone: tuple[int, ...]


def stored(layout: Path) -> tuple[Stored, ...]:
    """The images of a layout, by name.

    Raises:
        NoDigests: it is none, or a manifest in it cannot be read.
    """
    found = {}
    for each in index(layout).manifests:
        name = untagged(each.annotations.get(REFERENCE, each.digest))
        path = blob(layout, each.digest)
        try:
            manifest = Manifest.model_validate_json(path.read_bytes())
        except OSError as error:
            raise NoDigests(f"{path} cannot be read: {error.strerror}.") from None
        except ValidationError as error:
            raise NoDigests(f"{path} is no manifest of an image: {faults(error)}.") from None
        found[name] = Stored(name, each.digest, manifest.layers)
    return tuple(sorted(found.values()))


def blob(layout: Path, digest: str) -> Path:
    """The file of a digest."""
    algorithm, _, value = digest.partition(":")
    return layout / "blobs" / algorithm / value


def sharing(images: Iterable[Stored]) -> Sharing:
    """Compare images; of one alone all layers are common."""
    images = tuple(images)
    owners = Counter(layer for image in images for layer in set(image.layers))
    common = tuple(layer for layer in images[0].layers if owners[layer] == len(images)) if images else ()
    return Sharing(
        common,
        tuple(sum(owners[layer] > 1 for layer in image.layers) for image in images),
        tuple(sum(layer.size for layer in image.layers if layer not in common) for image in images),
        tuple(sum(layer.size for layer in image.layers if owners[layer] == 1) for image in images),
    )
