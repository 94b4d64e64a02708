"""`renga deploy`: from a working tree to functions that have answered, in the open."""

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from renga_dev.cli._edge import INTERRUPTED, Misuse, unknown

if TYPE_CHECKING:
    from renga_dev.deploy.overlay import Overlay
    from renga_dev.deploy.plan import Canary, Plan, Smoke
    from renga_dev.images.build import Build, Builder

EXAMPLE = "examples/shop.sql"
_UNITS_S = {"s": 1, "m": 60, "h": 3600}


class _Duration(click.ParamType[float]):
    """`90s`, `10m`, `1h`: seconds."""

    name = "duration"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        match = re.fullmatch(r"(\d+)([smh])", str(value))
        if match is None:
            self.fail(f"{value!r} is no time such as 90s, 10m or 1h.", param, ctx)
        return float(int(match[1]) * _UNITS_S[match[2]])


@click.command()
@click.argument("functions", metavar="[FUNCTION]...", nargs=-1)
@click.option("--overlay", "name", required=True, metavar="X", help="Which of knative/overlays.")
@click.option(
    "--builder",
    type=click.Choice(["bake", "buildah", "cloud-build"]),
    default="bake",
    show_default=True,
    help="Who makes images: docker buildx bake, buildah, or Google's Cloud Build.",
)
@click.option("--base", envvar="BASE", metavar="IMAGE", help="What images stand on, by digest; by default BASE.")
@click.option("--registry", envvar="REGISTRY", metavar="R", help="Where images go; by default REGISTRY.")
@click.option("--tag", envvar="TAG", metavar="T", help="By default TAG, or what `git describe` says.")
@click.option("--load", envvar="RENGA_LOAD", metavar="COMMAND", help="Hands an archive ({}) to the nodes; no registry.")
@click.option("--images", type=click.Path(path_type=Path), metavar="FILE", help="Bake's metadata file; builds nothing.")
@click.option("--no-build", is_flag=True, help="The images that the overlay names already.")
@click.option("--context", metavar="C", help="Of the kubeconfig; by default the current one.")
@click.option("--timeout", "timeout_s", type=_Duration(), default="10m", show_default=True, help="Until all are Ready.")
@click.option("--smoke/--no-smoke", default=True, help=f"Whether {EXAMPLE} is handed in at the end.")
@click.option("--to", metavar="URL", help="Where functions are: https://{service}.example.org; by default as they say.")
@click.option(
    "--via", envvar="RENGA_VIA", default="", metavar="HOST:PORT", help="Of the ingress; by default RENGA_VIA."
)
@click.option(
    "--canary",
    "percent",
    type=click.IntRange(1, 50),
    metavar="PERCENT",
    help="FUNCTION alone: its new revision gets this share, is judged, gets half, is judged, gets all; or goes back.",
)
@click.option(
    "--margin",
    type=click.FloatRange(0.1, 20),
    default=1.0,
    show_default=True,
    metavar="POINTS",
    help="By how much more often of 100 times it may fail; a smaller one takes more requests to show.",
)
@click.option(
    "--within", "within_s", type=_Duration(), default="30m", show_default=True, help="Until a share is judged, or back."
)
@click.option("--abort", is_flag=True, help="FUNCTION alone: everything back to the revision that has most.")
@click.option("--dry-run", is_flag=True, help="Print every command, and run none.")
def command(
    *,
    functions: tuple[str, ...],
    name: str,
    builder: "Builder",
    base: str | None,
    registry: str | None,
    tag: str | None,
    load: str | None,
    images: Path | None,
    no_build: bool,
    context: str | None,
    timeout_s: float,
    smoke: bool,
    to: str | None,
    via: str,
    percent: int | None,
    margin: float,
    within_s: float,
    abort: bool,
    dry_run: bool,
) -> None:
    """Bring an overlay to its cluster: images, digests, check, apply, Ready, an event sent through.

    FUNCTION (schema/parse) says whose images are made; by default all. With --canary and --abort nothing else is
    applied: docs/deploying.md says how a new revision is judged. Each command is printed as it is run. Exit
    status: 0 when the event's run ended well, or the new revision was promoted; 1 when something failed; 2 on misuse.
    """
    from renga_dev.cli._overlays import chosen
    from renga_dev.deploy.plan import Cluster, Plan

    is_one = percent is not None or abort
    if is_one and len(functions) != 1:
        raise Misuse(f"--{'abort' if abort else 'canary'} is for one FUNCTION, and {len(functions)} were given.")
    if percent is not None and abort:
        raise Misuse("--canary and --abort were both given: the one goes on, the other goes back.")
    if images is not None and no_build:
        raise Misuse("--images and --no-build were both given; what is deployed comes from one of them.")
    is_building = images is None and not no_build and not abort
    if functions and not is_building and not is_one:
        raise Misuse("FUNCTION says whose images are made; with --images and --no-build none are.")
    if images is not None and load is not None:
        raise Misuse("--images names images of a registry; --load is for those that no registry has.")
    overlay = chosen(name)
    words = None if load is None else _words(load)
    made = None
    if is_building:
        made = _build(overlay, builder=builder, base=base, registry=registry, tag=tag, functions=functions, load=words)
    plan = Plan(
        overlay=overlay,
        build=made,
        baked=images and images.absolute(),
        load=words,
        cluster=Cluster(overlay=overlay.folder, namespace=overlay.namespace, context=context),
        timeout_s=timeout_s,
        smoke=_smoke(overlay, to, via) if smoke and not is_one else None,
        canary=_canary(overlay, functions[0], percent=percent, margin=margin, within_s=within_s) if is_one else None,
    )
    from renga_dev.cli._deploying import Deploying

    try:
        sys.exit(0 if (_print(plan) if dry_run else Deploying(plan).all()) else 1)
    except KeyboardInterrupt:
        click.echo("Stopped. What was applied stays: the same command again goes on from there.", err=True)
        sys.exit(INTERRUPTED)


