"""What is installed in an image, as a bill of materials: CycloneDX 1.6 in JSON, read from the image's layers.

Listed are distributions that Python finds there and packages of Debian; Renga's own code is the image itself. Nothing
of this is in the image.
"""

import re
import tarfile
import zlib
from collections.abc import Iterable, Iterator
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

from renga_dev.images.digests import NoDigests
from renga_dev.images.layout import Layer, Stored, blob

_PYTHON = re.compile(
    r"(?:.*/(?:site|dist)-packages|renga/(?:core|extras))/[^/]+\.(?:dist-info/METADATA|egg-info(?:/PKG-INFO)?)"
)
_DEBIAN = re.compile(r"var/lib/dpkg/status(?:\.d/[^/]+)?")
_SYSTEM = re.compile(r"(?:etc|usr/lib)/os-release")
_GONE = ".wh."
"""Begins the name of a file that takes another out of the layers below."""
_ALL_GONE = ".wh..wh..opq"
"""The name of one that takes out all that a folder had."""
_LONGEST_NAME = 80
"""Some put the whole text where a licence's name goes."""


class Component(NamedTuple):
    """Something that is installed."""

    name: str
    version: str
    purl: str
    """Its package URL, which also tells two of the same name apart."""
    licence: str = ""
    """A name or an SPDX expression; empty where it says none."""
    is_expression: bool = False


class Contents(NamedTuple):
    """What one layer has of the files that say what is installed, and what it takes away."""

    files: dict[str, bytes]
    gone: tuple[str, ...]
    """Paths; with a slash at their end, all below."""


def contents(layout: Path, layer: Layer) -> Contents:
    """Read a layer.

    Raises:
        NoDigests: it is not there, or not packed so that Python can read it.
    """
    path = blob(layout, layer.digest)
    files: dict[str, bytes] = {}
    gone: list[str] = []
    try:
        with tarfile.open(path, "r:*") as packed:
            for member in packed:
                name = member.name.removeprefix("./").removeprefix("/")
                folder, _, last = name.rpartition("/")
                if last == _ALL_GONE:
                    gone.append(f"{folder}/")
                elif last.startswith(_GONE):
                    gone += [taken := f"{folder}/{last.removeprefix(_GONE)}".removeprefix("/"), f"{taken}/"]
                elif member.isfile() and _is_wanted(name) and (file := packed.extractfile(member)) is not None:
                    files[name] = file.read()
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise NoDigests(f"The layer {path} cannot be read: {error}.") from None
    return Contents(files, tuple(gone))


def installed(layers: Iterable[Contents]) -> tuple[Component, ...]:
    """What is installed where these layers lie above each other, by package URL."""
    files: dict[str, bytes] = {}
    for layer in layers:
        for gone in layer.gone:
            for name in [each for each in files if each == gone or (gone.endswith("/") and each.startswith(gone))]:
                del files[name]
        files |= layer.files
    system = next((_setting(files[name], "ID") for name in sorted(files) if _SYSTEM.fullmatch(name)), "") or "debian"
    found: dict[str, Component] = {}
    for name, text in files.items():
        if _PYTHON.fullmatch(name):
            found.update((each.purl, each) for each in _distribution(text))
        elif _DEBIAN.fullmatch(name):
            found.update((each.purl, each) for each in _packages(text, system))
    return tuple(found[purl] for purl in sorted(found))


def bill(image: Stored, components: Iterable[Component]) -> dict[str, Any]:
    """The bill of an image, as CycloneDX has it; the same of the same image."""
    reference = f"{image.name}@{image.digest}"
    listed = list(components)
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, reference)}",
        "version": 1,
        "metadata": {
            "component": {"type": "container", "bom-ref": reference, "name": image.name, "version": image.digest},
            "tools": {"components": [{"type": "application", "name": "renga deploy"}]},
        },
        "components": [_listed(each) for each in listed],
        "dependencies": [{"ref": reference, "dependsOn": [each.purl for each in listed]}],
    }


def _listed(each: Component) -> dict[str, Any]:
    found: dict[str, Any] = {"type": "library", "bom-ref": each.purl, "name": each.name, "version": each.version}
    if each.licence:
        told = {"expression": each.licence} if each.is_expression else {"license": {"name": each.licence}}
        found["licenses"] = [told]
    return found | {"purl": each.purl}


def _is_wanted(name: str) -> bool:
    return any(pattern.fullmatch(name) for pattern in (_PYTHON, _DEBIAN, _SYSTEM))


def _distribution(text: bytes) -> Iterator[Component]:
    told = BytesHeaderParser().parsebytes(text)
    name, version = told["Name"], told["Version"]
    if not name or not version:
        return
    purl = f"pkg:pypi/{quote(re.sub(r'[-_.]+', '-', name).lower())}@{quote(version)}"
    if expression := told["License-Expression"]:
        yield Component(name, version, purl, expression, is_expression=True)
        return
    classified = [
        each.rpartition(" :: ")[2] for each in told.get_all("Classifier", ()) if each.startswith("License :: OSI")
    ]
    said = (told["License"] or "").strip()
    is_name = 0 < len(said) <= _LONGEST_NAME and "\n" not in said
    yield Component(name, version, purl, said if is_name else " OR ".join(classified))


def _packages(text: bytes, system: str) -> Iterator[Component]:
    for paragraph in text.decode(errors="replace").split("\n\n"):
        told = dict(re.findall(r"^(Package|Version|Architecture|Status): (.+)$", paragraph, re.MULTILINE))
        # Packages of an image without dpkg have no status.
        if {"Package", "Version"} <= told.keys() and told.get("Status", "").split()[-1:] in ([], ["installed"]):
            name, version = told["Package"], told["Version"]
            architecture = f"?arch={told['Architecture']}" if "Architecture" in told else ""
            yield Component(name, version, f"pkg:deb/{system}/{quote(name)}@{quote(version, safe=':')}{architecture}")


def _setting(text: bytes, name: str) -> str:
    found = re.search(rf'^{name}="?([^"\n]*)', text.decode(errors="replace"), re.MULTILINE)
    return found[1] if found else ""
