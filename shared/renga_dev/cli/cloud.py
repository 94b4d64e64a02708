"""`renga cloud`: an environment in a cloud, by terraform and the cloud's own command line."""

import functools
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from renga_dev.cli._edge import INTERRUPTED, Misuse

if TYPE_CHECKING:
    from renga_dev.cloud.programs import CloudName, Verb
    from renga_dev.cloud.root import Outputs, Root
    from renga_dev.cloud.running import Runner
    from renga_dev.cloud.states import Seen
    from renga_dev.cloud.step import Step
    from renga_dev.command import Command

C = TypeVar("C", bound=Callable[..., Any])


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """Make, look at, put to sleep, wake and take down an environment in a cloud.

    Each command of terraform, gcloud, aws, az and kubectl is shown before it runs, and can be run by hand instead:
    --dry-run prints them. docs/cloud.md says what happens in which order. Exits 0 when done, 1 when a command failed,
    2 on misuse, 130 after Ctrl-C.
    """


def _environment(verb: "Verb") -> Callable[[C], C]:
    """`--cloud` and `--env`: gives the root, once the programs that the verb wants are there."""

    def with_root(function: C) -> C:
        @functools.wraps(function)
        def found(*, cloud: "CloudName", env: str, **given: Any) -> Any:
            from renga_dev import project
            from renga_dev.cloud import programs
            from renga_dev.cloud.root import NoRoot, Refused, find

            here = project.root()
            if here is None:
                raise Misuse("There is no project here: go to a folder of one.")
            try:
                root = find(here, cloud, env)
                if not given.get("dry_run"):
                    programs.require(programs.wanted(cloud, verb))
                return function(root=root, **given)
            except (NoRoot, Refused, programs.Missing) as error:
                raise Misuse(str(error)) from None

        options = (
            click.option("--env", default="dev", show_default=True, help="Which; its values are in ENV.tfvars."),
            click.option("--cloud", type=click.Choice(["gcp", "aws", "azure"]), required=True, help="Whose."),
        )
        for option in options:
            found = option(found)
        return found  # type: ignore[return-value]  # click takes it for what it wraps

    return with_root


_dry_run = click.option("--dry-run", is_flag=True, help="Print the commands and run none that changes anything.")
_yes = click.option("--yes", is_flag=True, help="Do not ask, nor let terraform: -auto-approve.")


@command.command()
@_dry_run
@_environment("plan")
def plan(*, root: "Root", dry_run: bool) -> None:
    """Say what `up` would change."""
    from renga_dev.cloud import plans

    _apply(root, plans.plan(root), dry_run=dry_run)


@command.command()
@_yes
@_dry_run
@_environment("up")
def up(*, root: "Root", yes: bool, dry_run: bool) -> None:
    """Make an environment, or bring it to what its values say; terraform asks first."""
    from renga_dev.cloud import plans

    before = _apply(root, plans.up(root, yes=yes), dry_run=dry_run)
    if before is not None and before.gone:
        click.echo(
            f"{root.env} is back, without functions: write `dns_records` into your zone, where addresses have changed, "
            "and run `renga deploy --no-smoke`."
        )
        if before.sleeps:
            click.echo(f"Messages still wait. Then run `{root.renga('wake')}`, which has them delivered.")


@command.command()
@_dry_run
@_environment("sleep")
def sleep(*, root: "Root", dry_run: bool) -> None:
    """Pause pushes, then stop nodes and databases: what the schedule does, now."""
    from renga_dev.cloud import plans

    runner = _runner()
    _do(runner, plans.sleep(root, _made(root, runner)), dry_run=dry_run)
    _conclude(f"{root.env} is asleep: messages wait. `{root.renga('wake')}` wakes it.", dry_run=dry_run)


@command.command()
@_dry_run
@_environment("wake")
def wake(*, root: "Root", dry_run: bool) -> None:
    """Start databases and nodes, wait until Knative is ready, then resume pushes."""
    from renga_dev.cloud import plans

    runner = _runner()
    _do(runner, plans.wake(root, _made(root, runner)), dry_run=dry_run)
    _conclude(f"{root.env} is awake.", dry_run=dry_run)


