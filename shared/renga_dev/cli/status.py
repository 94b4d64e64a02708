"""`renga status`: where the runtime is, and what is awake."""

import click

from renga_dev.cli._edge import at_option, json_option, laptop, talk


@click.command()
@at_option
@json_option
def command(*, at: str | None, as_json: bool) -> None:
    """Say where the runtime listens, what it still owes, and which functions are awake."""
    from renga_dev.endpoint import status

    told = talk(laptop(at), status)
    if as_json:
        from pydantic_core import to_json

        click.echo(to_json(told, indent=2).decode())
        return
    from rich.table import Table

    from renga_dev.timeline import console

    out = console()
    out.print(f"{told['url']}  pid {told['pid']}  {told['project']}  state in {told['state']}", soft_wrap=True)
    owed, dead, lost = told["pending"], told["dead"], told["lost"]
    hint = ": `renga dead list` has them" if dead or lost else ""
    out.print(f"{owed} {'delivery' if owed == 1 else 'deliveries'} pending, {dead} dead, {lost} lost{hint}")
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
