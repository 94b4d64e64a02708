"""Where the project is that a command works on, and what functions it has."""

from pathlib import Path


def root(folder: Path | None = None) -> Path | None:
    """The nearest folder that holds `functions/`, from the current one upwards; None where there is none."""
    start = (folder or Path.cwd()).resolve()
    return next((candidate for candidate in (start, *start.parents) if (candidate / "functions").is_dir()), None)


def functions(project: Path) -> list[str]:
    """The functions of a project by name: `schema/parse`."""
    return sorted(f"{main.parent.parent.name}/{main.parent.name}" for main in project.glob("functions/*/*/main.py"))
