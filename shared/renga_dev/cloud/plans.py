"""What each verb runs, in order: nothing here is run."""

import shlex
from collections.abc import Sequence

from renga_dev.cloud.programs import CloudName
from renga_dev.cloud.root import Outputs, Part, Refused, Root
from renga_dev.cloud.step import Question, Step
from renga_dev.command import Command

PATIENCE_S = 900
"""For how long load balancers may take to go."""
NOT_KNATIVES_OWN = "spec.type=LoadBalancer,metadata.namespace!=knative-serving"
"""Services with load balancers; Kourier's own goes with Knative, which would make it again."""
PUSHES = "pushes"
"""The part that says whether messages are pushed. It stays when an environment is gone, and is paused then."""
INSTALLED: dict[CloudName, tuple[str, ...]] = {
    "gcp": ("module.knative",),
    "aws": ("module.knative", "helm_release.autoscaler"),
    "azure": ("module.knative",),
}
"""What terraform has installed in the cluster, by cloud."""
_KNATIVE = "services.serving.knative.dev"


def init(root: Root) -> Step:
    """Fetches providers, and connects with the state."""
    return Step(root.terraform("init"), "fetch the providers", f"Nothing has changed; mend that in {root.folder}.")


def plan(root: Root) -> tuple[Step, ...]:
    """Says what an apply would change, after `init`."""
    why = f"see what would change in {root.env}"
    return (Step(root.terraform("plan", f"-var-file={root.values}"), why, "Nothing has changed."),)


def up(root: Root, *, yes: bool) -> tuple[Step, ...]:
    """Makes what is not there, after `init`.

    Args:
        root: of what.
        yes: whether terraform does not ask first.
    """
    apply = root.terraform("apply", f"-var-file={root.values}", *_unasked(yes=yes))
    go_on = (
        f"What was made so far is in the state: run `{root.renga('up')}` again and it goes on from there, or "
        f"`{root.renga('down')} --all` and it goes."
    )
    return (Step(apply, f"make {root.env}", go_on),)


def sleep(root: Root, made: Outputs) -> tuple[Step, ...]:
    """Stops each part; what is asleep already is left as it is.

    Raises:
        Refused: it is production, or gone.
    """
    if root.env == "prod":
        raise Refused("prod does not sleep, by hand as little as by a schedule (see sleep_schedule in terraform).")
    _there(root, made)
    go_on = (
        f"Run `{root.renga('sleep')}` again: it goes on with what is not asleep yet. `{root.renga('wake')}` goes "
        "back. Until one of them has ended well, messages wait and nothing is lost."
    )
    return _stopping(made.sleeps, go_on)


def wake(root: Root, made: Outputs) -> tuple[Step, ...]:
    """Starts each part, the other way round, and waits for it before the next; what is awake is only waited for.

    Raises:
        Refused: it is gone.
    """
    _there(root, made)
    go_on = (
        f"Run `{root.renga('wake')}` again: it goes on with what is not awake yet. Until it has ended well, messages "
        "wait and nothing is lost."
    )
    steps = []
    for part in reversed(made.sleeps):
        if part.start is not None:
            unless = questions(part, asleep=False)
            steps.append(Step(_command(part.start), f"start {part.part}", go_on, prints=part.prints, unless=unless))
        steps += [Step(_command(command), f"wait for {part.part}", go_on) for command in part.ready]
    return _with_credentials(root, made, steps, go_on)


def gone(root: Root, made: Outputs | None, *, yes: bool) -> tuple[Step, ...]:
    """Takes away all but images, topics and the messages in them.

    Args:
        root: of what.
        made: None where the state says nothing.
        yes: whether terraform does not ask first.

    Raises:
        Refused: it is protected, or the state says nothing.
    """
    if made is None:
        raise Refused(
            f"The state of {root.folder} has no outputs: nothing is there, or a destroy has not ended. "
            f"`{root.renga('down')} --all` destroys what is left."
        )
    if made.deletion_protection:
        raise Refused(_protected(root))
    values, unasked = f"-var-file={root.values}", _unasked(yes=yes)
    last = Step(
        root.terraform("apply", values, "-var=gone=true", *unasked),
        f"take away all of {root.env} but what stays",
        _after_terraform(root, made, root.renga("down")),
    )
    if made.gone:
        return (last,)
    targets = tuple(f"-target={address}" for address in INSTALLED[root.cloud])
    emptied = root.terraform("state", "rm", *INSTALLED[root.cloud])
    go_on = (
        f"Messages wait, and nothing of terraform's is gone yet. Mend that and run `{root.renga('down')}` again; where "
        f"the cluster is gone or will not answer any more, `{emptied}` and `{last}` go on without it."
    )
    return (
        *_stopping([part for part in made.sleeps if part.part == PUSHES], go_on),
        *_emptying(root, made, go_on),
        Step(
            root.terraform("destroy", values, *targets, *unasked),
            "take Knative apart while its cluster is there: without one, terraform has nobody to ask",
            go_on,
        ),
        last,
    )


