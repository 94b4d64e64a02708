"""What a registry says of images that bake has pushed."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from renga_dev.command import Command
from renga_dev.images.digests import Image, NoDigests
from renga_dev.images.layout import sharing
from renga_dev.images.registry import asking, fetched

NAME = "r.example.org/renga/schema-parse"
PUSHED, PLAIN, MAKING = (f"sha256:{digit * 64}" for digit in "123")
LAYERS = [{"digest": f"sha256:{size}", "size": size, "mediaType": "x"} for size in (49_119_232, 4_016_128)]
INDEX: dict[str, Any] = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.index.v1+json",
    "manifests": [
        {
            "digest": MAKING,
            "size": 566,
            "annotations": {"vnd.docker.reference.digest": PLAIN, "vnd.docker.reference.type": "attestation-manifest"},
            "platform": {"architecture": "unknown", "os": "unknown"},
        },
        {"digest": PLAIN, "size": 1623, "platform": {"architecture": "amd64", "os": "linux"}},
    ],
}
"""As BuildKit pushes it: beside the image lies where it came from."""
IMAGE = Image("schema-parse", NAME, PUSHED)


def told(answers: Mapping[str, Any]) -> Any:
    """Asks a registry that has these manifests by digest."""

    def ask(command: Command) -> str:
        assert command.argv[:-1] == asking("").argv[:-1]
        name, _, digest = command.argv[-1].partition("@")
        assert name == NAME
        return json.dumps(answers[digest])

    return ask


@pytest.mark.parametrize(
    "answers", [{PUSHED: {"layers": LAYERS}}, {PUSHED: INDEX, PLAIN: {"layers": LAYERS}}], ids=["alone", "in an index"]
)
def test_layers_are_the_images(answers: Mapping[str, Any]) -> None:
    """Those of the image itself, not of what lies beside it; it is called by the digest that was pushed."""
    found = fetched(IMAGE, told(answers))
    assert (found.service, found.digest, found.size) == ("schema-parse", PUSHED, 53_135_360)
    assert sharing([found]).common == found.layers


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"errors": []}, f"{NAME}@{PUSHED} is no image"),
        ({"layers": []}, "is no image"),
        ({"manifests": INDEX["manifests"][:1]}, "lists no image for any platform"),
        ({"manifests": []}, "lists no image for any platform"),
    ],
)
def test_what_is_no_image_is_told(answer: Mapping[str, Any], said: str) -> None:
    """With its name."""
    with pytest.raises(NoDigests, match=said):
        fetched(IMAGE, told({PUSHED: answer}))
