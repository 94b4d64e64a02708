"""Commands of other programs."""

from pathlib import Path

import pytest

from renga_dev.command import Command, Failed, missing, read


def test_a_command_is_what_is_run(tmp_path: Path) -> None:
    """With its variables, in the folder; a status that is not fine is told with what was said."""
    command = Command(("sh", "-c", "echo $WHAT; echo no luck >&2; exit 3"), {"WHAT": "a b"})
    assert str(command) == "WHAT='a b' sh -c 'echo $WHAT; echo no luck >&2; exit 3'"
    assert read(command, tmp_path, fine=(3,)) == "a b\n"
    with pytest.raises(Failed, match=r"ended with status 3\.\nno luck"):
        read(command, tmp_path)


def test_who_ended_a_command_is_told(tmp_path: Path) -> None:
    """A signal by its name; a status that is not fine may be 0."""
    with pytest.raises(Failed, match=r"was ended by SIGKILL\.$"):
        read(Command(("sh", "-c", "kill -KILL $$")), tmp_path)
    with pytest.raises(Failed, match=r"`true` ended with status 0\.$"):
        read(Command(("true",)), tmp_path, fine=(1,))


def test_programs_that_are_missing_are_named_once() -> None:
    """In the order in which they are wanted."""
    assert missing(["no-such", "sh", "an-other", "no-such"]) == ["no-such", "an-other"]
