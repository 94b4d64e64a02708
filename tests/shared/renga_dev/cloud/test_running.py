"""Plans are run: said first, to their end, and no further than they should be."""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from recorded import Recorded
from renga_dev.cloud.programs import Missing, require, wanted
from renga_dev.cloud.running import Interrupted, Runner, Unfinished
from renga_dev.cloud.step import Question, Step
from renga_dev.command import Command, Failed


class Ran:
    """A runner with programs `one`, `two` and `three`, and what it said."""

    def __init__(self, folder: Path) -> None:
        self.programs = Recorded(folder, "one", "two", "three")
        self.said: list[str] = []
        self.runner = Runner(self.said.append, again_s=0.01)

    def stop(self, steps: Sequence[Step]) -> str:
        """Run a plan that does not come to its end; what is said of that."""
        with pytest.raises(Unfinished) as unfinished:
            self.runner.do(steps)
        return str(unfinished.value)


@pytest.fixture
def ran(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ran:
    """Something to run with."""
    found = Ran(tmp_path)
    monkeypatch.setenv("PATH", found.programs.before(os.environ["PATH"]))
    return found


def of(command: str) -> Command:
    """A command."""
    return Command(tuple(command.split()))


def step(command: str, *, prints: str | None = None, patience_s: int = 0, unless: tuple[Question, ...] = ()) -> Step:
    """A step of a plan."""
    name = command.split(maxsplit=1)[0]
    return Step(of(command), f"do {name}", f"Do {name} again.", prints=prints, patience_s=patience_s, unless=unless)


def test_each_command_is_said_before_it_runs(ran: Ran) -> None:
    """As one could paste it, with what it is for above it."""
    ran.runner.do([step("one --to here"), step("two")._replace(command=Command(("two",), {"A": "b c"}))])
    assert ran.said == ["# do one", "one --to here", "# do two", "A='b c' two"]
    assert ran.programs.calls() == ["one --to here", "two "]


def test_a_failure_says_which_what_is_done_and_how_to_go_on(ran: Ran) -> None:
    """Nothing after it is run."""
    ran.programs.answer("two now", "", 3)
    said = ran.stop([step("one"), step("two now"), step("three")])
    assert said == "`two now` ended with status 3.\nDone: do one.\nNot done: do two; do three.\nDo two again."
    assert ran.programs.calls() == ["one ", "two now"]


def test_who_has_to_say_that_it_went_well_and_does_not_has_failed(ran: Ran) -> None:
    """Whatever its exit status; what it printed instead is said."""
    ran.programs.answer("one ", "FAILED quota")
    assert ran.stop([step("one", prints="SUCCEEDED")]).startswith(
        "`one` printed `FAILED\nquota`, where `SUCCEEDED` would be well."
    )
    ran.programs.answer("one ", "SUCCEEDED at last")
    ran.runner.do([step("one", prints="SUCCEEDED")])


def test_what_is_so_already_is_not_done(ran: Ran) -> None:
    """When all questions are answered so; whichever order their words come in."""
    ran.programs.answer("two ", "b a")
    asked = Question(of("two"), "a b")
    ran.runner.do([step("one", unless=(asked,)), step("one", unless=(asked, Question(of("three"), "stopped")))])
    assert ran.programs.calls() == ["two ", "two ", "three ", "one "]
    assert ran.said[:2] == ["two", "# do one: it is so already"]


def test_a_question_that_fails_is_a_failure_of_its_step(ran: Ran) -> None:
    """Who cannot say how things are does not go on as if they were different."""
    ran.programs.answer("two ", "", 1)
    assert ran.stop([step("one", unless=(Question(of("two"), ""),))]).startswith("`two` ended with status 1.")
    assert ran.programs.calls() == ["two "]


def test_what_is_waited_for_is_asked_again(ran: Ran, tmp_path: Path) -> None:
    """Until it prints what it should, or has had its time."""
    asked = tmp_path / "asked"
    program = f"#!/bin/sh\necho >> {asked}\n[ $(wc -l < {asked}) -ge 3 ] || echo eni-1\n"
    (ran.programs.path / "one").write_text(program)
    ran.runner.do([step("one", prints="", patience_s=600)])
    assert asked.read_text() == "\n" * 3
    ran.programs.answer("two ", "eni-1")
    assert "printed `eni-1` after 1 s, where nothing would be well." in ran.stop([step("two", prints="", patience_s=1)])


def test_a_question_by_itself(ran: Ran) -> None:
    """It is said, and its answer is what the program prints; or it fails."""
    ran.programs.answer("one of two", "x y")
    assert ran.runner.ask(of("one of two")) == "x\ny\n"
    ran.programs.answer("one of two", "", 4)
    with pytest.raises(Failed, match="`one of two` ended with status 4"):
        ran.runner.ask(of("one of two"))


@pytest.mark.parametrize("status", [0, 1])
def test_after_ctrl_c_nothing_more_begins(ran: Ran, status: int) -> None:
    """What runs is waited for, and however it ends, that was Ctrl-C's doing."""
    (ran.programs.path / "two").write_text(f"#!/bin/sh\nkill -INT $PPID\nsleep 0.1\nexit {status}\n")
    with pytest.raises(Interrupted, match="Stopped by Ctrl-C") as stopped:
        ran.runner.do([step("one"), step("two"), step("three")])
    assert ("Done: do one; do two." if status == 0 else "Done: do one.") in str(stopped.value)
    assert ran.programs.calls() == ["one "]
    with pytest.raises(KeyboardInterrupt):
        Runner(ran.said.append).ask(of("two"))


def test_programs_that_are_missing_are_named_before_anything_runs(ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each once, with where it is to be had."""
    monkeypatch.setenv("PATH", str(ran.programs.path))
    with pytest.raises(Missing) as missing:
        ran.runner.do([step("one"), step("az aks stop"), step("az login"), step("kubelogin")])
    assert str(missing.value).splitlines() == [
        "Not on the path, so that nothing was run:",
        "  az: https://learn.microsoft.com/cli/azure/install-azure-cli",
        "  kubelogin: https://azure.github.io/kubelogin/install.html",
    ]
    assert ran.programs.calls() == []
    with pytest.raises(Missing, match="gke-gcloud-auth-plugin: gcloud components install"):
        require(wanted("gcp", "up"))
