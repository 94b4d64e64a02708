"""Says in the open what is asked of a cluster, and what it says of Services."""

import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

import click

from renga_dev import command
from renga_dev.command import Command, Failed
from renga_dev.deploy.differences import Change
from renga_dev.deploy.plan import Cluster, Step
from renga_dev.deploy.readiness import Seen, Service, seen
from renga_dev.deploy.rollout import NotReady, last_lines
from renga_dev.plural import plural

_MOST_LINES = 12
"""Of the changes of one object; the rest are counted."""
_PAUSES_S = (1, 5)
"""Before the second and the third try of a call that failed while Services are waited for."""


class Teller:
    """Who does steps one after another, and prints each command before it is run.

    Args:
        cluster: whom is asked.
        project: the project's folder, where commands run.
    """

    def __init__(self, cluster: Cluster, project: Path) -> None:
        self._cluster = cluster
        self._project = project
        self._number = 0

    def head(self, step: Step) -> None:
        """The title of the next step."""
        self._number += 1
        head(self._number, step)

    def say(self, each: Command) -> None:
        """A command that is about to be run."""
        click.echo(str(each))

    def read(self, each: Command, *, fine: Collection[int] = (0,)) -> str:
        """Say a command, run it, and return what it wrote.

        Args:
            each: which.
            fine: the statuses that are no failure.

        Raises:
            Failed: see `command.read`.
        """
        self.say(each)
        return command.read(each, self._project, fine=fine)

    def log(self, revision: str) -> list[str]:
        """The last lines that a revision's processes wrote, as they are shown."""
        return [f"| {line}" for line in self._asked(revision, self._cluster.log)]

    def look(self) -> Seen:
        """What the cluster tells of Services and pods, unsaid; a call of many may fail.

        Raises:
            Failed: three in a row did.
            Unreadable: see `seen`.
        """
        look = self._cluster.look()
        for pause in _PAUSES_S:
            try:
                return seen(command.read(look, self._project))
            except Failed:
                time.sleep(pause)
        return seen(command.read(look, self._project))

    def last_line(self, revision: str) -> str:
        """The last line that a revision's processes wrote, unsaid; empty where none can be had."""
        try:
            return next(last_lines(command.read(self._cluster.log(revision), self._project), 1), "")
        except Failed:
            return ""

    def tell_stuck(self, error: NotReady) -> None:
        """Why Services are not Ready, and who serves meanwhile."""
        for each in error.services:
            click.echo(f"  {each.name:<22} {click.style('not ready', fg='red')} {each.revision}")
            for reason in each.reasons:
                click.echo(f"      {reason}")
            for line in self._asked(each.revision, self._cluster.warnings):
                click.echo(f"      {line}")
            for line in self.log(each.revision):
                click.echo(f"      {line}")
            serving = f"{each.serving} goes on serving" if each.serving else "nothing serves it"
            click.echo(f"      {serving}.")
        click.echo(str(error), err=True)

    def _asked(self, revision: str, ask: Callable[[str], Command]) -> Iterable[str]:
        """The last lines of what is told of a revision."""
        if not revision:
            return ()
        try:
            return last_lines(self.read(ask(revision)))
        except Failed as error:
            return error.said.splitlines()[-1:]


def head(number: int, step: Step) -> None:
    """The title of a step: a comment, so that what is printed can be run by a shell."""
    click.secho(f"# {number}. {step.title}", bold=True)


def tell_ready(service: Service, after_s: float) -> None:
    """A Service that became Ready, and how long that took."""
    click.echo(f"  {service.name:<22} {click.style('ready', fg='green')} {service.revision}, {after_s:.0f} s")


def tell_changes(found: tuple[Change, ...]) -> None:
    """What `kubectl diff` found, by object."""
    new = [change for change in found if change.is_new]
    if not found:
        click.echo("  nothing: the cluster has it all")
    for kind in sorted({change.kind for change in new}):
        names = [change.name for change in new if change.kind == kind]
        click.echo(f"  {click.style('new', fg='green')} {kind}: {', '.join(names)}")
    for change in found:
        if change.is_new:
            continue
        click.echo(f"  {click.style('changes', fg='yellow')} {change}")
        for line in change.lines[:_MOST_LINES]:
            click.echo(f"      {line}")
        if len(change.lines) > _MOST_LINES:
            click.echo(f"      and {plural(len(change.lines) - _MOST_LINES, 'lines')} more")
