"""A root of `terraform/envs`: where it is, and what it says of what it made."""

import json
import os
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, ValidationError

from renga_dev.cloud.programs import CloudName
from renga_dev.command import Command
from renga_dev.suggestion import did_you_mean

ENVIRONMENTS = Path("terraform/envs")


class NoRoot(Exception):  # noqa: N818 - says what is the case
    """There is no such environment."""


class Refused(Exception):  # noqa: N818 - says what is the case
    """What was asked for is not done as things are."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Show(_Read):
    """A command that shows in which state something is."""

    command: str
    asleep: str
    """What it prints of what sleeps, and"""
    awake: str
    """of what does not."""


class Part(_Read):
    """What stops and starts as one."""

    part: str
    """What it is called; what Pub/Sub does is `pushes`."""
    stop: str | None
    start: str | None
    """The commands that do; None for what stops and starts with the others."""
    prints: str | None
    """The first word that they print where that went well; None: their exit status says so."""
    ready: tuple[str, ...]
    """Commands that wait until it is there."""
    shows: tuple[Show, ...]


class Interfaces(_Read):
    """Commands that list network interfaces which keep a network from being destroyed."""

    balancers: str
    left: str


class Outputs(_Read):
    """What `renga cloud` reads of a root's outputs."""

    env: str
    deletion_protection: bool
    gone: bool = False
    """Whether only what stays was applied: no cluster, so that nothing but pushes is in `sleeps`."""
    sleeps: tuple[Part, ...]
    """In the order in which they stop."""
    kubeconfig: tuple[str, ...]
    interfaces: Interfaces | None = None


class Root(NamedTuple):
    """Where an environment is made."""

    cloud: CloudName
    env: str
    folder: Path
    """As a command in this folder names it."""
    kubeconfig: Path
    """Where credentials of its cluster go; likewise."""

    @property
    def values(self) -> str:
        """The file with its variables, in the folder."""
        return f"{self.env}.tfvars"

    def renga(self, verb: str) -> str:
        """`renga cloud VERB` for it."""
        return f"renga cloud {verb} --cloud {self.cloud} --env {self.env}"

    def terraform(self, *arguments: str) -> Command:
        """`terraform ARGUMENTS` in it."""
        return Command(("terraform", f"-chdir={self.folder}", *arguments))


def find(project: Path, cloud: CloudName, env: str) -> Root:
    """The root of an environment.

    Raises:
        NoRoot: the project has none for that cloud, or no values for that environment.
    """
    folder = project / ENVIRONMENTS / cloud
    root = Root(cloud, env, _from_here(folder), _from_here(project / f".renga/cloud/{cloud}-{env}.kubeconfig"))
    if not folder.is_dir():
        raise NoRoot(f"{root.folder} is not there, so nothing is known of {cloud}.")
    if not (folder / root.values).is_file():
        known = sorted(path.stem for path in folder.glob("*.tfvars"))
        raise NoRoot(
            f"{root.folder} has values for {', '.join(known)}, not for {env}.{did_you_mean(env, known)} "
            f"Another environment has its values in {root.folder / root.values}."
        )
    return root


def read(root: Root, printed: str) -> Outputs | None:
    """What `terraform output -json` printed; None where the state has no outputs at all.

    Raises:
        Refused: the state is of another environment, or lacks outputs.
    """
    values = {name: output["value"] for name, output in json.loads(printed).items()}
    if not values:
        return None
    try:
        outputs = Outputs.model_validate(values)
    except ValidationError as error:
        lacking = sorted({str(fault["loc"][0]) for fault in error.errors()})
        raise Refused(
            f"The state of {root.folder} does not say what this needs ({', '.join(lacking)}): its last apply did not "
            f"end, or was by an older version. Run `{root.renga('up')}` first."
        ) from None
    if outputs.env != root.env:
        raise Refused(
            f"The state of {root.folder} is that of {outputs.env}, not of {root.env}. Each environment has a state of "
            f"its own: set TF_WORKSPACE={root.env}, or name another backend in {root.folder}/backend.tf and run "
            f"`terraform -chdir={root.folder} init -reconfigure`."
        )
    return outputs


def _from_here(path: Path) -> Path:
    return Path(os.path.relpath(path))
