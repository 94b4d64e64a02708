"""One archive of all images of an OCI layout, in which containerd finds each by its digest too.

`python -m renga_dev.images.archive LAYOUT FILE`. A node that was handed an archive knows an image by the names in it
and by nothing else: one that a Service names by its digest has to be called so there.
"""

import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

from renga_dev.images.digests import REFERENCE, Descriptor, NoDigests, index, untagged

CONTAINERD_NAME = "io.containerd.image.name"
"""The annotation whose value containerd takes as an image's name, as it is."""


def archive(layout: Path, file: Path) -> None:
    """Write the archive: the layout, with one more entry in its index for each image.

    Raises:
        NoDigests: it is no layout, or has an image without a name.
    """
    found = index(layout)
    # Made anew each time: an archive of the same layout is the same archive.
    first = {manifest.digest + manifest.annotations.get(REFERENCE, ""): manifest for manifest in found.manifests}
    named = [each for manifest in first.values() for each in _names(manifest)]
    (layout / "index.json").write_text(found.model_copy(update={"manifests": named}).model_dump_json(indent=1))
    part = file.with_name(f"{file.name}.part")
    with tarfile.open(part, "w") as written:
        for path in sorted(layout.rglob("*")):
            if path.is_file():
                written.add(path, path.relative_to(layout).as_posix())
    part.replace(file)


def _names(manifest: Descriptor) -> Iterator[Descriptor]:
    """The image under its tag, and under its digest."""
    tagged = manifest.annotations.get(REFERENCE)
    if tagged is None:
        raise NoDigests(f"The image {manifest.digest} has no name: its annotation {REFERENCE} is not set.")
    for name in (tagged, f"{untagged(tagged)}@{manifest.digest}"):
        yield manifest.model_copy(update={"annotations": {**manifest.annotations, CONTAINERD_NAME: name}})


if __name__ == "__main__":
    try:
        archive(Path(sys.argv[1]), Path(sys.argv[2]))
    except NoDigests as error:
        sys.exit(str(error))
