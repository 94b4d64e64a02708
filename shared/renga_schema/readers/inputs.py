"""What there is to read: files, folders and archives of migrations, standard input, as texts in the order to apply."""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final, TypeVar

from renga_schema.errors import Unreadable
from renga_schema.model import Origin
from renga_schema.readers.archives import MOST_MEMBERS, UNFOLDED_BYTES, is_archive, unfold
from renga_schema.readers.changelogs import is_changelog, roots
from renga_schema.readers.detect import ENDINGS
from renga_schema.readers.library import Library
from renga_schema.readers.migrations import order, undoes
from renga_schema.readers.source import LIMIT_BYTES
from renga_schema.report import Diagnostic

STDIN: Final = "-"
_NOT_OURS: Final = {"node_modules", "vendor", "__pycache__", "__MACOSX"}
_TREES: Final = frozenset({".xml", ".yaml", ".yml", ".json"})
_HEAD: Final = 20_000
"""Bytes in which a text says what it is."""
_Found = TypeVar("_Found")
_NAMED: Final = 3
"""So many files are named where there are many to name."""


@dataclass(frozen=True, slots=True)
class Input:
    """One text and what its user calls it."""

    name: str
    content: bytes | str
    library: Library | None = None
    """The files that it may refer to."""


@dataclass(slots=True)
class Gathered:
    """The inputs in the order in which they apply, and what was left aside or could not be opened."""

    inputs: list[Input] = field(default_factory=list)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    folder: str | None = None
    """The folder or archive that all of it comes from, as its user calls it."""


Given = str | os.PathLike[str] | Input
"""A path, `-` for standard input, or a text that is already there."""


def gather(given: Given) -> Gathered:
    """What one argument stands for.

    Raises:
        OSError: a file cannot be opened.
        Unreadable: a folder or archive is damaged, too large, or holds nothing that can be read.
    """
    if isinstance(given, Input):
        return _content(given)
    if os.fspath(given) == STDIN:
        return _content(Input("stdin", sys.stdin.buffer.read(LIMIT_BYTES + 1)))
    path = Path(given)
    if not path.is_dir():
        with path.open("rb") as opened:
            content = opened.read(LIMIT_BYTES + 1)
        return _content(Input(str(path), content, Library(on_disk=True)))
    found = dict(_below(path))
    return _chosen(found, path.as_posix(), lambda chosen: _read(found, chosen, path.as_posix()), _begins)


def _content(given: Input) -> Gathered:
    if not isinstance(given.content, bytes) or not is_archive(given.content):
        return Gathered([given])
    members = unfold(given.content, given.name, _wanted)
    return _chosen(
        members, given.name, lambda chosen: {path: members[path] for path in chosen}, lambda content: content
    )


def _wanted(path: PurePosixPath) -> bool:
    return (
        path.suffix.lower() in ENDINGS
        and not any(part.startswith(".") for part in path.parts)
        and not _NOT_OURS.intersection(path.parts)
    )


def _below(root: Path) -> Iterator[tuple[PurePosixPath, Path]]:
    """Every file of a folder that may describe a schema, by its path in there; no links that lead out."""
    real = root.resolve()
    seen = 0
    for folder, folders, files in os.walk(root):
        folders[:] = [each for each in folders if not each.startswith(".") and each not in _NOT_OURS]
        for file in files:
            seen += 1
            if seen > MOST_MEMBERS:
                message = f"This folder holds more than {MOST_MEMBERS} files, which is the limit."
                raise _unreadable("READ-SIZE", str(root), message, "Name the folder of the migrations.")
            path = Path(folder, file)
            relative = PurePosixPath(path.relative_to(root).as_posix())
            if _wanted(relative) and path.is_file() and path.resolve().is_relative_to(real):
                yield relative, path


def _read(found: Mapping[PurePosixPath, Path], chosen: list[PurePosixPath], name: str) -> dict[PurePosixPath, bytes]:
    contents: dict[PurePosixPath, bytes] = {}
    left = UNFOLDED_BYTES
    for path in chosen:
        with found[path].open("rb") as opened:
            contents[path] = opened.read(left + 1)
        left -= len(contents[path])
        if left < 0:
            limit = UNFOLDED_BYTES // (1024 * 1024)
            message = f"The files of this folder come to more than {limit} MiB, which is the limit."
            raise _unreadable("READ-SIZE", name, message, "Leave out the data.")
    return contents


def _begins(path: Path) -> bytes:
    with path.open("rb") as opened:
        return opened.read(_HEAD)


def _chosen(
    found: Mapping[PurePosixPath, _Found],
    name: str,
    read: Callable[[list[PurePosixPath]], Mapping[PurePosixPath, bytes]],
    begins: Callable[[_Found], bytes],
) -> Gathered:
    """Of what a folder holds, what makes its schema: changelogs, the scripts that do something, or the descriptions."""
    paths = sorted(found, key=order)
    changelogs = [path for path in paths if path.suffix.lower() in _TREES and is_changelog(_text(begins(found[path])))]
    if changelogs:
        return _included(read(paths), changelogs, name)
    beside = set(map(str, paths))
    undoing = [path for path in paths if undoes(path, beside)]
    left = [path for path in paths if path not in set(undoing)]
    scripts = [path for path in left if ENDINGS[path.suffix.lower()] == "sql"]
    chosen = scripts or left
    aside = [path for path in left if scripts and path not in set(scripts)]
    if not chosen:
        endings = ", ".join(ENDINGS)
        raise _unreadable("READ-NOTHING", name, f"There is nothing to read in {name}.", f"Files end in {endings}.")
    gathered = Gathered(folder=name)
    if undoing:
        what = "only undoes a migration" if len(undoing) == 1 else "only undo migrations"
        gathered.diagnostics.append(_note(name, undoing, what))
    if aside:
        what = "is left aside, since there is SQL" if len(aside) == 1 else "are left aside, since there is SQL"
        gathered.diagnostics.append(_note(name, aside, what))
    contents = read(chosen)
    gathered.inputs = [Input(f"{name.rstrip('/')}/{path}", contents[path]) for path in chosen]
    return gathered


def _included(contents: Mapping[PurePosixPath, bytes], changelogs: list[PurePosixPath], name: str) -> Gathered:
    """Of a folder with changelogs, those that include the others, which are at hand for them."""
    folder = name.rstrip("/")
    library = Library({f"{folder}/{path}": content for path, content in contents.items()})
    chosen = roots({path: _text(contents[path]) for path in changelogs})
    return Gathered([Input(f"{folder}/{path}", contents[path], library) for path in chosen])


def _text(content: bytes) -> str:
    """Enough of a text to see what it is."""
    return content.decode(errors="replace")


def _note(name: str, paths: list[PurePosixPath], what: str) -> Diagnostic:
    named = ", ".join(str(path) for path in paths[:_NAMED])
    more = f" and {len(paths) - _NAMED} more" if len(paths) > _NAMED else ""
    return Diagnostic(
        severity="info",
        code="READ-SKIPPED",
        message=f"Not read: {named}{more}, which {what}.",
        origin=Origin(line=1, file=f"{name.rstrip('/')}/{paths[0]}"),
        help="Name a file by itself to read it.",
    )


def _unreadable(code: str, name: str, message: str, advice: str) -> Unreadable:
    origin = Origin(line=1, file=name)
    return Unreadable(Diagnostic(severity="error", code=code, message=message, origin=origin, help=advice))
