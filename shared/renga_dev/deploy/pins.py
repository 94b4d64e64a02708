"""The one place of an overlay that says where its images are: `images/kustomization.yaml`, an entry a line.

Written so that a new digest changes its own line and nothing else: what stands above the list is kept as it is, entries
are in the order of their names, and those that nobody built stay.
"""

import os
from collections.abc import Collection, Iterable
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from renga.faults import faults
from renga_dev.images.digests import LOCAL, Image

PLACE = Path("images/kustomization.yaml")
_LIST = "images:"


class NoPlace(ValueError):  # noqa: N818 - says what is the case
    """An overlay has no such file, or one that this would spoil."""


class Pin(BaseModel):
    """What kustomize puts in an image's place; fields as kustomize calls them."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    name: str
    new_name: str | None = Field(None, alias="newName")
    new_tag: str | None = Field(None, alias="newTag")
    digest: str | None = None

    def line(self) -> str:
        """As it stands in the file; the colon of a digest or of a port needs quotes."""
        fields = self.model_dump(by_alias=True, exclude_none=True)
        return f"  - {{{', '.join(f'{key}: {_scalar(value)}' for key, value in fields.items())}}}\n"


class _File(BaseModel):
    model_config = ConfigDict(extra="ignore")

    images: list[Pin] | None = None


def pinned(text: str, images: Iterable[Image], services: Collection[str], file: Path) -> str:
    """The file's text with these images in it.

    Args:
        text: what the file holds.
        images: those to name by their digests.
        services: all that the overlay has; entries of functions that are gone go too.
        file: for sentences.

    Raises:
        NoPlace: the text is no list of images at its end.
    """
    head, found, entries = text.partition(f"\n{_LIST}")
    strange = [line for line in entries.splitlines()[1:] if line and (line[0] not in " -" or line.lstrip()[:1] == "#")]
    if not found or strange:
        raise NoPlace(f"{file} must end with its list `{_LIST}`, without comments: a deployment writes that anew.")
    try:
        known = _File.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        raise NoPlace(f"{file} is no YAML: {str(error).splitlines()[0]}.") from None
    except ValidationError as error:
        raise NoPlace(f"{file} holds what a deployment would lose: {faults(error)}.") from None
    pins = {pin.name: pin for pin in known.images or () if not _is_gone(pin, services)}
    for image in images:
        name = f"{LOCAL}/{image.service}"
        pins[name] = Pin(name=name, new_name=None if image.name == name else image.name, digest=image.digest)
    lines = "".join(pins[name].line() for name in sorted(pins))
    return f"{head}\n{_LIST}" + (f"\n{lines}" if lines else " []\n")


def pin(overlay: Path, images: Iterable[Image], services: Collection[str]) -> bool:
    """Write the digests into an overlay, all at once; whether that changed anything.

    Raises:
        NoPlace: see `pinned`; or there is no such file.
    """
    file = overlay / PLACE
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise NoPlace(f"{file} cannot be read ({error.strerror}): an overlay says there where images are.") from None
    wanted = pinned(text, images, services, file)
    if wanted == text:
        return False
    # Beside the file, so that it takes its place in one step: nobody reads half of it.
    part = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        part.write_text(wanted, encoding="utf-8", newline="\n")
        part.chmod(file.stat().st_mode & 0o777)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return True


def _is_gone(entry: Pin, services: Collection[str]) -> bool:
    registry, _, service = entry.name.rpartition("/")
    return registry == LOCAL and service not in services


def _scalar(value: str) -> str:
    return f'"{value}"' if ":" in value else value
