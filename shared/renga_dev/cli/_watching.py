"""What a command shows while the run that it began goes on, and says where it stops looking."""

import asyncio
import contextlib
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rich.console import Console

    from renga_dev.follow import Follower

T = TypeVar("T")


@contextlib.contextmanager
def watching(console: "Console", run: list[str], *, quiet: bool) -> "Iterator[Follower]":
    """Lines as things happen, and below them who is at work; on a terminal only the latter moves.

    Args:
        console: takes them.
        run: gets the run's id once it is known.
        quiet: show nothing.
    """
    from renga_dev.follow import Follower
    from renga_dev.timeline import entry_line, waiting_for

    if quiet:
        yield Follower(began=run.append)
        return
    with console.status("handing in …") as status:

        def began(run_id: str) -> None:
            run.append(run_id)
            status.update("on its way …")

        yield Follower(
            began=began,
            happened=lambda entry: console.print(entry_line(entry)),
            changed=lambda summary: status.update(f"at work: {waiting_for(summary)} …"),
        )


async def within(timeout_s: float, run: list[str], work: Coroutine[Any, Any, T]) -> T:
    """Wait so long and no longer.

    Raises:
        click.ClickException: there was no end; the run goes on.
    """
    try:
        async with asyncio.timeout(timeout_s):
            return await work
    except TimeoutError:
        raise click.ClickException(f"No end after {timeout_s:g} s (--timeout). {goes_on(run)}") from None


def goes_on(run: list[str]) -> str:
    """How to look at a run that is no longer waited for."""
    if not run:
        return "Nothing was handed in, or its answer is not known: `renga runs` tells."
    return f"The run goes on. Look at it with `renga show {run[0]}`, or watch it with --follow."
