"""`renga show`: one run, event by event."""

from typing import TYPE_CHECKING

import click

from renga_dev.cli._edge import at_option, endpoint, json_option, talk, unknown

if TYPE_CHECKING:
    from renga.ledger.run import Run
    from renga_dev.endpoint import Endpoint

_CANDIDATES = 500
"""How many runs an unknown id is compared with."""


@click.command()
@click.argument("run", required=False)
@click.option("--follow", is_flag=True, help="Go on until the run has ended.")
@at_option
@json_option
def command(*, run: str | None, follow: bool, at: str | None, as_json: bool) -> None:
    """Show the timeline of RUN, by default the newest: each event, function, attempt, start, duration, outcome."""
    url = endpoint(at)
    found = talk(url, lambda runtime: _find(runtime, run))
    if follow and found.state == "running":
        talk(url, lambda runtime: _follow(runtime, found, quiet=as_json), interrupted=lambda: "The run goes on.")
        found = talk(url, lambda runtime: _find(runtime, found.run))
        if not as_json:
            _print_end(found)
            return
    if as_json:
        click.echo(found.model_dump_json(indent=2))
        return
    from renga_dev.timeline import console, headline, run_table

    out = console()
    out.print(headline(found), soft_wrap=True)
    out.print(run_table(found))
    _print_awaited(found)
    _print_letters(found)


async def _find(runtime: "Endpoint", run: str | None) -> "Run":
    from renga_dev.follow import LedgerReader

    ledger = LedgerReader(runtime)
    if run is None:
        newest = await ledger.runs(limit=1)
        if not newest:
            raise click.ClickException("The ledger knows no runs yet.")
        run = newest[0].run
    found = await ledger.run(run)
    if found is None:
        unknown("run", run, [summary.run for summary in await ledger.runs(limit=_CANDIDATES)])
    return found


async def _follow(runtime: "Endpoint", found: "Run", *, quiet: bool) -> None:
    from rich.console import Console

    from renga.ledger.run import Entry
    from renga_dev.follow import LedgerReader
    from renga_dev.timeline import entry_line, waiting_for

    console = Console(highlight=False, soft_wrap=True, quiet=quiet)
    for entry in found.timeline:
        console.print(entry_line(entry))
    after = max(entry.sequence for entry in found.timeline)
    with Console(stderr=True, quiet=quiet).status(f"at work: {waiting_for(found)} …") as status:
        async for told in LedgerReader(runtime).follow(found.run, after=after):
            if isinstance(told, Entry):
                console.print(entry_line(told))
            else:
                status.update(f"at work: {waiting_for(told)} …")


def _print_end(run: "Run") -> None:
    from renga_dev.timeline import console, headline

    console().print(headline(run), soft_wrap=True)
    _print_letters(run)


def _print_letters(run: "Run") -> None:
    """Where its dead letters are, if it has any."""
    if any(entry.outcome == "dead" for entry in run.timeline):
        click.echo(f"""Its dead letters: renga dead list --filter "run = '{run.run}'\"""")


def _print_awaited(run: "Run") -> None:
    from renga_dev.timeline import awaited_line

    for awaited in run.awaited:
        click.echo(f"waiting for {awaited_line(awaited)}")
    if run.state == "running" and not run.awaited:
        click.echo("Nothing that is known will follow: no function takes these events, and none of them is an end.")
