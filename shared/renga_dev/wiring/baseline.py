"""The files of a commit, to compare with; the files on disk where there is no git."""

import subprocess
from pathlib import Path


class UnknownCommit(ValueError):  # noqa: N818 - says what is the case
    """The commit to compare with does not exist here."""


class Baseline:
    """What a project held at a commit.

    Args:
        root: the project's root.
        commit: `HEAD`, a branch, a tag or a commit's name.

    Raises:
        UnknownCommit: there is no such commit, and another than HEAD was asked for.
    """

    def __init__(self, root: Path, commit: str) -> None:
        self._root = root
        self._commit = commit if self._git("rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}") else None
        if self._commit is None and commit != "HEAD":
            raise UnknownCommit(f"There is no commit {commit!r} in {root}: fetch it, or name another with --against.")

    def read(self, path: str) -> str | None:
        """A file's text at that commit, or None where it had no such file."""
        if self._commit is not None:
            return self._git("show", f"{self._commit}:./{path}")
        file = self._root / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def _git(self, *arguments: str) -> str | None:
        try:
            done = subprocess.run(["git", "-C", self._root, *arguments], capture_output=True, check=False)
        except FileNotFoundError:
            return None
        return done.stdout.decode() if done.returncode == 0 else None
