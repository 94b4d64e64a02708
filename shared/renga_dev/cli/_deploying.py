"""Does what `renga deploy` has planned, and says what came of each step."""

import time
from collections.abc import Iterable
from pathlib import Path

import click

from renga_dev import command
from renga_dev.cli import check
from renga_dev.cli._canarying import Canarying
from renga_dev.cli._edge import Misuse, run
from renga_dev.cli._telling import Teller, tell_changes, tell_ready
from renga_dev.command import Command, Failed, missing
from renga_dev.deploy.differences import changes
from renga_dev.deploy.pins import PLACE, NoPlace, pin
from renga_dev.deploy.plan import Plan, Smoke
from renga_dev.deploy.readiness import Seen, Unreadable
from renga_dev.deploy.rollout import NotReady, until_ready
from renga_dev.deploy.smoke import NoWayIn, door
from renga_dev.deploy.traffic import NoTable
from renga_dev.endpoint import Endpoint
from renga_dev.follow import Follower
from renga_dev.images.digests import Image, NoDigests, baked
from renga_dev.submission import Result, Submission, decode_text, submit
from renga_dev.timeline import entry_line

_SMOKE_S = 180.0
"""An event's way through functions that are all asleep, on nodes that may be new to their images."""


class Deploying:
    """One deployment under way.

    Args:
        plan: what to do.
    """

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._project = plan.overlay.project
        self._teller = Teller(plan.cluster, plan.overlay.project)

    def all(self) -> bool:
        """Do every step; whether all went well. What went wrong is said.

        Raises:
            Misuse: a program is missing, or a file is not what it should be.
        """
        # What is `renga` itself is not run as a program.
        programs = {each.argv[0] for step in self._plan.steps() for each in step.commands} - {"renga"}
        if absent := missing(sorted(programs)):
            raise Misuse(f"{', '.join(absent)}: not on the path, and this deployment runs it.")
        canary = self._plan.canary
        canarying = Canarying(self._plan, canary, self._teller) if canary is not None else None
        try:
            if canarying is not None and self._plan.is_back:
                return canarying.abort()
            self._make()
            self._pin()
            if not self._check():
                return False
            if canarying is not None:
                return canarying.all()
            self._apply()
            return self._send(self._wait())
        except (NoDigests, NoPlace, NoTable) as error:
            raise Misuse(str(error)) from None
        except (Failed, Unreadable) as error:
            raise click.ClickException(str(error)) from None
        except NotReady as error:
            self._teller.tell_stuck(error)
            return False

    def _make(self) -> None:
        if (step := self._plan.making()) is None:
            return
        self._teller.head(step)
        for each in step.commands:
            self._teller.say(each)
            command.run(each, self._project)

    def _pin(self) -> None:
        if (step := self._plan.pinning()) is None:
            return
        self._teller.head(step)
        images = self._images(step.commands)
        overlay = self._plan.overlay
        is_new = pin(self._project / overlay.folder, images, overlay.services)
        for image in images:
            click.echo(f"  {image.service:<22} {image.name}@{image.digest[:19]}…")
        if not is_new:
            click.echo(f"  {overlay.folder / PLACE} said so already")

    def _images(self, asking: Iterable[Command]) -> tuple[Image, ...]:
        if self._plan.build is None:
            assert self._plan.baked is not None  # noqa: S101 - or there would be no such step
            return baked(self._plan.baked)
        return self._plan.build.images(self._project, tuple(map(self._teller.read, asking)))

    def _check(self) -> bool:
        step = self._plan.checking()
        self._teller.head(step)
        for each in step.commands:
            self._teller.say(each)
        overlay = self._plan.overlay
        findings = overlay.findings(loaded=self._plan.load is not None)
        check.tell(overlay.name, findings, overlay.objects)
        if any(finding.severity == "error" for finding in findings):
            click.echo("Nothing was applied: mend the errors first.", err=True)
            return False
        return True

    def _apply(self) -> None:
        self._teller.head(self._plan.differing())
        tell_changes(changes(self._teller.read(self._plan.cluster.diff(), fine=(0, 1))))
        self._teller.head(self._plan.applying())
        for line in self._teller.read(self._plan.cluster.apply()).splitlines():
            click.echo(f"  {line}")

    def _wait(self) -> Seen:
        self._teller.head(self._plan.waiting())
        self._teller.say(self._plan.cluster.look())
        wanted = self._plan.overlay.services
        found = until_ready(self._teller.look, wanted, self._plan.timeout_s, became_ready=tell_ready)
        gone = sorted(name for name, each in found.services.items() if name not in wanted and each.is_ours)
        for name in gone:
            click.echo(f"  {name:<22} is in the cluster and no more in the overlay: {self._plan.cluster.delete(name)}")
        return found

    def _send(self, found: Seen) -> bool:
        smoke = self._plan.smoke
        if smoke is None:
            return True
        way_in = door(self._plan.overlay.functions)
        assert way_in is not None  # noqa: S101 - or there would be no event to send
        try:
            to = smoke.to or way_in.address(found)
        except NoWayIn as error:
            raise click.ClickException(f"{error} No event was sent through: --no-smoke goes without.") from None
        step = self._plan.smoking(smoke, to)
        self._teller.head(step)
        for each in step.commands:
            self._teller.say(each)
        return _sent(smoke, to, self._project)


def _sent(smoke: Smoke, to: str, project: Path) -> bool:
    """Hand a design in and follow its run to the end; whether that was a good one."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=True)
    text = decode_text((project / smoke.file).read_bytes())
    submission = Submission(smoke.file, text, Path(smoke.file).name)
    began = time.monotonic()
    runs: list[str] = []
    taken: list[float] = []

    def accepted(run_id: str) -> None:
        runs.append(run_id)
        taken.append(time.monotonic() - began)

    follower = Follower(
        began=accepted,
        happened=lambda entry: console.print(entry_line(entry)),
    )

    async def through() -> Result:
        import asyncio

        endpoint = Endpoint(to, smoke.via)
        try:
            async with asyncio.timeout(_SMOKE_S):
                return await submit(endpoint, submission, follower)
        except TimeoutError:
            if not runs:
                raise
            raise click.ClickException(
                f"The run {runs[0]} has not ended after {_SMOKE_S:g} s, as far as the ledger tells. `renga show"
                f" {runs[0]} --at '{to}'` says what it waits for; the logs of its functions say why."
            ) from None
        finally:
            endpoint.close()

    result = run(through, to)
    took = time.monotonic() - began
    well = result.run.state == "well"
    said = "ended well" if well else result.run.state
    click.echo(f"  taken after {taken[0]:.1f} s, {said} after {took:.1f} s: run {result.run.run}")
    return well
