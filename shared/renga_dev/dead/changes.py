"""What changed in a function since a moment: from the commit that was current then to the files as they are."""

import ast
import subprocess
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_ROOMS = ("shared", "events")
"""Where a project's packages are."""
_ALWAYS = ("renga", "renga_events")
"""The packages of every function's host."""
_LIMIT_S = 30


class NoHistory(ValueError):  # noqa: N818 - says what is the case
    """Nothing can be compared; the message says why."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What `git` says."""

    folder: str
    """Of the function, below the project."""
    commit: str
    """The commit that was current then, in short."""
    commits: tuple[str, ...]
    """Those since, of the function's folder: short hash and subject, the newest first."""
    diff: str
    """From that commit to the files as they are, committed or not; unified."""
    new_files: tuple[str, ...]
    """Files of the folder that git does not know yet."""
    shared_commits: int
    shared: str
    """A line for each file that differs of the packages that the function imports and its host, and how much."""

    @property
    def any(self) -> bool:
        """Whether anything changed."""
        return bool(self.commits or self.diff or self.new_files or self.shared_commits or self.shared)


def changes(project: Path, function: str, since: datetime) -> Changes:
    """Compare a function with what it was.

    Args:
        project: the folder that holds functions/.
        function: `schema/parse`.
        since: the moment.

    Raises:
        NoHistory: there is no git, no repository, or no commit so old.
    """
    git = _Git(project)
    folder = f"functions/{function}"
    moment = since.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    commit = git("rev-list", "-1", f"--before={moment}", "HEAD").strip()
    if not commit:
        raise NoHistory(f"The history of {project} begins after {moment}: there is nothing to compare with.")
    present = _stands_on(project, project / folder)
    return Changes(
        folder=folder,
        commit=git("rev-parse", "--short", commit).strip(),
        commits=tuple(git("log", "--format=%h %s", f"{commit}..HEAD", "--", folder).splitlines()),
        diff=git("diff", commit, "--", folder),
        new_files=tuple(git("ls-files", "--others", "--exclude-standard", "--", folder).splitlines()),
        shared_commits=int(git("rev-list", "--count", f"{commit}..HEAD", "--", *present)) if present else 0,
        shared=git("diff", "--stat", commit, "--", *present) if present else "",
    )


def _stands_on(project: Path, folder: Path) -> list[str]:
    """The folders of the project's packages that a function imports, and of those that its host is made of."""
    roots = set(_ALWAYS)
    for path in folder.rglob("*.py"):
        try:
            tree = ast.parse(path.read_bytes())
        except SyntaxError:
            continue  # What is broken imports nothing; the diff shows it.
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
            roots |= {name.partition(".")[0] for name in names}
    return [f"{room}/{root}" for room in _ROOMS for root in sorted(roots) if (project / room / root).is_dir()]


@dataclass(frozen=True, slots=True)
class _Git:
    folder: Path

    def __call__(self, *arguments: str) -> str:
        command = ["git", "-C", str(self.folder), "--no-pager", *arguments]
        try:
            done = subprocess.run(
                command, capture_output=True, text=True, errors="replace", timeout=_LIMIT_S, check=False
            )
        except FileNotFoundError:
            raise NoHistory("git is not installed here, and what changed is read from it.") from None
        if done.returncode:
            said = done.stderr.strip().partition("\n")[0]
            raise NoHistory(f"{self.folder} has no history to compare with. git says: {said}")
        return done.stdout
