"""`renga runs`: what has been going on."""

import click

from renga_dev.cli._edge import at_option, endpoint, json_option, talk


@click.command()
@click.option("--state", type=click.Choice(["running", "well", "rejected", "failed"]), help="Only runs of this state.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True, help="How many.")
@at_option
@json_option
def command(*, state: str | None, limit: int, at: str | None, as_json: bool) -> None:
    """List runs, the newest first."""
    from pydantic import TypeAdapter

    from renga.ledger.run import RunState
    from renga_dev.follow import LedgerReader

    wanted = TypeAdapter[RunState | None](RunState | None).validate_python(state)
    runs = talk(endpoint(at), lambda runtime: LedgerReader(runtime).runs(limit=limit, state=wanted))
    if as_json:
        from pydantic_core import to_json

        click.echo(to_json({"runs": [run.model_dump(mode="json") for run in runs]}, indent=2).decode())
        return
    if not runs:
        click.echo(f"The ledger knows no {state + ' ' if state else ''}runs yet.", err=True)
        return
    from renga_dev.timeline import console, runs_table

    console().print(runs_table(runs))
