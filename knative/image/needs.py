"""What requirements on standard input, such as `renga[schema]`, stand for in pyproject.toml: other projects' names.

An image installs these in layers of their own, so that a change of Renga's code changes no layer of packages.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

_OURS = re.compile(r"renga(?:\[(?P<extras>[a-z,-]*)\])?")


def needs(requirements: Iterable[str], project: Mapping[str, Any]) -> Iterator[str]:
    """The requirements behind requirements.

    Args:
        requirements: lines of a function's requirements.txt.
        project: the table `project` of pyproject.toml.

    Raises:
        ValueError: a line is neither empty nor renga with extras that the project has.
    """
    for line in filter(None, map(str.strip, requirements)):
        match = _OURS.fullmatch(line)
        extras = [extra for extra in match["extras"].split(",") if extra] if match and match["extras"] else []
        known = project["optional-dependencies"]
        if match is None or not set(extras) <= known.keys():
            raise ValueError(f"{line!r} is not renga with extras of {', '.join(known)}.")
        yield from project["dependencies"]
        for extra in extras:
            yield from known[extra]


def too_old(version: tuple[int, ...], project: Mapping[str, Any]) -> bool:
    """Whether a Python is older than `requires-python` asks for: pip would not notice, as it does not install Renga."""
    oldest = tuple(map(int, re.findall(r"\d+", project["requires-python"].partition(",")[0])))
    return version < oldest


if __name__ == "__main__":
    pyproject = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    if too_old(sys.version_info[:3], pyproject):
        sys.exit(f"BASE has Python {sys.version.split()[0]}; Renga needs {pyproject['requires-python']}.")
    found = needs(sys.stdin, pyproject)
    sys.stdout.write("\n".join(dict.fromkeys(found)) + "\n")
