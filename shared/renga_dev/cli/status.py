"""`renga status`: where the runtime is, and what is awake."""

from typing import TYPE_CHECKING, Any

import click

from renga_dev.cli._edge import at_option, endpoint, json_option, talk

if TYPE_CHECKING:
    from renga_dev.endpoint import Endpoint


@click.command()
@at_option
@json_option
def command(*, at: str | None, as_json: bool) -> None:
    """Say where the runtime listens, what it still owes, and which functions are awake."""
    told = talk(endpoint(at), _ask)
    if as_json:
        from pydantic_core import to_json

        click.echo(to_json(told, indent=2).decode())
        return
    from rich.table import Table

    from renga_dev.timeline import console

    out = console()
    out.print(f"{told['url']}  pid {told['pid']}  {told['project']}  state in {told['state']}", soft_wrap=True)
    owed, lost = told["pending"], told["lost"]
    out.print(f"{owed} {'delivery' if owed == 1 else 'deliveries'} pending, {lost} lost")
    table = Table(box=None, pad_edge=False)
    for title in ("function", "revision", "replicas", "cold starts", "last error"):
        table.add_column(title)
    for service in told["services"]:
        replicas = len(service["replicas"])
        name = service["function"] or service["name"]
        awake = str(replicas) if replicas else "asleep"
        error = (service["last_error"] or "").partition("\n")[0]
        table.add_row(name, service["revision"], awake, str(service["cold_starts"]), error)
    out.print(table)


async def _ask(runtime: "Endpoint") -> dict[str, Any]:
    from pydantic_core import from_json

    from renga_dev.endpoint import Refused, detail
    from renga_dev.gateway import STATUS_PATH

    answer = await runtime.request("GET", runtime.url + STATUS_PATH)
    if answer.status != 200 or not (answer.header("content-type") or "").startswith("application/json"):
        raise Refused(f"What listens at {runtime.url} is no runtime of `renga up`", answer.status, detail(answer))
    told: dict[str, Any] = from_json(answer.body)
    return told
