"""`renga check`: what is wrong with manifests that a schema does not see."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from renga_dev.cli._edge import Misuse, unknown
from renga_dev.plural import plural

if TYPE_CHECKING:
    from renga_dev.check import Finding
    from renga_dev.manifests import Document

OVERLAYS = Path("knative/overlays")
BASE = Path("knative/base")
STANDARD_INPUT = "-"


@click.command()
@click.argument("targets", metavar="[OVERLAY|DIR|-]...", nargs=-1)
@click.option("--pinned", is_flag=True, help="As deployed: every image by registry and digest.")
@click.option(
    "--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True, help="For whom."
)
def command(*, targets: tuple[str, ...], pinned: bool, form: Literal["text", "json"]) -> None:
    """Find what is wrong with manifests, before a cluster does.

    Takes the name of an overlay, a folder (a kustomization or plain YAML), a file, or - for standard input; without a
    name, every overlay of the project. docs/check.md has every rule. Exits 0 without an error (warnings are none), 1
    with one, 2 on misuse.
    """
    from renga_dev import project
    from renga_dev.check import Project, check, cluster
    from renga_dev.check.project import project_of

    root = project.root()
    read = {target: list(_documents(target, root)) for target in targets or _every(root)}
    known = Project() if root is None else project_of(root)
    found = {target: check(cluster(documents, known), pinned=pinned) for target, documents in read.items()}
    if form == "json":
        told = [
            {"target": target, **each._asdict(), "source": _shown(each.source)}
            for target, findings in found.items()
            for each in findings
        ]
        click.echo(json.dumps({"checked": list(found), "findings": told}, indent=2, ensure_ascii=False))
    else:
        for target, findings in found.items():
            tell(target, findings, len(read[target]))
    sys.exit(any(finding.severity == "error" for findings in found.values() for finding in findings))


def _every(root: Path | None) -> list[str]:
    """What is checked where nothing is named: a project's overlays, or its base where it has none.

    Raises:
        Misuse: there is neither.
    """
    if root is None:
        raise Misuse("There is no project here: name a folder, a file, or - for standard input.")
    if overlays := _overlays(root):
        return overlays
    if not (root / BASE).is_dir():
        raise Misuse(f"{root / BASE} is not there: `renga wiring` writes it.")
    return [str(root / BASE)]


def _overlays(root: Path | None) -> list[str]:
    """The names of a project's overlays."""
    return [] if root is None else sorted(path.parent.name for path in (root / OVERLAYS).glob("*/kustomization.yaml"))


def _documents(target: str, root: Path | None) -> "Iterator[Document]":
    """The manifests that a target names.

    Raises:
        Misuse: it names nothing, or what it names cannot be read.
    """
    from renga_dev.kustomize import Unrenderable, documents
    from renga_dev.manifests import InvalidManifests, parse

    overlay = None if root is None else root / OVERLAYS / target
    path = overlay if overlay is not None and overlay.is_dir() else Path(target)
    try:
        if target == STANDARD_INPUT:
            yield from parse(sys.stdin.read(), "standard input")
        elif path.exists():
            yield from documents(path)
        else:
            unknown("overlay, folder or file", target, _overlays(root))
    except Unrenderable as error:
        said = str(error).replace("renga up -f -", "renga check -")
        raise Misuse(said) from None
    except InvalidManifests as error:
        raise Misuse(str(error)) from None


def tell(target: str, findings: "tuple[Finding, ...]", objects: int) -> None:
    """Print what was found, for people."""
    said = plural(len(findings), "findings") if findings else "nothing to mend"
    click.echo(f"{target}: {objects} objects, {said}")
    for finding in findings:
        colour = "red" if finding.severity == "error" else "yellow"
        click.echo(f"  {click.style(finding.severity, colour)} {finding.rule} {finding.object}: {finding.message}")
        click.echo(f"      in {_shown(finding.source)}. {finding.help}")


def _shown(source: str) -> str:
    """A file as a reader here would name it; other sources as they are."""
    path = Path(source)
    return os.path.relpath(path) if path.is_file() else source
