"""The images that a deployment made: each adds little to what functions share, and made again is the same."""

from pathlib import Path
from subprocess import CompletedProcess

import pytest

from engine_images import built
from renga_dev.deploy.overlay import overlay
from renga_dev.images.build import Build
from renga_dev.images.contents import table
from renga_dev.images.layout import MOST_ADDED, Stored, sharing, stored

pytestmark = [pytest.mark.engine, pytest.mark.timeout(900)]


@pytest.fixture
def images(deployed: CompletedProcess[str], project: Path) -> tuple[Stored, ...]:
    """Those of every function, as the deployment left them."""
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    return stored(project / ".renga/deploy/engine/images")


def test_a_function_adds_little(images: tuple[Stored, ...], deployed: CompletedProcess[str], project: Path) -> None:
    """No image has more than 15 MB that no other has, and the deployment has told what each has."""
    assert sorted(image.service for image in images) == sorted(overlay(project, "engine").services)
    assert max(sharing(images).alone) <= MOST_ADDED
    assert set(table(images)) <= {*deployed.stdout.splitlines(), *deployed.stderr.splitlines()}


def test_the_same_files_are_the_same_image(images: tuple[Stored, ...], base: str, project: Path) -> None:
    """Made again, with nothing kept of the first time, an image has the same digest: there is nothing new to deploy."""
    (first,) = [image for image in images if image.service == "schema-parse"]
    again = Build(
        builder="buildah", base=base, registry="dev.local", tag="again", functions=("schema/parse",), everything=False,
        load=("true",), state=Path(".renga/again"),
    )  # fmt: skip
    (second,) = built(again, project, "--no-cache")
    assert second.digest == first.digest
