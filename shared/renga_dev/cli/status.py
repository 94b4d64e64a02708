"""`renga status`: where the runtime is, or which cluster an overlay has, and what is awake there."""

from collections.abc import Iterable
from typing import Any

import click

from renga_dev.cli._edge import Misuse, at_option, json_option, laptop, talk


@click.command()
@at_option
@click.option(
    "--overlay", "overlay_name", metavar="X", help="In place of a runtime, the cluster that has this overlay."
)
@click.option("--context", metavar="C", help="With --overlay: of the kubeconfig; by default the current one.")
@json_option
def command(*, at: str | None, overlay_name: str | None, context: str | None, as_json: bool) -> None:
    """Say where the runtime listens, what it still owes, and which functions are awake.

    With --overlay, which functions of a cluster are awake: their revisions with the share that each has, their
    replicas, and what a process that ended wrote last.
    """
    if overlay_name is not None and at is not None:
        raise Misuse("--at and --overlay were both given: the one is a runtime, the other a cluster.")
    if overlay_name is None and context is not None:
        raise Misuse(f"--context {context} is of a cluster: --overlay says which functions are asked for there.")
    if overlay_name is not None:
        _cluster(overlay_name, context, as_json=as_json)
        return
    from renga_dev.endpoint import status

    told = talk(laptop(at, instead="`renga status --overlay X` asks a cluster"), status)
    if as_json:
        _json(told)
        return
    from renga_dev.timeline import console

    out = console()
    out.print(f"{told['url']}  pid {told['pid']}  {told['project']}  state in {told['state']}", soft_wrap=True)
    owed, dead, lost = told["pending"], told["dead"], told["lost"]
    hint = ": `renga dead list` has them" if dead or lost else ""
    out.print(f"{owed} {'delivery' if owed == 1 else 'deliveries'} pending, {dead} dead, {lost} lost{hint}")
    rows = []
    for service in told["services"]:
        replicas = len(service["replicas"])
        name = service["function"] or service["name"]
        error = (service["last_error"] or "").partition("\n")[0]
        awake = str(replicas) if replicas else "asleep"
        rows.append((name, service["revision"], awake, str(service["cold_starts"]), error))
    _table(("function", "revision", "replicas", "cold starts", "last error"), rows)


def _cluster(overlay_name: str, context: str | None, *, as_json: bool) -> None:
    """The same of the cluster that kubectl means."""
    from renga_dev.cli._overlays import chosen
    from renga_dev.cli._telling import Teller
    from renga_dev.command import Failed, missing
    from renga_dev.deploy.plan import Cluster
    from renga_dev.deploy.readiness import Unreadable
    from renga_dev.deploy.standing import standing

    overlay = chosen(overlay_name)
    cluster = Cluster(overlay=overlay.folder, namespace=overlay.namespace, context=context)
    if missing(["kubectl"]):
        raise Misuse("kubectl: not on the path, and it is who asks the cluster.")
    teller = Teller(cluster, overlay.project)
    try:
        found = list(standing(teller.look(), overlay.services, overlay.functions))
        # What a process wrote says more than the status that it ended with.
        last = [teller.last_line(each.revision) if each.has_crashed else "" for each in found]
    except (Failed, Unreadable) as error:
        raise click.ClickException(str(error)) from None
    errors = [" ".join(filter(None, (each.error, line))) for each, line in zip(found, last, strict=True)]
    told = list(zip(found, errors, strict=True))
    if as_json:
        fields = ("function", "service", "revision", "share", "replicas", "starting")
        revisions = [dict(zip(fields, each[:6], strict=True)) | {"last_error": error or None} for each, error in told]
        _json({"namespace": overlay.namespace, "revisions": revisions})
        return
    rows = [(each.function, each.revision, f"{each.share} %", each.awake, error) for each, error in told]
    _table(("function", "revision", "share", "replicas", "last error"), rows)


def _table(titles: Iterable[str], rows: Iterable[tuple[str, ...]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from renga_dev.timeline import console

    table = Table(box=None, pad_edge=False)
    for title in titles:
        table.add_column(title)
    for row in rows:
        # Logs have brackets, which are no markup.
        table.add_row(*map(Text, row))
    console().print(table)


def _json(told: dict[str, Any]) -> None:
    from pydantic_core import to_json

    click.echo(to_json(told, indent=2).decode())
