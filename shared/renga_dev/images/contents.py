"""Tells what is in the images of an OCI layout, and writes a bill of materials of each.

`python -m renga_dev.images.contents LAYOUT FOLDER`. Sizes are compressed: what a node pulls.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from renga_dev.images.digests import NoDigests
from renga_dev.images.layout import MOST_ADDED, Stored, sharing, stored
from renga_dev.images.sbom import bill, contents, installed
from renga_dev.plural import plural


def write(layout: Path, folder: Path) -> tuple[Stored, ...]:
    """Write the bill of each image into a folder, as `SERVICE.cdx.json`; the images.

    Raises:
        NoDigests: it is no layout, or something in it cannot be read.
    """
    images = stored(layout)
    # Each layer is read once, whoever has it.
    read = cache(lambda layer: contents(layout, layer))
    folder.mkdir(parents=True, exist_ok=True)
    for image in images:
        told = bill(image, installed(map(read, image.layers)))
        (folder / f"{image.service}.cdx.json").write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    return images


def table(images: Sequence[Stored]) -> Iterator[str]:
    """Lines: of each image its size and its layers; of several what they share, and who adds too much to that.

    What an image adds is counted twice: to the layers that all have, and to those that any other has.
    """
    shares = sharing(images)
    rows = [[image.service, _mb(image.size), plural(len(image.layers), "layers")] for image in images]
    if len(images) > 1:
        for row, shared, added, alone in zip(rows, shares.shared, shares.added, shares.alone, strict=True):
            row.extend((f"{shared} shared", f"adds {_mb(added)}", f"alone {_mb(alone)}"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
    if len(images) > 1:
        common = plural(len(shares.common), "layers")
        yield f"  All {len(images)} have {common} in common, {_mb(sum(layer.size for layer in shares.common))}."
        for image, alone in zip(images, shares.alone, strict=True):
            if alone > MOST_ADDED:
                yield f"  {image.service} alone has {_mb(alone)}: more than the {_mb(MOST_ADDED)} it should."


def _mb(size: int) -> str:
    return f"{size / 1e6:.1f} MB"


if __name__ == "__main__":
    try:
        for line in table(write(Path(sys.argv[1]), Path(sys.argv[2]))):
            sys.stdout.write(f"{line}\n")
    except NoDigests as error:
        sys.exit(str(error))
