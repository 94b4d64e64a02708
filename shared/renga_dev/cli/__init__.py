"""The `renga` command. Each subcommand is a module here with one `command`, imported when it is asked for."""

import importlib

import click

from renga_dev.suggestion import did_you_mean

COMMANDS = (
    ("demo", "Bring the functions up, hand in an example, show its run, stop."),
    ("up", "Bring the functions up at zero, here, until Ctrl-C."),
    ("status", "Say where the runtime is and what is awake."),
    ("read", "Say what files, a folder or a live database describe, with no runtime."),
    ("lint", "Check a schema against the rules, with no runtime."),
    ("submit", "Hand in database designs and follow their runs."),
    ("runs", "List runs."),
    ("show", "Show one run, event by event."),
    ("dead", "Look at what could not be delivered, and send it again."),
    ("publish", "Publish any event, checked against its type."),
    ("invoke", "Call one function, with no runtime."),
    ("relate", "Propose the foreign keys that a schema does not declare."),
    ("infer", "Let a model answer for all rows of a file, and follow the run."),
    ("inference", "Serve models by name and version, until Ctrl-C."),
    ("train", "Train the models that Renga brings, on material of your own."),
    ("new", "Write a new function: its folder, its manifest, its test."),
    ("wiring", "Write everything that follows from the handlers' annotations."),
    ("check", "Find what is wrong with manifests, before a cluster does."),
    ("cloud", "Make, look at, put to sleep, wake and take down an environment in a cloud."),
    ("deploy", "Bring an overlay to its cluster, wait until it serves, send an event through."),
)
"""Each command's module and what it is for, in the order of the help."""


class _Commands(click.Group):
    """Imports only the command that is called: the help costs no more than its text."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, _ in COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in dict(COMMANDS):
            return None
        command = importlib.import_module(f"renga_dev.cli.{cmd_name}").command
        assert isinstance(command, click.Command)  # noqa: S101 - what a module of this package promises
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        names = self.list_commands(ctx)
        if args[0] not in names and not args[0].startswith("-"):
            ctx.fail(f"There is no command {args[0]!r}.{did_you_mean(args[0], names)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(COMMANDS)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="renga")
def main() -> None:
    """Renga: chains of small CloudEvents functions, asleep at zero."""
