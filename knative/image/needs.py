"""What requirements on standard input, such as `renga[schema]`, stand for in pyproject.toml: other projects' names.

An image installs these in layers of their own, so that a change of Renga's code changes no layer of packages.
`needs.py` writes them all; `needs.py LAYERS FOLDER` those of each extra to a file of its own, `FOLDER/1/needs.txt` and
so on, which becomes a layer: images that share an extra share it. What Renga needs itself is in none of them.
"""

import os
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

_OURS = re.compile(r"renga(?:\[(?P<extras>[a-z,-]*)\])?")


def needs(requirements: Iterable[str], project: Mapping[str, Any]) -> Iterator[str]:
    """The requirements behind requirements: Renga's own, then those of the extras.

    Args:
        requirements: lines of a function's requirements.txt.
        project: the table `project` of pyproject.toml.

    Raises:
        ValueError: a line is neither empty nor renga with extras that the project has.
    """
    yield from project["dependencies"]
    yield from chain.from_iterable(by_extra(requirements, project).values())


def by_extra(requirements: Iterable[str], project: Mapping[str, Any]) -> dict[str, list[str]]:
    """What each extra needs that no other brings, by name; an extra that another one asks for comes before it.

    Args:
        requirements: as `needs` takes them.
        project: likewise.

    Raises:
        ValueError: as `needs` does.
    """
    found: dict[str, list[str]] = {}
    known = project["optional-dependencies"]
    for line in filter(None, map(str.strip, requirements)):
        match = _OURS.fullmatch(line)
        extras = [extra for extra in match["extras"].split(",") if extra] if match and match["extras"] else []
        if match is None or not set(extras) <= known.keys():
            raise ValueError(f"{line!r} is not renga with extras of {', '.join(known)}.")
        for extra in extras:
            ours = [each for each in known[extra] if _OURS.fullmatch(each)]
            found |= by_extra(ours, project)
            found[extra] = [each for each in known[extra] if each not in ours]
    return found


def write(layers: list[list[str]], most: int, folder: Path) -> None:
    """Write what goes into each layer, in folders `1` to `most`; the files that nothing is left for are empty.

    Raises:
        ValueError: there are more layers than that.
    """
    if len(layers) > most:
        raise ValueError(
            f"These are {len(layers)} extras, and images have layers for {most}: the Dockerfile wants one more."
        )
    for number, layer in enumerate((layers + most * [[]])[:most], 1):
        file = folder / str(number) / "needs.txt"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("".join(f"{need}\n" for need in layer), encoding="utf-8")
        # With another time the same file would be another one, and the layer that is made of it made again.
        for path in (file, file.parent):
            os.utime(path, (0, 0))


def too_old(version: tuple[int, ...], project: Mapping[str, Any]) -> bool:
    """Whether a Python is older than `requires-python` asks for: pip would not notice, as it does not install Renga."""
    oldest = tuple(map(int, re.findall(r"\d+", project["requires-python"].partition(",")[0])))
    return version < oldest


if __name__ == "__main__":
    pyproject = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    if too_old(sys.version_info[:3], pyproject):
        sys.exit(f"BASE has Python {sys.version.split()[0]}; Renga needs {pyproject['requires-python']}.")
    match sys.argv[1:]:
        case [most, folder]:
            write(list(by_extra(sys.stdin, pyproject).values()), int(most), Path(folder))
        case _:
            sys.stdout.write("".join(f"{need}\n" for need in dict.fromkeys(needs(sys.stdin, pyproject))))
