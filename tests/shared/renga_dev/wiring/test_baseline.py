"""Schemas are compared with those of a commit, or with the disk where there is no git."""

import subprocess
from pathlib import Path

import pytest

from renga_dev.wiring.baseline import Baseline, UnknownCommit


def git(root: Path, *arguments: str) -> None:
    """Run git as nobody in particular."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", root, *who, *arguments], check=True, capture_output=True)


def test_the_committed_file_counts_not_the_one_on_disk(tmp_path: Path) -> None:
    """A change that is not committed does not become its own baseline; that of a subfolder is found as well."""
    project = tmp_path / "project"
    project.mkdir()
    git(tmp_path, "init", "-q")
    (project / "a.json").write_text("committed")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-q", "-m", "a")
    (project / "a.json").write_text("changed")
    (project / "b.json").write_text("new")
    baseline = Baseline(project, "HEAD")
    assert baseline.read("a.json") == "committed"
    assert baseline.read("b.json") is None


def test_another_commit_can_be_named(tmp_path: Path) -> None:
    """A branch is compared with what it began from."""
    git(tmp_path, "init", "-q")
    for text in ("first", "second"):
        (tmp_path / "a.json").write_text(text)
        git(tmp_path, "add", ".")
        git(tmp_path, "commit", "-q", "-m", text)
    assert Baseline(tmp_path, "HEAD~1").read("a.json") == "first"
    with pytest.raises(UnknownCommit, match="There is no commit 'nowhere'"):
        Baseline(tmp_path, "nowhere")


def test_without_git_the_disk_counts(tmp_path: Path) -> None:
    """A project that is no repository, or has no commit, is compared with its files."""
    (tmp_path / "a.json").write_text("on disk")
    assert Baseline(tmp_path, "HEAD").read("a.json") == "on disk"
    assert Baseline(tmp_path, "HEAD").read("b.json") is None
