"""The habits of migration tools: in which order files run, which of them only undo, and which half of a file does.

The names are those of Flyway (`V2__x.sql`, `U2__x.sql`, `R__x.sql`), golang-migrate (`2_x.up.sql`, `2_x.down.sql`),
Diesel (`2024-01-01_x/up.sql`), Prisma (`20240101_x/migration.sql`), Sqitch (`deploy/`, `revert/`, `verify/`), yoyo
(`x.rollback.sql`) and of plain numbered files; the marks are those of dbmate, goose, sql-migrate, rambler,
node-pg-migrate, Play's evolutions, shmig, MyBatis and tern.
"""

import re
from pathlib import PurePosixPath
from typing import Final

_VERSION: Final = re.compile(r"(?:v|b(?=[\d._]+__))?(?P<numbers>\d+(?:[._-]\d+)*)(?=[_\-. ]|$)", re.IGNORECASE)
_CHUNK: Final = re.compile(r"(\d+)|(\D+)")
_UNDO: Final = re.compile(r"(?:.*\.(?:down|undo|rollback)|down|u\d[\d._]*__.*)\.\w+", re.IGNORECASE)
_PAIRED: Final = re.compile(r"(?P<stem>.*[_-])down(?P<ending>\.\w+)", re.IGNORECASE)
_MARK: Final = re.compile(
    r"""^[ \t]*(?:
        (?:--|\#)[ \t]*(?:\+[ \t]*(?:goose|migrate)[ \t]+|migrate:|rambler[ \t]+|-*[ \t]*!)
            (?:(?P<up>up)|(?P<down>down))s?\b
        |--[ \t]*=*[ \t]*(?:(?P<plain_up>up)|(?P<plain_down>down))(?:[ \t]+migration)?[ \t]*[=-]*[ \t]*\r?$
        |(?P<below>--[ \t]*//[ \t]*@undo\b|----[ \t]*create[ ]above[ \t]*/[ \t]*drop[ ]below)
    )""",
    re.IGNORECASE | re.MULTILINE | re.VERBOSE,
)
"""A line that says that the way forward begins, or the way back; a plain `-- Down` does beside a plain `-- Up`."""
_WORDS: Final = ("down", "@undo", "drop below")

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
    """Whether a file only undoes what another does, or tests it; `beside` are the paths of all files of the folder."""
    if _UNDO.fullmatch(path.name):
        return True
    for at, part in enumerate(path.parts[:-1]):
        deployed = PurePosixPath(*path.parts[:at], "deploy", *path.parts[at + 1 :])
        if part in {"revert", "verify"} and str(deployed) in beside:
            return True
    match = _PAIRED.fullmatch(path.name)
    return match is not None and str(path.with_name(f"{match['stem']}up{match['ending']}")) in beside


def without_undoing(script: str) -> str:
    """The script with every section that is marked as the way back left blank; places stay what they were."""
    lower = script.lower()
    if not any(word in lower for word in _WORDS):
        return script
    marks = list(_MARK.finditer(script))
    plain = any(mark["plain_up"] for mark in marks)
    pieces, at, back = [], 0, False
    for mark in marks:
        if (mark["plain_up"] or mark["plain_down"]) and not plain:
            continue
        piece = script[at : mark.start()]
        pieces.append("\n" * piece.count("\n") if back else piece)
        at, back = mark.start(), not (mark["up"] or mark["plain_up"])
    rest = script[at:]
    return "".join([*pieces, "\n" * rest.count("\n") if back else rest])
