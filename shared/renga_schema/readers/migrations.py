"""The habits of migration tools: in which order files run, which of them only undo, and which half of a file does.

The names are those of Flyway (`V2__x.sql`, `U2__x.sql`, `R__x.sql`), golang-migrate (`2_x.up.sql`, `2_x.down.sql`),
Diesel (`2024-01-01_x/up.sql`), Prisma (`20240101_x/migration.sql`) and of plain numbered files; the marks are those of
dbmate, goose, sql-migrate and rambler.
"""

import re
from pathlib import PurePosixPath
from typing import Final

_VERSION: Final = re.compile(r"(?:v|b(?=[\d._]+__))?(?P<numbers>\d+(?:[._-]\d+)*)(?=[_\-. ]|$)", re.IGNORECASE)
_CHUNK: Final = re.compile(r"(\d+)|(\D+)")
_UNDO: Final = re.compile(r"(?:.*\.(?:down|undo|rollback)|down|u\d[\d._]*__.*)\.\w+", re.IGNORECASE)
_PAIRED: Final = re.compile(r"(?P<stem>.*[_-])down(?P<ending>\.\w+)", re.IGNORECASE)
_MARK: Final = r"^[ \t]*--[ \t]*(?:\+[ \t]*(?:goose|migrate)[ \t]+|migrate:|rambler[ \t]+)"
_DOWN: Final = re.compile(rf"{_MARK}down\b.*?(?={_MARK}up\b|\Z)", re.IGNORECASE | re.MULTILINE | re.DOTALL)

_Chunks = tuple[tuple[int, str], ...]
_Part = tuple[int, tuple[int, ...], _Chunks]

_VERSIONED, _UNVERSIONED, _REPEATABLE = range(3)


def order(path: PurePosixPath) -> tuple[_Part, ...]:
    """What to sort files by, given their paths within the folder: versions as numbers, then names, repeatables last."""
    return tuple(_part(part) for part in path.parts)


def _part(name: str) -> _Part:
    match = _VERSION.match(name)
    if match is not None:
        numbers = tuple(int(number) for number in re.split(r"[._-]", match["numbers"]))
        return _VERSIONED, numbers, _chunks(name[match.end() :])
    return (_REPEATABLE if name.lower().startswith("r__") else _UNVERSIONED), (), _chunks(name)


def _chunks(name: str) -> _Chunks:
    """Digits as numbers, so that `t9` comes before `t10`."""
    return tuple((int(digits), "") if digits else (-1, text.lower()) for digits, text in _CHUNK.findall(name))


def undoes(path: PurePosixPath, beside: set[str]) -> bool:
    """Whether a file only undoes what another does; `beside` are the paths of all files of the folder."""
    if _UNDO.fullmatch(path.name):
        return True
    match = _PAIRED.fullmatch(path.name)
    return match is not None and str(path.with_name(f"{match['stem']}up{match['ending']}")) in beside


def without_undoing(script: str) -> str:
    """The script with every section that is marked as the way back left blank; places stay what they were."""
    return _DOWN.sub(lambda section: "\n" * section[0].count("\n"), script) if "down" in script.lower() else script
