"""The overlay that a command is about."""

from pathlib import Path
from typing import TYPE_CHECKING

from renga_dev.cli._edge import Misuse, unknown

if TYPE_CHECKING:
    from renga_dev.deploy.overlay import Overlay


def chosen(name: str) -> "Overlay":
    """The overlay that is meant, of the project that we are in.

    Raises:
        Misuse: there is none, or no cluster gets it.
    """
    from renga_dev import project
    from renga_dev.deploy.overlay import NotDeployable, names, overlay
    from renga_dev.kustomize import Unrenderable
    from renga_dev.manifests import InvalidManifests

    root = project.root()
    if root is None:
        raise Misuse(f"{Path.cwd()} lies in no project: no folder above it holds functions/.")
    known = names(root)
    if name not in known:
        unknown("overlay", name, known)
    try:
        return overlay(root, name)
    except (NotDeployable, Unrenderable, InvalidManifests) as error:
        raise Misuse(str(error)) from None
