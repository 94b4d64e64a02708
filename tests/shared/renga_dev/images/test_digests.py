"""Digests: what builders write of them, and names in an archive."""

import hashlib
import json
import tarfile
from pathlib import Path
from typing import Any

import pytest

from renga_dev.images.archive import CONTAINERD_NAME, archive
from renga_dev.images.digests import REFERENCE, Image, NoDigests, baked, is_by_digest, laid_out, pushed, untagged

ONE = f"sha256:{'1' * 64}"
PARSE = Image("schema-parse", "r.example.org:5000/renga/schema-parse", ONE)


def metadata(tmp_path: Path, told: Any) -> Path:
    """A file as `docker buildx bake --metadata-file` writes it."""
    path = tmp_path / "images.json"
    path.write_text(json.dumps(told))
    return path


def test_bakes_metadata_is_read(tmp_path: Path) -> None:
    """A target's first name without its tag, and the digest of what was pushed; warnings beside targets are not one."""
    target = {
        "containerimage.digest": ONE,
        "image.name": f"{PARSE.name}:t1,{PARSE.name}:latest",
        "buildx.build.ref": "x",
    }
    assert baked(metadata(tmp_path, {"schema-parse": target, "buildx.build.warnings": [{}]})) == (PARSE,)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({}, "names no image"),
        ([], "is no metadata file of `docker buildx bake`"),
        ({"schema-parse": {"image.name": "a:t"}}, "schema-parse is no image that was pushed"),
        ({"schema-parse": {"image.name": "a:t", "containerimage.digest": "sha256:1"}}, "schema-parse is no image"),
    ],
)
def test_metadata_without_digests_is_refused(told: Any, said: str, tmp_path: Path) -> None:
    """With the file, and the target that lacks one."""
    with pytest.raises(NoDigests, match=said):
        baked(metadata(tmp_path, told))
    with pytest.raises(NoDigests, match="cannot be read: No such file"):
        baked(tmp_path / "none.json")


@pytest.mark.parametrize(
    ("name", "bare"),
    [("r.example.org:5000/a/b:t1", "r.example.org:5000/a/b"), ("r.example.org:5000/b", "r.example.org:5000/b")],
)
def test_a_port_is_no_tag(name: str, bare: str) -> None:
    """Only what follows a colon in the last part is."""
    assert untagged(name) == bare


def test_what_a_program_says_must_be_a_digest() -> None:
    """Anything else ends the deployment; so does a base that is named by a tag."""
    assert pushed("r.example.org/schema-parse:t1", f"{ONE}\n").digest == ONE
    with pytest.raises(NoDigests, match="what was said of it is 'ERROR'"):
        pushed("r.example.org/schema-parse:t1", "ERROR\n")
    assert is_by_digest(f"python:3.11@{ONE}")
    assert not is_by_digest("python:3.11")
    assert not is_by_digest("python@sha256:abc")


@pytest.fixture
def layout(tmp_path: Path) -> Path:
    """An OCI layout with one image, as buildah writes it."""
    folder = tmp_path / "layout"
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    manifest = b'{"schemaVersion": 2}'
    digest = hashlib.sha256(manifest).hexdigest()
    (blobs / digest).write_bytes(manifest)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    entry = {
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "digest": f"sha256:{digest}",
        "size": len(manifest),
        "annotations": {REFERENCE: "dev.local/schema-parse:t1"},
    }
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    return folder


def test_an_archive_names_images_by_digest(layout: Path, tmp_path: Path) -> None:
    """Names are taken as they are by containerd: the tag's and the digest's; made again it is the same."""
    (image,) = laid_out(layout, ["dev.local/schema-parse:t1"])
    for _ in range(2):
        archive(layout, tmp_path / "images.tar")
    with tarfile.open(tmp_path / "images.tar") as written:
        file = written.extractfile("index.json")
        assert file is not None
        index = json.load(file)
        assert f"blobs/sha256/{image.digest.removeprefix('sha256:')}" in written.getnames()
    assert index["schemaVersion"] == 2
    assert [(each["annotations"][CONTAINERD_NAME], each["size"]) for each in index["manifests"]] == [
        ("dev.local/schema-parse:t1", 20),
        (f"dev.local/schema-parse@{image.digest}", 20),
    ]
    assert laid_out(layout, ["dev.local/schema-parse:t1"]) == (image,)


def test_a_layout_without_the_image_is_refused(layout: Path, tmp_path: Path) -> None:
    """Which image; or that there is no layout."""
    with pytest.raises(NoDigests, match=r"has no image dev\.local/other:t1"):
        laid_out(layout, ["dev.local/other:t1"])
    with pytest.raises(NoDigests, match=r"index\.json cannot be read"):
        archive(tmp_path / "none", tmp_path / "images.tar")
