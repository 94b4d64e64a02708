"""Gives a new revision its share step by step, judges it by what it answers, and goes on or back."""

import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import click

from renga_dev import command
from renga_dev.cli._edge import Misuse
from renga_dev.cli._telling import Teller, tell_changes, tell_ready
from renga_dev.command import Failed
from renga_dev.deploy.differences import changes
from renga_dev.deploy.judging import Judge, Verdict, told
from renga_dev.deploy.metrics import Counts, Sample, Tally, counts
from renga_dev.deploy.plan import Canary, Plan
from renga_dev.deploy.readiness import Pod, Seen, Service, Unreadable
from renga_dev.deploy.rollout import PATIENCE_S, NotReady, until_ready, until_shared
from renga_dev.deploy.traffic import manifest

_PAUSE_S = 2.0
"""Between two times that pods are asked: what an ended pod counted last is lost only if it went within that."""
_SILENT = 5
"""So many times in a row may no pod tell what it has counted."""
_SHARED_S = 60.0
"""An ingress takes its time to learn of a table."""
_AT_ONCE = 8
"""Pods that are asked at a time."""


class Canarying:
    """One canary under way.

    Args:
        plan: the deployment that it is part of.
        canary: which.
        teller: who speaks.
    """

    def __init__(self, plan: Plan, canary: Canary, teller: Teller) -> None:
        self._plan = plan
        self._cluster = plan.cluster
        self._project = plan.overlay.project
        self._canary = canary
        self._teller = teller
        self._rendered = ""
        self._old = self._new = ""
        self._shares: dict[str, int] = {}
        self._tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._refused = ""
        self._silent = 0

    def all(self) -> bool:
        """Start the new revision, and give it more and more as long as it is as good as the old one; whether it is.

        Raises:
            Misuse: there is nothing to compare it with.
            Failed, Unreadable: kubectl could not do something; what the requests get then is said.
            NotReady: the ingress did not take a table; likewise.
        """
        try:
            return self._go()
        except (KeyboardInterrupt, Failed, NotReady, Unreadable):
            self._say_standing()
            raise

    def abort(self) -> bool:
        """Give everything back to the revision that has most, and leave it there.

        Raises:
            Misuse: nobody has a share by name.
            Failed, Unreadable, NotReady: as of `all`.
        """
        self._teller.head(self._plan.aborting(self._canary))
        service = self._service(self._teller.look())
        if all(target.latest_revision for target in service.spec.traffic):
            raise Misuse(f"{service.name} gives everything to its newest revision: there is nothing to go back from.")
        self._old = service.main
        self._render()
        self._share({self._old: 100})
        click.echo(f"  {self._old} has everything.")
        return True

    def _go(self) -> bool:
        starting, *judging, ending = self._plan.canarying(self._canary)
        self._teller.head(starting)
        if not self._start():
            return False
        if self._new == self._old:
            click.echo(f"  nothing to judge: {self._old} is what the overlay says")
        else:
            for step, share in zip(judging, self._canary.shares, strict=True):
                self._teller.head(step)
                self._share({self._old: 100 - share, self._new: share})
                verdict = self._judged()
                for reason in verdict.reasons:
                    click.echo(f"  {reason}")
                if verdict.outcome != "as good":
                    return self._back(verdict)
                click.echo(f"  {self._new} is {click.style('as good', fg='green')} as {self._old}.")
        self._teller.head(ending)
        self._share({})
        click.echo(f"  {self._new} has everything.")
        return True

    def _start(self) -> bool:
        """Apply the Service with everything for the old revision; whether the new one starts."""
        name = self._canary.service
        service = self._service(self._teller.look())
        self._old = service.main
        if not self._old:
            raise Misuse(f"{name} has no revision that serves: `renga deploy` without --canary brings the first.")
        self._render()
        self._write({self._old: 100})
        tell_changes(changes(self._teller.read(self._cluster.diff_one(self._canary.file), fine=(0, 1))))
        self._apply({self._old: 100})
        self._teller.say(self._cluster.look())
        try:
            seen = until_ready(self._teller.look, [name], self._plan.timeout_s, became_ready=tell_ready)
        except NotReady as error:
            self._teller.tell_stuck(error)
            click.echo(f"  It never had a share: {self._old} has everything. {self._remains()}")
            return False
        self._new = seen.services[name].revision
        return True

    def _judged(self) -> Verdict:
        """Ask pods until it is known which revision is better, or the time is over."""
        judge = Judge(self._canary.margin)
        began = time.monotonic()
        since: float | None = None
        self._teller.say(self._cluster.metrics("POD"))
        found = self._ask()
        # Of both, also of one whose pods did not answer just now: what they counted before is not this share's.
        for revision in (self._old, self._new):
            self._tallies[revision].begin(pod.name for pod in found.pods_of(revision))
        last = Verdict("open", ())
        while True:
            time.sleep(_PAUSE_S)
            found = self._ask()
            now = time.monotonic() - began
            old, new = self._tallies[self._old].sample(), self._tallies[self._new].sample()
            if verdict := judge.look(old, new):
                last = verdict
                click.echo(f"  {now:4.0f} s  {told(old, new)}")
                if verdict.outcome != "open":
                    return verdict
                for reason in verdict.reasons:
                    click.echo(f"          {reason}")
            trouble = found.trouble_of(self._new)
            since = None if trouble is None else since if since is not None else now
            if trouble is not None and since is not None and now - since >= PATIENCE_S:
                return Verdict("worse", (trouble, *self._teller.log(self._new)))
            if self._silent >= _SILENT:
                return Verdict("open", (f"No pod tells what it has answered: {self._refused}",))
            if now >= self._canary.within_s:
                return Verdict("open", (_too_few(judge, old, new, self._canary.within_s), *last.reasons))

    def _ask(self) -> Seen:
        """Ask every pod of both revisions, those that end too, what it has counted."""
        found = self._teller.look()
        pods = [pod for revision in (self._old, self._new) for pod in found.pods_of(revision)]
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            answers = list(pool.map(self._counted, pods))
        for pod, answer in zip(pods, answers, strict=True):
            if answer is not None:
                self._tallies[pod.revision].add(pod.name, answer)
        is_silent = any(pod.is_ready for pod in pods) and not any(answer is not None for answer in answers)
        self._silent = self._silent + 1 if is_silent else 0
        return found

    def _counted(self, pod: Pod) -> Counts | None:
        """What a pod tells; None where it does not: it may be on its way in or out."""
        try:
            return counts(command.read(self._cluster.metrics(pod.name), self._project))
        except Failed as error:
            self._refused = error.said
            return None

    def _back(self, verdict: Verdict) -> bool:
        why = "is worse" if verdict.outcome == "worse" else f"is not known to be as good as {self._old}"
        click.echo(f"  {self._new} {click.style(why, fg='red')}: back.")
        self._share({self._old: 100})
        click.echo(f"  {self._old} has everything. {self._remains()}")
        return False

    def _remains(self) -> str:
        return (
            f"{self._new or 'The new revision'} stays without a share; the overlay still says what it is, and"
            " `renga deploy` without --canary would give it everything."
        )

    def _say_standing(self) -> None:
        """What requests get now, and what can be done: the table is all the state that there is."""
        if not self._shares:
            return
        table = ", ".join(f"{percent} % to {name}" for name, percent in self._shares.items() if percent)
        which = f"`renga deploy --overlay {self._plan.overlay.name} --abort {self._canary.function}`"
        click.echo(
            f"{self._canary.service}'s requests go on like this: {table}. The same command with --no-build judges anew,"
            f" {which} gives {self._old} everything.",
            err=True,
        )

    def _service(self, found: Seen) -> Service:
        if self._canary.service not in found.services:
            raise Misuse(f"There is no Service {self._canary.service} in the cluster: `renga deploy` brings it.")
        return found.services[self._canary.service]

    def _render(self) -> None:
        self._rendered = self._teller.read(self._cluster.render())

    def _write(self, shares: dict[str, int]) -> None:
        path: Path = self._project / self._canary.file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(manifest(self._rendered, self._canary.service, shares), encoding="utf-8")

    def _apply(self, shares: dict[str, int]) -> None:
        """Apply the table that is written."""
        self._teller.read(self._cluster.apply_one(self._canary.file))
        self._shares = shares

    def _share(self, shares: dict[str, int]) -> None:
        """Apply a table, and wait until the ingress knows it; none: everything to the newest."""
        self._write(shares)
        self._apply(shares)
        until_shared(self._teller.look, self._canary.service, shares or {self._new: 100}, _SHARED_S)


def _too_few(judge: Judge, old: Sample, new: Sample, within_s: float) -> str:
    few = f" (no less than {judge.minimum} can show it)" if new.requests < judge.minimum else ""
    return f"Not known after {within_s:g} s: {told(old, new)}{few}."
