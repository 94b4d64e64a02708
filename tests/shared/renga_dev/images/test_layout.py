"""What images share, and what each adds to what all have."""

import gzip
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from renga_dev.images.archive import archive
from renga_dev.images.contents import table, write
from renga_dev.images.digests import NoDigests
from renga_dev.images.layout import MOST_ADDED, Layer, Stored, sharing, stored

BASE = {
    "etc/os-release": 'PRETTY_NAME="Debian"\nID=debian\n',
    "var/lib/dpkg/status": (
        "Package: libssl3t64\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.5.1-1+deb13u1\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1:2.0\n"
    ),
    "usr/lib/python3/dist-packages/pip-25.1.dist-info/METADATA": "Name: pip\nVersion: 25.1\nLicense: MIT\n",
    "usr/lib/python3/dist-packages/pip/_vendor/idna-3.10.dist-info/METADATA": "Name: idna\nVersion: 3.10\n",
    "usr/lib/python3/dist-packages/wheel-0.46.egg-info": "Name: wheel\nVersion: 0.46\n",
}
CORE = {
    "renga/core/pydantic-2.14.3.dist-info/METADATA": "Name: pydantic\nVersion: 2.14.3\nLicense-Expression: MIT\n",
    "renga/core/pydantic/__init__.py": "",
    "renga/core/zope.odd_name-1+x.dist-info/METADATA": (
        "Name: Zope.Odd_Name\nVersion: 1+x\nLicense: all of its text\n  and more\n"
        "Classifier: License :: OSI Approved :: BSD License\n\nName: no header\n"
    ),
}
PARSE = {
    "renga/extras/lark-1.3.dist-info/METADATA": "Name: lark\nVersion: 1.3\n",
    "usr/lib/python3/dist-packages/.wh.wheel-0.46.egg-info": "",
}
LEDGER = {"renga/core/.wh..wh..opq": ""}

Layouts = Callable[[Mapping[str, list[dict[str, str]]]], Path]


@pytest.fixture
def layout(tmp_path: Path) -> Layouts:
    """Makes an OCI layout of images by name; each is a list of layers, a layer its files."""
    folder = tmp_path / "images"
    (folder / "blobs/sha256").mkdir(parents=True)

    def put(content: bytes) -> dict[str, Any]:
        digest = sha256(content).hexdigest()
        (folder / "blobs/sha256" / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    def packed(files: Mapping[str, str]) -> bytes:
        written = io.BytesIO()
        with tarfile.open(fileobj=written, mode="w") as made:
            for name, text in files.items():
                member = tarfile.TarInfo(name)
                member.size = len(text.encode())
                made.addfile(member, io.BytesIO(text.encode()))
        return written.getvalue()

    def make(images: Mapping[str, list[dict[str, str]]]) -> Path:
        manifests = []
        for name, layers in images.items():
            manifest = put(json.dumps({"layers": [put(packed(each)) for each in layers]}).encode())
            manifests.append(manifest | {"annotations": {"org.opencontainers.image.ref.name": f"dev.local/{name}:t"}})
        (folder / "index.json").write_text(json.dumps({"manifests": manifests}))
        return folder

    return make


def bills(layout: Path) -> dict[str, dict[str, Any]]:
    """The bills of a layout, by Service."""
    folder = layout.parent / "sbom"
    write(layout, folder)
    return {path.name.removesuffix(".cdx.json"): json.loads(path.read_text()) for path in folder.iterdir()}


def test_what_is_installed_is_listed(layout: Layouts) -> None:
    """Python's distributions and Debian's packages; not what is vendored, removed, or taken out by a layer above."""
    told = bills(layout({"schema-parse": [BASE, CORE, PARSE], "platform-ledger": [BASE, CORE, LEDGER]}))
    assert [each["purl"] for each in told["schema-parse"]["components"]] == [
        "pkg:deb/debian/libssl3t64@3.5.1-1%2Bdeb13u1?arch=amd64",
        "pkg:pypi/lark@1.3",
        "pkg:pypi/pip@25.1",
        "pkg:pypi/pydantic@2.14.3",
        "pkg:pypi/zope-odd-name@1%2Bx",
    ]
    assert [each["name"] for each in told["platform-ledger"]["components"]] == ["libssl3t64", "pip", "wheel"]
    licences = {each["name"]: each.get("licenses") for each in told["schema-parse"]["components"]}
    assert licences["pydantic"] == [{"expression": "MIT"}]
    assert licences["pip"] == [{"license": {"name": "MIT"}}]
    assert licences["Zope.Odd_Name"] == [{"license": {"name": "BSD License"}}]
    assert licences["lark"] is None


def test_a_bill_is_cyclonedx(layout: Layouts) -> None:
    """Its own schema takes it, package URLs are as their specification has them, and it names the image by digest."""
    folder = layout({"schema-parse": [BASE, CORE, PARSE]})
    (told,) = bills(folder).values()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(told)) is None
    for each in told["components"]:
        assert PackageURL.from_string(each["purl"]).to_string() == each["purl"]
    (image,) = stored(folder)
    assert told["metadata"]["component"]["version"] == image.digest
    assert told["metadata"]["component"]["name"] == "dev.local/schema-parse"
    assert bills(folder) == {"schema-parse": told}


