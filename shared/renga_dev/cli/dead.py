"""`renga dead`: what could not be delivered; look at it, see what changed since, send it again, forget it."""

import asyncio
import functools
import re
import signal
import sys
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from renga_dev.cli._edge import INTERRUPTED, Misuse, json_option, run, unknown
from renga_dev.plural import plural

if TYPE_CHECKING:
    from renga.desk.letter import Letter
    from renga_dev.dead.opening import Opened, Place
    from renga_dev.dead.replay import Tally, Way

C = TypeVar("C", bound=Callable[..., Any])
T = TypeVar("T")

_RATE = re.compile(r"(\d+(?:\.\d+)?)(?:/(s|m|min|h))?")
_SECONDS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def _pause_s(_ctx: click.Context, _option: click.Parameter, rate: str | None) -> float:
    """The pause from one to the next (seconds) of a rate such as `5/s`."""
    if rate is None:
        return 0.0
    found = _RATE.fullmatch(rate)
    if not found or float(found[1]) == 0:
        raise click.BadParameter(f"{rate!r} is no rate: give 5/s, 30/m or 100/h.")
    return _SECONDS[found[2] or "s"] / float(found[1])


def _place(command: C) -> C:
    """`--from`, `--at`, `--state`: where the letters are."""
    options = (
        click.option("--from", "url", metavar="URL", help="pubsub://PROJECT/SUBSCRIPTION, or a desk; else the laptop."),
        click.option("--at", metavar="URL", help="The runtime; by default RENGA_URL, or this project's."),
        click.option("--state", type=click.Path(path_type=Path), metavar="DIR", help="The state folder of `renga up`."),
    )

    @functools.wraps(command)
    def placed(*, url: str | None, at: str | None, state: Path | None, **given: Any) -> Any:
        from renga_dev.dead.opening import Place

        return command(place=Place(url, at, state), **given)

    for option in options:
        placed = option(placed)
    return placed  # type: ignore[return-value]  # click takes it for what it wraps


