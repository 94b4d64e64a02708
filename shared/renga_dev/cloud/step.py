"""What is run, one command at a time, and why."""

from typing import NamedTuple

from renga_dev.command import Command


class Question(NamedTuple):
    """A command that changes nothing, and what it may answer."""

    command: Command
    answer: str
    """Words; their order says nothing. Empty: it prints nothing."""

    def is_answered_by(self, printed: str) -> bool:
        """Whether a command that printed this has answered so."""
        return sorted(printed.split()) == sorted(self.answer.split())

    def __str__(self) -> str:
        printed = f"`{self.answer}`" if self.answer else "nothing"
        return f"{self.command}, which prints {printed}"


class Step(NamedTuple):
    """One command of a plan."""

    command: Command
    why: str
    """What it does, to go on with after "done:", such as `stop the pushes`."""
    go_on: str
    """What to do where it fails."""
    prints: str | None = None
    """The first word that it prints where it did what it is for, empty for none; None: its exit status says so."""
    patience_s: int = 0
    """For how long (seconds) it is asked again until it prints that."""
    unless: tuple[Question, ...] = ()
    """It is left out where all of these are answered so already; empty: never."""

    def __str__(self) -> str:
        """As a shell takes it."""
        return f'until [ -z "$({self.command})" ]; do sleep 10; done' if self.patience_s else str(self.command)

    def comment(self) -> str:
        """What stands above it in a script."""
        lines = [f"# {self.why}"]
        if self.prints:
            lines.append(f"#   has to print {self.prints}")
        lines += [f"#   not where it is so already: {question}" for question in self.unless]
        return "\n".join(lines)
