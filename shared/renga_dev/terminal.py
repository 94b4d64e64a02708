"""What `renga up` prints while it runs: a banner, then a line for everything that wakes, sleeps or fails."""

import json
from typing import Any

import click

from renga_dev.calls import ServiceName
from renga_dev.eventing.attempts import Attempt
from renga_dev.manifests import Manifests
from renga_dev.pubsub.transport import PubSub
from renga_dev.runtime import Runtime

_GIVEN_UP = {"failed", "dead", "lost"}


class Lines:
    """An observer of both halves that prints: sentences for people, or JSON objects, one a line.

    Args:
        manifests: what runs, so that functions are called by their names.
        as_json: whether machines read.
    """

    def __init__(self, manifests: Manifests, *, as_json: bool) -> None:
        self._names = {name: str(service.function or name.name) for name, service in manifests.services.items()}
        self._as_json = as_json

    def started(self, runtime: Runtime) -> None:
        """The banner."""
        manifests, names = runtime.options.manifests, sorted(self._names.values())
        pending = runtime.eventing.pending()
        if self._as_json:
            self._say("up", url=runtime.url, state=str(runtime.options.state), functions=names, pending=pending)
            return
        through = f"broker {', '.join(map(str, manifests.brokers)) or 'none'}, {len(manifests.triggers)} triggers"
        if isinstance(runtime.eventing, PubSub):
            table, host = runtime.eventing.table, runtime.eventing.emulator.host
            through = (
                f"Pub/Sub emulator at {host}, {len(table.topics)} topics, {len(table.subscriptions)} subscriptions"
            )
        click.secho(f"{runtime.url} is up; Ctrl-C stops it", bold=True)
        click.echo(f"  {len(names)} functions asleep: {', '.join(names)}")
        click.echo(f"  {through}; state in {runtime.options.state}")
        for skipped in manifests.skipped:
            click.echo(f"  not acted on: {skipped.source}: {skipped.thing}: {skipped.reason}")
        if pending:
            click.echo(f"  {pending} deliveries are owed from before: they go on now")
        click.echo("  try: renga submit examples/shop.sql --to postgres,markdown --out out/")

    def woke(self, service: ServiceName) -> None:
        """Quiet: what counts is when it is ready."""

    def ready(self, service: ServiceName, milliseconds: float) -> None:
        """A replica came up."""
        self._tell(service, "awake", f"after {milliseconds:.0f} ms", "green", milliseconds=round(milliseconds, 1))

    def slept(self, service: ServiceName) -> None:
        """The last replica went."""
        self._tell(service, "asleep", "", "bright_black")

    def failed(self, service: ServiceName, sentence: str) -> None:
        """A replica did not come up, or went by itself."""
        self._tell(service, "failed", sentence, "red", reason=sentence)

    def reloaded(self, service: ServiceName, revision: str) -> None:
        """Changed code is served now."""
        self._tell(service, "reloaded", f"as {revision}", "cyan", revision=revision)

    def delivered(self, attempt: Attempt) -> None:
        """An attempt to deliver; only what is given up is worth a line."""
        if attempt.meaning not in _GIVEN_UP:
            return
        answer = f"{attempt.status}" if attempt.status else "nothing"
        then = {
            "failed": "it goes to the dead-letter sink",
            "dead": "the dead-letter sink has it",
            "lost": "it is lost",
        }
        sentence = f"{attempt.trigger} answered {answer} to {attempt.event.type} {attempt.event.id}: "
        sentence += then[attempt.meaning]
        if self._as_json:
            self._say(attempt.meaning, trigger=attempt.trigger, id=attempt.event.id, type=attempt.event.type)
        else:
            click.secho(f"  {sentence}", fg="red" if attempt.meaning == "lost" else "yellow")

    def _tell(self, service: ServiceName, what: str, how: str, colour: str, **facts: Any) -> None:
        name = self._names.get(service, str(service))
        if self._as_json:
            self._say(what, function=name, **facts)
        else:
            click.echo(f"  {name:<20} {click.style(what, fg=colour)} {how}".rstrip())

    def _say(self, what: str, **facts: Any) -> None:
        click.echo(json.dumps({"event": what, **facts}))