_filter = click.option(
    "--filter", "expression", metavar="CESQL", help="Only what this takes: \"service = 'schema-parse'\"."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Look at what could not be delivered, mend its function, send it again.

    Letters are on the laptop (of the runtime, or of its state folder while nothing runs), at a desk somewhere else, or
    in a Pub/Sub subscription: --from. LETTER may be shortened to a beginning that no other letter has.
    """


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that were replayed well.")
@_filter
@_place
@json_option
def list_(*, place: "Place", expression: str | None, everything: bool, as_json: bool) -> None:
    """List letters, the newest first. Exit status 1 where there are none."""
    from renga_dev.dead import telling

    letters = _talk(place, lambda there: _letters(there, expression, everything=everything))
    known = _known()
    if as_json:
        _print_json({"letters": [telling.as_json(letter, known) for letter in letters]})
    elif letters:
        from renga_dev.timeline import console

        console().print(telling.table(letters, known))
    else:
        click.echo("No dead letters." if expression is None else "No dead letter is such.", err=True)
    sys.exit(0 if letters else 1)


@command.command()
@click.argument("letter")
@_place
@json_option
def show(*, letter: str, place: "Place", as_json: bool) -> None:
    """Show one LETTER: the whole event, why it failed, the run that it belongs to."""
    from renga_dev.dead import telling

    async def find(there: "Opened") -> Any:
        chosen = await _named(there, letter)
        whole = await there.source.letter(chosen.id)
        if whole is None:
            raise click.ClickException(f"{chosen.id} has just gone.")
        return whole

    found = _talk(place, find)
    if as_json:
        _print_json(telling.as_json(found, _known()))
        return
    from renga_dev.timeline import console

    out = console()
    for line in telling.whole(found, _known()):
        out.print(line, soft_wrap=True)


@command.command()
@click.argument("letter")
@_place
@json_option
def diff(*, letter: str, place: "Place", as_json: bool) -> None:
    """Say what changed in the function since LETTER came last. Exit status 1 where nothing did."""
    from renga_dev import project
    from renga_dev.dead import telling
    from renga_dev.dead.changes import NoHistory, changes

    root = project.root()
    if root is None:
        raise Misuse(f"{Path.cwd()} lies in no project: no folder above it holds functions/.")
    found = _talk(place, lambda there: _named(there, letter))
    known = telling.functions_by_service(root)
    function = telling.function_of(found, known)
    if function not in known.values():
        unknown("function", function or "of that letter", known.values())
    try:
        told = changes(root, function, found.last)
    except NoHistory as error:
        raise Misuse(str(error)) from None
    if as_json:
        import dataclasses

        _print_json({"letter": found.id, "function": function, **dataclasses.asdict(told)})
    else:
        click.secho(f"{function} since {telling.when(found.last)} (commit {told.commit})", bold=True)
        for line in told.commits:
            click.echo(f"  {line}")
        for path in told.new_files:
            click.echo(f"  new, not in git: {path}")
        click.echo(told.diff or f"  no line of {told.folder} differs")
        if told.shared:
            click.echo(f"below it, {told.shared_commits} commits since:\n{told.shared.rstrip()}")
        else:
            click.echo("what it stands on is the same")
    sys.exit(0 if told.any else 1)


@command.command()
@click.argument("letters", metavar="[LETTER]...", nargs=-1)
@_filter
@click.option("--dry-run", is_flag=True, help="Say what would be sent where; send nothing.")
@click.option("--rate", "pause_s", callback=_pause_s, metavar="N/s", help="At most so many: 5/s, 30/m.")
@click.option("--to", metavar="URL", help="Where functions are: a runtime, or https://{service}.example.org.")
@click.option("--broker", metavar="URL", help="Where events go: a Broker's URL, or pubsub://PROJECT.")
@click.option("--everyone", is_flag=True, help="To the Broker: each consumer of the event's type gets it again.")
@_place
@json_option
def replay(
    *,
    letters: tuple[str, ...],
    place: "Place",
    expression: str | None,
    dry_run: bool,
    pause_s: float,
    to: str | None,
    broker: str | None,
    everyone: bool,
    as_json: bool,
) -> None:
    """Send the events of LETTERs again, straight to the function that failed; the oldest first.

    An event keeps its source and id, and says which letter it is a replay of. A letter that was taken is marked, not
    dropped. Exit status: 0 when every one was taken, 1 when one was not or there was none, 2 on misuse. Ctrl-C finishes
    what is on its way and says what was sent.
    """

    async def work(there: "Opened") -> int:
        chosen = await _chosen(there, letters, expression, "replay", everything=bool(letters))
        try:
            way = there.way(to=to, broker=broker, everyone=everyone)
        except ValueError as error:
            raise Misuse(str(error)) from None
        try:
            if dry_run:
                return _announce(chosen, way, as_json=as_json)
            return await _send(chosen, there, way, pause_s, as_json=as_json)
        finally:
            await way.close()

    sys.exit(_talk(place, work))


@command.command()
@click.argument("letters", metavar="[LETTER]...", nargs=-1)
@_filter
@click.option("--yes", is_flag=True, help="Do not ask.")
@_place
def drop(*, letters: tuple[str, ...], place: "Place", expression: str | None, yes: bool) -> None:
    """Forget LETTERs for good; asks first."""

    async def work(there: "Opened") -> int:
        chosen = await _chosen(there, letters, expression, "drop", everything=True)
        if chosen and not yes:
            noun = "this letter" if len(chosen) == 1 else f"these {len(chosen)} letters"
            click.echo("\n".join(f"{letter.id}  {letter.envelope.type}" for letter in chosen))
            click.confirm(f"Forget {noun} for good?", abort=True)
        return await there.source.drop([letter.id for letter in chosen]) if chosen else 0

    gone = _talk(place, work)
    click.echo(f"{plural(gone, 'letters')} dropped" if gone else "No dead letter is such.", err=not gone)
    sys.exit(0 if gone else 1)


def _talk(place: "Place", work: "Callable[[Opened], Coroutine[Any, Any, T]]") -> T:
    """Open a place, do something there, close it; what goes wrong becomes a sentence."""
    from renga.fates import Reject, Retry
    from renga_dev.dead.opening import opened

    async def done() -> T:
        try:
            there = await opened(place)
        except ValueError as error:
            raise Misuse(str(error)) from None
        try:
            return await work(there)
        except Reject as error:
            raise Misuse(str(error)) from None
        except Retry as error:
            raise click.ClickException(str(error)) from None
        finally:
            for note in there.source.notes:
                click.echo(note, err=True)
            await there.source.close()

    return run(done, place.url or place.at or "The runtime")


def _known() -> dict[str, str]:
    from renga_dev import project
    from renga_dev.dead.telling import functions_by_service

    return functions_by_service(project.root())


async def _letters(there: "Opened", expression: str | None, *, everything: bool) -> "list[Letter]":
    from renga.desk.service import matching

    matching(expression)  # A filter that is none is told before anybody is asked.
    found = await there.source.letters(expression)
    return [letter for letter in found if everything or letter.outcome != "well"]


async def _named(there: "Opened", name: str) -> "Letter":
    """The letter that a beginning of its id means."""
    return (await _by_name(await there.source.letters(None), [name]))[0]


async def _by_name(letters: "Sequence[Letter]", names: Sequence[str]) -> "list[Letter]":
    found: list[Letter] = []
    for name in names:
        meant = [letter for letter in letters if letter.id.startswith(name)]
        if not meant:
            unknown("dead letter", name, [letter.id for letter in letters])
        if len(meant) > 1:
            raise Misuse(f"{name} may be {', '.join(letter.id for letter in meant[:5])}: give more of it.")
        found += [letter for letter in meant if letter not in found]
    return found


async def _chosen(
    there: "Opened", names: Sequence[str], expression: str | None, verb: str, *, everything: bool
) -> "list[Letter]":
    """The letters that names or a filter choose, the oldest first; `everything`: also those that were replayed well."""
    if not names and expression is None:
        raise Misuse(f"Name the letters to {verb}, or choose them with --filter; --filter TRUE takes all.")
    letters = await _letters(there, expression, everything=everything)
    return list(reversed(await _by_name(letters, names) if names else letters))


def _announce(letters: "Sequence[Letter]", way: "Way", *, as_json: bool) -> int:
    """Say what would be sent where; the exit status."""
    from renga_dev.dead.replay import NoWay

    rows: list[dict[str, Any]] = []
    for letter in letters:
        try:
            where, fault = str(way.address(letter) or "everyone, by the Broker"), None
        except NoWay as error:
            where, fault = None, str(error)
        rows.append({"letter": letter.id, "type": letter.envelope.type, "to": where, "fault": fault})
        if not as_json:
            click.echo(f"{letter.id}  {letter.envelope.type}  {f'to {where}' if where else f'cannot be sent: {fault}'}")
    if as_json:
        _print_json({"would_send": rows})
    else:
        click.echo(
            f"{plural(sum(row['to'] is not None for row in rows), 'letters')} would be sent; nothing was", err=True
        )
    return 0 if rows and all(row["to"] for row in rows) else 1


async def _send(letters: "Sequence[Letter]", there: "Opened", way: "Way", pause_s: float, *, as_json: bool) -> int:
    """Send, telling of each; the exit status."""
    from renga_dev.dead.replay import Result, replay

    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    rows: list[dict[str, Any]] = []

    def tell(letter: "Letter", result: Result) -> None:
        rows.append({"letter": letter.id, "type": letter.envelope.type, **result._asdict()})
        if not as_json:
            colour = {"well": "green", "failed": "red"}.get(result.outcome)
            click.echo(f"{letter.id}  {letter.envelope.type}  {click.style(result.outcome, fg=colour)}: {result.said}")

    def interrupt() -> None:
        stop.set()
        click.echo("stopping after the letter that is on its way; Ctrl-C again leaves at once …", err=True)
        loop.remove_signal_handler(signal.SIGINT)

    loop.add_signal_handler(signal.SIGINT, interrupt)
    try:
        tally = await replay(letters, there.source, way, pause_s=pause_s, stop=stop, tell=tell)
    finally:
        loop.remove_signal_handler(signal.SIGINT)
    if as_json:
        _print_json({"replayed": rows, "not_sent": tally.left})
    else:
        click.echo(_summary(tally), err=True)
    if stop.is_set():
        return INTERRUPTED
    return 0 if rows and not tally.failed and not tally.left else 1


def _summary(tally: "Tally") -> str:
    counts = {"taken": tally.well, "failed again": tally.failed, "sent to everyone": tally.sent, "not sent": tally.left}
    said = ", ".join(f"{number} {what}" for what, number in counts.items() if number) or "No dead letter is such."
    unmarked = f"; {tally.unmarked} cannot be marked there: drop them, or they are sent again next time"
    return said + (unmarked if tally.unmarked else "")


def _print_json(value: Any) -> None:
    from pydantic_core import to_json

    click.echo(to_json(value, indent=2).decode())
