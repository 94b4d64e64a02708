"""Which settings an element may have, and of what kind their values are. What breaks this is said and read anyway."""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Final

from renga_schema.readers.dbml.elements import Code, Number, Relation, Setting, Text, Value, Words
from renga_schema.readers.findings import Findings

_COLOR = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_CONSTANTS: Final = {"true", "false", "null"}
_CONFLICTS: Final = (("null", "not null"), ("pk", "primary key"))
_REPEATABLE: Final = {"ref", "check"}


class Kind(Enum):
    """What a setting's value has to be; each with its words."""

    FLAG = auto()
    TEXT = auto()
    COLOR = auto()
    CODE = auto()
    NAME = auto()
    RELATION = auto()
    DEFAULT = auto()
    ACTION = auto()
    """Who reads it says what it can be."""
    REFUSED = auto()
    """@dbml does not know it here; what it means is clear."""


_WORDS: Final = {
    Kind.FLAG: "takes no value",
    Kind.TEXT: "is a text in quotes",
    Kind.COLOR: "is a colour such as #3498DB",
    Kind.CODE: "is an expression in backticks",
    Kind.NAME: "is a word without quotes",
    Kind.RELATION: "is a relation and a column, such as > users.id",
    Kind.DEFAULT: "is a number, a text, an expression in backticks, a value of an enum, true, false or null",
    Kind.REFUSED: "is no setting that DBML knows here",
}

TABLE: Final = {"note": Kind.TEXT, "headercolor": Kind.COLOR, "dep": Kind.ACTION}
COLUMN: Final = {
    "pk": Kind.FLAG,
    "primary key": Kind.FLAG,
    "not null": Kind.FLAG,
    "null": Kind.FLAG,
    "unique": Kind.FLAG,
    "increment": Kind.FLAG,
    "default": Kind.DEFAULT,
    "note": Kind.TEXT,
    "check": Kind.CODE,
    "ref": Kind.RELATION,
    "dep": Kind.ACTION,
}
INDEX: Final = {
    "pk": Kind.FLAG,
    "unique": Kind.FLAG,
    "name": Kind.TEXT,
    "type": Kind.NAME,
    "note": Kind.TEXT,
    "primary key": Kind.REFUSED,
}
CHECK: Final = {"name": Kind.TEXT, "note": Kind.REFUSED}
REFERENCE: Final = {"delete": Kind.ACTION, "update": Kind.ACTION, "color": Kind.COLOR, "inactive": Kind.FLAG}
ENUM: Final = {"note": Kind.REFUSED}
VALUE: Final = {"note": Kind.TEXT}
GROUP: Final = {"note": Kind.TEXT, "color": Kind.COLOR}
STICKY: Final = {"color": Kind.COLOR}

_READ: Final = {*COLUMN, *INDEX, "delete", "update"} - {"dep"}
"""What ends up in the model; `dep` and all others go to the ledger."""


def check(
    settings: tuple[Setting, ...], known: Mapping[str, Kind], path: str, findings: Findings, *, custom: bool = False
) -> None:
    """Say what is wrong with the settings of what `path` names, and which the model has no place for.

    Where `custom` is true, somebody's own settings may stand here: a text or a colour each.
    """
    seen: dict[str, Setting] = {}
    for setting in settings:
        key, kind = setting.key, known.get(setting.key)
        if key in seen and key not in _REPEATABLE:
            _say(setting, f"{key} of {path} is set a second time.", path, findings)
        seen.setdefault(key, setting)
        if kind is None:
            _unknown(setting, known, path, findings, custom=custom)
        elif not _is(setting.value, kind):
            _say(setting, f"{key} of {path}: this {_WORDS[kind]}.", path, findings)
        if key not in _READ and (kind is not None or setting.value is not None):
            findings.lose(path, f"setting {key}", "left out", setting.offset)
    for one, other in _CONFLICTS:
        if one in seen and other in seen:
            _say(seen[other], f"{path} is both {one} and {other}; one of them is enough or wrong.", path, findings)


def _unknown(setting: Setting, known: Mapping[str, Kind], path: str, findings: Findings, *, custom: bool) -> None:
    if custom and (_is(setting.value, Kind.TEXT) or _is(setting.value, Kind.COLOR)):
        return
    names = [name for name, kind in known.items() if kind is not Kind.REFUSED]
    advice = findings.did_you_mean(setting.key, names, f"Known here: {', '.join(names)}.")
    _say(setting, f"{setting.key} is no setting of {path}.", path, findings, advice)


def _say(setting: Setting, message: str, path: str, findings: Findings, help_: str | None = None) -> None:
    findings.say("DBML-SETTING", message, setting.offset, object_=path, help_=help_, severity="warning")


def _is(value: Value | None, kind: Kind) -> bool:
    """Whether the value is of that kind."""
    match kind:
        case Kind.FLAG:
            return value is None
        case Kind.TEXT:
            return isinstance(value, Text) or _is_quoted(value)
        case Kind.COLOR:
            return isinstance(value, Number) and bool(_COLOR.fullmatch(value.value))
        case Kind.CODE:
            return isinstance(value, Code)
        case Kind.NAME:
            return isinstance(value, Words)
        case Kind.RELATION:
            return isinstance(value, Relation) and not value.target.is_list
        case Kind.DEFAULT:
            return _is_default(value)
        case Kind.ACTION:
            return True
        case Kind.REFUSED:
            return False


def _is_quoted(value: Value | None) -> bool:
    return isinstance(value, Words) and len(value.path) == 1 and not value.rest and value.path[0].quoted


def _is_default(value: Value | None) -> bool:
    if isinstance(value, Words):
        is_constant = value.text.lower() in _CONSTANTS
        return is_constant or _is_quoted(value) or (len(value.path) in {2, 3} and not value.rest)
    if isinstance(value, Number):
        return not value.value.startswith("#")
    return isinstance(value, Text | Code)