@command.command()
@click.option("--all", "everything", is_flag=True, help="Images, and topics with the messages in them, too.")
@_yes
@_dry_run
@_environment("down")
def down(*, root: "Root", everything: bool, yes: bool, dry_run: bool) -> None:
    """Take away the cluster with its databases and blobs, in the order in which it can go; terraform asks first.

    Images stay, and topics with the messages that wait in their subscriptions; with --all nothing does.
    """
    from renga_dev.cloud import leaving, plans
    from renga_dev.cloud.root import Refused

    runner = _runner()
    _do(runner, (plans.init(root),), dry_run=dry_run)
    made = _outputs(root, runner)
    steps = (plans.down if everything else plans.gone)(root, made, yes=yes)
    seen = () if made is None or made.gone or dry_run else _looked(made, runner)
    if sleeping := [each.part for each in seen if each.state == "asleep" and each.part != plans.PUSHES]:
        raise Refused(
            f"Asleep: {', '.join(sleeping)}. Knative takes functions apart, and needs nodes for that: run "
            f"`{root.renga('wake')}` first."
        )
    # What is deleted before terraform asks is gone when somebody says no to terraform.
    if made is not None and not (made.gone or yes or dry_run):
        too = "all images, topics and messages too" if everything else "images, topics and messages stay"
        click.confirm(
            f"Delete all functions of {root.env}, then let terraform take away the cluster with all that is in its "
            f"databases and blobs ({too})?",
            abort=True,
            err=True,
        )
    _do(runner, steps, dry_run=dry_run)
    what, stays = (leaving.ALL_GONE, leaving.STAYS) if everything else (leaving.GONE, leaving.KEPT)
    listed = "\n".join(f"  {each}" for each in stays[root.cloud])
    _conclude(f"{root.env} is gone. {what} What stays:\n{listed}", dry_run=dry_run)


@command.command()
@_environment("status")
def status(*, root: "Root") -> None:
    """Say whether an environment is idle, asleep or gone, and how that is known."""
    from renga_dev.cloud import states

    runner = _runner()
    made = _outputs(root, runner)
    if made is not None and not made.gone:
        seen = _looked(made, runner)
        for each in seen:
            click.echo(f"{each.part:<20} {each.state}")
        state = states.together(seen)
    else:
        left = states.remaining(_asked(runner, root.terraform("show", "-json")))
        state = "between" if (left.resources if made is None else left.of_cluster) else "gone"
        click.echo(f"{root.folder}: {left.resources} resources in the state, {left.of_cluster} of them the cluster's")
    click.echo(f"{root.env} is {state}: {states.MEANS[state]}")


def _apply(root: "Root", steps: "Sequence[Step]", *, dry_run: bool) -> "Outputs | None":
    """What plan and up have in common: they connect with the state, and see that it is that of this environment.

    Returns:
        What there was before.
    """
    from renga_dev.cloud import plans

    runner = _runner()
    _do(runner, (plans.init(root),), dry_run=dry_run)
    made = None if dry_run else _outputs(root, runner)
    _do(runner, steps, dry_run=dry_run)
    return made


def _runner() -> "Runner":
    from renga_dev.cloud.running import Runner

    return Runner(lambda line: click.secho(line, err=True, bold=not line.startswith("#")))


def _do(runner: "Runner", steps: "Sequence[Step]", *, dry_run: bool) -> None:
    from renga_dev.cloud.running import Interrupted, Unfinished

    if dry_run:
        for step in steps:
            click.echo(f"{step.comment()}\n{step}")
        return
    try:
        runner.do(steps)
    except Interrupted as error:
        click.echo(str(error), err=True)
        sys.exit(INTERRUPTED)
    except Unfinished as error:
        raise click.ClickException(str(error)) from None


def _made(root: "Root", runner: "Runner") -> "Outputs":
    from renga_dev.cloud.root import Refused

    made = _outputs(root, runner)
    if made is None:
        raise Refused(f"The state of {root.folder} names nothing: run `{root.renga('up')}` first.")
    return made


def _outputs(root: "Root", runner: "Runner") -> "Outputs | None":
    from renga_dev.cloud.root import read

    hint = f"`{root.terraform('init')}` connects this folder with the state."
    return read(root, _asked(runner, root.terraform("output", "-json"), hint))


def _looked(made: "Outputs", runner: "Runner") -> "tuple[Seen, ...]":
    from renga_dev.cloud.states import look

    return look(made, lambda command: _asked(runner, command))


def _asked(runner: "Runner", command: "Command", hint: str = "") -> str:
    from renga_dev.command import Failed

    try:
        return runner.ask(command)
    except Failed as error:
        raise click.ClickException(f"{error} Nothing has changed. {hint}".rstrip()) from None
    except KeyboardInterrupt:
        click.echo("Stopped by Ctrl-C; nothing has changed.", err=True)
        sys.exit(INTERRUPTED)


def _conclude(sentence: str, *, dry_run: bool) -> None:
    if not dry_run:
        click.echo(sentence)