def test_an_archived_layout_tells_the_same(layout: Layouts) -> None:
    """An archive gives each image a second name; it is one image still."""
    folder = layout({"a": [BASE, CORE], "b": [BASE, PARSE]})
    before = stored(folder)
    archive(folder, folder.parent / "images.tar")
    assert stored(folder) == before
    assert [image.service for image in before] == ["a", "b"]


def of(name: str, *sizes: int) -> Stored:
    """An image of layers that are the same where they have the same size."""
    return Stored(
        f"r.example.org/{name}", "sha256:0", tuple(Layer(digest=f"sha256:{size}", size=size) for size in sizes)
    )


def test_sharing_is_told() -> None:
    """Of each image what others have too, and what it adds to what all and to what any have: too much is named."""
    images = [of("a", 49_000_000, 20_000_000, 4_000_000), of("b", 49_000_000, 20_000_000, 4_000_000)]
    images.append(of("big", 49_000_000, 20_000_000, 4_000_000, MOST_ADDED + 1))
    images.append(of("none", 49_000_000, 20_000_000))
    shares = sharing(images)
    assert [layer.size for layer in shares.common] == [49_000_000, 20_000_000]
    assert (shares.shared, shares.added) == ((3, 3, 3, 2), (4_000_000, 4_000_000, MOST_ADDED + 4_000_001, 0))
    assert shares.alone == (0, 0, MOST_ADDED + 1, 0)
    assert list(table(images)) == [
        "  a     73.0 MB  3 layers  3 shared  adds 4.0 MB   alone 0.0 MB",
        "  b     73.0 MB  3 layers  3 shared  adds 4.0 MB   alone 0.0 MB",
        "  big   88.0 MB  4 layers  3 shared  adds 19.0 MB  alone 15.0 MB",
        "  none  69.0 MB  2 layers  2 shared  adds 0.0 MB   alone 0.0 MB",
        "  All 4 have 2 layers in common, 69.0 MB.",
        "  big alone has 15.0 MB: more than the 15.0 MB it should.",
    ]
    assert list(table(images[:1])) == ["  a  73.0 MB  3 layers"]


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "index.json").unlink(), "index.json cannot be read"),
        (lambda folder: [path.unlink() for path in (folder / "blobs/sha256").iterdir()], "cannot be read"),
        (
            lambda folder: [path.write_text("{}") for path in (folder / "blobs/sha256").iterdir()],
            "is no manifest of an image",
        ),
    ],
)
def test_what_is_no_layout_is_told(spoil: Callable[[Path], object], said: str, layout: Layouts) -> None:
    """With the file that is to blame."""
    folder = layout({"a": [BASE]})
    spoil(folder)
    with pytest.raises(NoDigests, match=said):
        write(folder, folder.parent / "sbom")


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _: b"?" * 600,
        lambda layer: gzip.compress(layer)[:300],
        lambda layer: gzip.compress(layer)[:200] + b"?" * 200,
    ],
    ids=["packed otherwise", "cut off", "broken"],
)
def test_a_layer_that_cannot_be_read_is_told(spoil: Callable[[bytes], bytes], layout: Layouts) -> None:
    """One that is packed in a way that Python does not know, or that is not whole."""
    folder = layout({"a": [BASE]})
    (image,) = stored(folder)
    path = folder / "blobs/sha256" / image.layers[0].digest.removeprefix("sha256:")
    path.write_bytes(spoil(path.read_bytes()))
    with pytest.raises(NoDigests, match=r"The layer .* cannot be read"):
        write(folder, folder.parent / "sbom")
