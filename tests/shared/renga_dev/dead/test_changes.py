"""What changed in a function since a moment, from real repositories."""

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from folders import lay_out
from renga_dev.dead.changes import NoHistory, changes

THEN = datetime(2026, 1, 1, 12, tzinfo=UTC)


def commit(project: Path, subject: str, when: datetime, **files: str) -> None:
    """Write files, double underscores for slashes, and commit them at a time."""
    lay_out(project, {f"{name.replace('__', '/')}.py": text for name, text in files.items()})
    dates = {f"GIT_{role}_DATE": when.isoformat() for role in ("AUTHOR", "COMMITTER")}
    who = {f"GIT_{role}_{what}": "test" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-q", "-m", subject]):
        subprocess.run(["git", *arguments], cwd=project, env={**os.environ, **dates, **who}, check=True)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A function and a library, committed an hour before."""
    files = {
        "functions__a__b__main": "from lib.part import one\n",
        "functions__a__c__main": "one\n",
        "shared__lib__part": "one\n",
        "shared__other__part": "one\n",
    }
    commit(tmp_path, "Begin", THEN - timedelta(hours=1), **files)
    return tmp_path


def test_nothing(project: Path) -> None:
    """A change of another function is none, nor one of a package that it does not import."""
    commit(project, "Elsewhere", THEN + timedelta(hours=1), functions__a__c__main="two\n", shared__other__part="two\n")
    found = changes(project, "a/b", THEN)
    assert (found.any, found.commits, found.diff, found.shared) == (False, (), "", "")


def test_everything(project: Path) -> None:
    """Commits with their subjects, the diff up to the file as it is, what git does not know, and a line of the rest."""
    commit(
        project, "Mend it", THEN + timedelta(hours=1), functions__a__b__main="import lib\n", shared__lib__part="two\n"
    )
    (project / "functions/a/b/main.py").write_text("import lib  # mended\n")
    (project / "functions/a/b/more.py").write_text("new\n")
    found = changes(project, "a/b", THEN)
    assert found.any
    assert [line.partition(" ")[2] for line in found.commits] == ["Mend it"]
    assert [line for line in found.diff.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}] == [
        "-from lib.part import one",
        "+import lib  # mended",
    ]
    assert found.new_files == ("functions/a/b/more.py",)
    assert (found.shared_commits, "shared/lib/part.py" in found.shared) == (1, True)


def test_at_the_same_time(project: Path) -> None:
    """What was committed before is not told, to the second."""
    commit(project, "Before", THEN - timedelta(seconds=1), functions__a__b__main="two\n")
    assert not changes(project, "a/b", THEN).any


def test_before_the_history(project: Path) -> None:
    """There is nothing to compare with, and that is said."""
    with pytest.raises(NoHistory, match="begins after 2025-01-01T00:00:00"):
        changes(project, "a/b", datetime(2025, 1, 1, tzinfo=UTC))


def test_no_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Git's own reason is told."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with pytest.raises(NoHistory, match="not a git repository"):
        changes(tmp_path, "a/b", THEN)


def test_no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """That it is not installed is told."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoHistory, match="git is not installed"):
        changes(tmp_path, "a/b", THEN)
