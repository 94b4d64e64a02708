"""Images by digest: what builders say of those that they made."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from renga.faults import faults

LOCAL = "dev.local"
"""The registry that the base names, and that is none: Knative asks nobody for what is in it."""
REFERENCE = "org.opencontainers.image.ref.name"
"""The annotation of an image in an OCI layout that says what it is called."""

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_Digest = Annotated[str, Field(pattern=f"^{_DIGEST.pattern}$")]


class Image(NamedTuple):
    """What one function runs."""

    service: str
    """`schema-parse`."""
    name: str
    """With its registry, without a tag: `europe-docker.pkg.dev/PROJECT/renga/schema-parse`."""
    digest: str
    """`sha256:...`, of its manifest."""


class NoDigests(ValueError):  # noqa: N818 - says what is the case
    """What should say which images were made does not."""


class _Baked(BaseModel):
    """What `docker buildx bake --metadata-file` says of one target."""

    model_config = ConfigDict(extra="ignore")

    digest: _Digest = Field(alias="containerimage.digest")
    names: str = Field(alias="image.name")
    """All its names with their tags, separated by commas."""


class Descriptor(BaseModel):
    """A manifest in the index of an OCI layout."""

    model_config = ConfigDict(extra="allow")

    digest: _Digest
    annotations: dict[str, str] = {}


class Index(BaseModel):
    """`index.json` of an OCI layout."""

    model_config = ConfigDict(extra="allow")

    manifests: list[Descriptor]


def baked(path: Path) -> tuple[Image, ...]:
    """The images in bake's metadata file, by Service.

    Raises:
        NoDigests: it is not there, or is no such file; or an image in it was not pushed, and so has no digest.
    """
    try:
        told = TypeAdapter(dict[str, object]).validate_json(path.read_bytes())
    except OSError as error:
        raise NoDigests(f"{path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        raise NoDigests(f"{path} is no metadata file of `docker buildx bake`: {faults(error)}.") from None
    found = []
    for target, entry in told.items():
        # Warnings of the build stand beside the targets.
        if target.startswith("buildx."):
            continue
        try:
            one = _Baked.model_validate(entry)
        except ValidationError as error:
            raise NoDigests(f"{path}: {target} is no image that was pushed: {faults(error)}.") from None
        name = untagged(one.names.partition(",")[0])
        found.append(Image(service=name.rpartition("/")[2], name=name, digest=one.digest))
    if not found:
        raise NoDigests(f"{path} names no image.")
    return tuple(sorted(found))


def laid_out(folder: Path, names: Iterable[str]) -> tuple[Image, ...]:
    """The images of an OCI layout.

    Args:
        folder: the layout.
        names: what they are called there, with their tags.

    Raises:
        NoDigests: there is no such layout, or one of them is not in it.
    """
    digests = {manifest.annotations.get(REFERENCE): manifest.digest for manifest in index(folder).manifests}
    found = []
    for name in names:
        if name not in digests:
            raise NoDigests(f"{folder} has no image {name}.")
        bare = untagged(name)
        found.append(Image(bare.rpartition("/")[2], bare, digests[name]))
    return tuple(sorted(found))


def index(folder: Path) -> Index:
    """The index of an OCI layout.

    Raises:
        NoDigests: there is none.
    """
    path = folder / "index.json"
    try:
        return Index.model_validate_json(path.read_bytes())
    except OSError as error:
        raise NoDigests(f"{path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        raise NoDigests(f"{path} is no index of an OCI layout: {faults(error)}.") from None


def pushed(name: str, said: str) -> Image:
    """An image whose digest a program said.

    Args:
        name: with its tag.
        said: what the program wrote.

    Raises:
        NoDigests: that is no digest.
    """
    digest = said.strip()
    if not _DIGEST.fullmatch(digest):
        raise NoDigests(f"{name} should have a digest, and what was said of it is {digest[:100]!r}.")
    bare = untagged(name)
    return Image(bare.rpartition("/")[2], bare, digest)


def is_by_digest(name: str) -> bool:
    """Whether a name can mean one image only."""
    return _DIGEST.fullmatch(name.partition("@")[2]) is not None


def untagged(name: str) -> str:
    """A name without its tag; the port of a registry is none."""
    registry, slash, last = name.rpartition("/")
    return registry + slash + last.partition(":")[0]