def down(root: Root, made: Outputs | None, *, yes: bool) -> tuple[Step, ...]:
    """Takes everything away: first what the cluster made, of which terraform knows nothing, then what terraform made.

    Args:
        root: of what.
        made: None where the state says nothing of a cluster; then terraform alone takes away what is left.
        yes: whether terraform does not ask first.

    Raises:
        Refused: it is protected.
    """
    arguments = ("destroy", f"-var-file={root.values}", *_unasked(yes=yes))
    destroy = Step(
        root.terraform(*arguments), f"destroy {root.env}", _after_terraform(root, made, f"{root.renga('down')} --all")
    )
    if made is None:
        return (destroy,)
    if made.deletion_protection:
        raise Refused(_protected(root))
    if made.gone:
        return (destroy,)
    go_on = (
        f"Nothing of terraform's is gone yet. Mend that and run `{root.renga('down')} --all` again; where the cluster "
        f"is gone or will not answer any more, `{destroy}` goes on without it."
    )
    return (*_emptying(root, made, go_on), destroy)


def _stopping(parts: Sequence[Part], go_on: str) -> tuple[Step, ...]:
    """Stops each; what is asleep already is left as it is."""
    return tuple(
        Step(_command(part.stop), f"stop {part.part}", go_on, prints=part.prints, unless=questions(part, asleep=True))
        for part in parts
        if part.stop is not None
    )


def _emptying(root: Root, made: Outputs, go_on: str) -> tuple[Step, ...]:
    """Deletes what the cluster made, of which terraform knows nothing."""
    delete, every = ("kubectl", "delete"), ("--all-namespaces", f"--timeout={PATIENCE_S // 60}m")
    steps = [
        Step(
            Command((*delete, _KNATIVE, "--all", *every)),
            "delete functions, while Knative is there to take them apart: nodes with GPUs go with them",
            go_on,
        ),
        Step(
            Command((*delete, "services", f"--field-selector={NOT_KNATIVES_OWN}", *every)),
            "delete load balancers that Services made, of which terraform knows nothing",
            go_on,
        ),
    ]
    steps = list(_with_credentials(root, made, steps, go_on))
    if made.interfaces is not None:
        why = "wait until their network interfaces are gone: the network cannot go before them"
        steps.append(Step(_command(made.interfaces.balancers), why, go_on, prints="", patience_s=PATIENCE_S))
    return tuple(steps)


def questions(part: Part, *, asleep: bool) -> tuple[Question, ...]:
    """What a part answers to all of while it is asleep, or awake."""
    return tuple(Question(_command(show.command), show.asleep if asleep else show.awake) for show in part.shows)


def _with_credentials(root: Root, made: Outputs, steps: list[Step], go_on: str) -> tuple[Step, ...]:
    """The steps, with credentials of the cluster before the first that talks to it; in a file of their own."""
    here = {"KUBECONFIG": str(root.kubeconfig)}
    talking = [number for number, step in enumerate(steps) if step.command.argv[0] == "kubectl"]
    if not talking:
        return tuple(steps)
    folder = Command(("mkdir", "-p", str(root.kubeconfig.parent)))
    getting = [Command(_command(text).argv, here) for text in made.kubeconfig]
    before = [Step(command, "get credentials of the cluster", go_on) for command in (folder, *getting)]
    for number in talking:
        steps[number] = steps[number]._replace(command=Command(steps[number].command.argv, here))
    return (*steps[: talking[0]], *before, *steps[talking[0] :])


def _command(text: str) -> Command:
    return Command(tuple(shlex.split(text)))


def _unasked(*, yes: bool) -> tuple[str, ...]:
    return ("-auto-approve",) if yes else ()


def _protected(root: Root) -> str:
    values = root.folder / root.values
    again = f"set deletion_protection = false in {values}, run `{root.renga('up')}`, then this again"
    if root.env != "prod":
        return f"deletion_protection is on, as applied, so {root.env} is not taken down: {again}."
    return (
        "deletion_protection is on, as applied, so prod is not taken down. The rule that keeps it on in prod stands in "
        f"terraform/contract/variables.tf: change that first, which somebody reviews; then {again}."
    )


def _there(root: Root, made: Outputs) -> None:
    if made.gone:
        raise Refused(f"{root.env} is gone: `{root.renga('up')}` brings it back.")


def _after_terraform(root: Root, made: Outputs | None, command: str) -> str:
    again = f"What is left is in the state: run `{command}` again and it goes on from there."
    if root.cloud != "aws":
        return again
    listed = "" if made is None or made.interfaces is None else f": `{made.interfaces.left}` lists them"
    return (
        f"{again} Where AWS refuses to delete a subnet or a security group (DependencyViolation), the CNI left network "
        f"interfaces behind{listed}, `aws ec2 delete-network-interface --network-interface-id ID` deletes one."
    )