def _canary(overlay: "Overlay", function: str, *, percent: int | None, margin: float, within_s: float) -> "Canary":
    """The Service that is applied alone."""
    from renga_dev.deploy.plan import Canary

    if function not in overlay.functions:
        unknown("function", function, overlay.functions)
    service = overlay.functions[function]
    file = overlay.state / f"{service}.json"
    return Canary(
        function=function, service=service, percent=percent, margin=margin / 100, within_s=within_s, file=file
    )


def _words(load: str) -> tuple[str, ...]:
    from renga_dev.images.build import ARCHIVE_PLACE

    words = tuple(shlex.split(load))
    if not any(ARCHIVE_PLACE in word for word in words):
        raise Misuse(f"--load {load!r}: put {ARCHIVE_PLACE} where the archive's path goes.")
    return words


def _build(
    overlay: "Overlay",
    *,
    builder: "Builder",
    base: str | None,
    registry: str | None,
    tag: str | None,
    functions: tuple[str, ...],
    load: tuple[str, ...] | None,
) -> "Build":
    """The images to be made.

    Raises:
        Misuse: something is not given that this needs, or not so.
    """
    from renga_dev.images.build import Build
    from renga_dev.images.digests import LOCAL, is_by_digest

    for function in functions:
        if function not in overlay.functions:
            unknown("function", function, overlay.functions)
    if base is None or not is_by_digest(base):
        example = "python:3.11-slim-bookworm@sha256:..."
        given = f"--base is {base}" if base else "--base is not given"
        raise Misuse(f"{given}: name the image under all others by its digest, such as {example}.")
    if load is not None and builder != "buildah":
        raise Misuse("--load hands over what buildah made: give --builder buildah too.")
    if load is None and registry is None:
        raise Misuse("--registry says where images go; or --load how they come to nodes without one.")
    return Build(
        builder=builder,
        base=base,
        registry=LOCAL if load is not None or registry is None else registry.rstrip("/"),
        tag=tag or _tag(overlay.project),
        functions=tuple(sorted(set(functions))) or tuple(sorted(overlay.functions)),
        everything=not functions,
        load=load,
        state=overlay.state,
    )


def _tag(project: Path) -> str:
    """What the working tree is called; it is for people, since what runs is named by digest."""
    from renga_dev.command import Command, Failed, read

    try:
        return read(Command(("git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")), project).strip()
    except (Failed, FileNotFoundError):
        raise Misuse(f"{project} is no git repository whose commit would be a tag: give --tag.") from None


def _smoke(overlay: "Overlay", to: str | None, via: str) -> "Smoke | None":
    from renga_dev.deploy.plan import Smoke
    from renga_dev.deploy.smoke import door
    from renga_dev.endpoint import SERVICE, routed

    if door(overlay.functions) is None:
        click.echo(
            f"No event will be sent through: {overlay.name} has no schema/submit or no platform/ledger.", err=True
        )
        return None
    try:
        if to is not None:
            routed(to, via)
    except ValueError as error:
        raise Misuse(str(error)) from None
    if to is not None and SERVICE not in to:
        raise Misuse(f"--to {to}: put {SERVICE} where the Service's name goes.")
    file = overlay.project / EXAMPLE
    if not file.is_file():
        raise Misuse(f"{file} is not there to be sent through: --no-smoke goes without.")
    return Smoke(file=EXAMPLE, to=to and to.rstrip("/"), via=via)


def _print(plan: "Plan") -> bool:
    """All steps, as a script."""
    from renga_dev.cli._telling import head

    for number, step in enumerate(plan.steps(), 1):
        head(number, step)
        for each in step.commands:
            click.echo(str(each))
    return True
