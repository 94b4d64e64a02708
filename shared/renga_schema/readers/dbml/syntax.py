"""What the grammar makes of DBML's blocks: definitions, with the offset of each part in the whole text."""

import re
from pathlib import Path
from typing import Any, Final

from lark import Token, Transformer

from renga_schema.readers.dbml.elements import (
    Check,
    Code,
    Column,
    Definition,
    Endpoint,
    Enum,
    EnumValue,
    Group,
    Index,
    Injection,
    Link,
    Member,
    Name,
    Note,
    Number,
    Path_,
    Project,
    Records,
    Reference,
    Relation,
    Setting,
    Sticky,
    Table,
    Text,
    Type,
    Words,
)
from renga_schema.readers.grammar import Block, Grammar, Lexis, Malformed, split

_STARTS: Final = {
    "table": "table",
    "tablepartial": "table",
    "enum": "enum",
    "project": "project",
    "ref": "ref",
    "tablegroup": "group",
    "note": "sticky",
}
NOTED: Final = ("records", "diagramview", "dep", "metadata")
"""What a diagram or a page shows, and no database has; it is not parsed."""
IMPORTS: Final = ("use", "reuse")
KEYWORDS: Final = (*_STARTS, *NOTED, *IMPORTS)
_LEXIS: Final = Lexis(
    skipped=r"'''(?:\\.|[^\\])*?(?:'''|\Z)|'(?:\\.|[^'\\\n])*'?|\"(?:\\.|[^\"\\\n])*\"?|`[^`]*(?:`|\Z)",
    header=re.compile(
        r"(?<![^\n])(?:table|tablepartial|tablegroup|enum|project|ref)\b[^\n]*\{[ \t\r]*(?://[^\n]*)?(?=\n|\Z)",
        re.IGNORECASE,
    ),
    goes_on_below=re.compile(r"\s*[{?<>-]"),
    goes_on_after=":<>-?.",
    has_tail=frozenset(IMPORTS),
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(\r?\n|.))", re.DOTALL)
_NUMBER = re.compile(r"([-+ \t]*)(.*)")
_ESCAPED: Final = {
    "n": "\n", "t": "\t", "r": "\r", "b": "\b", "v": "\v", "f": "\f", "0": "\0", "\n": "", "\r\n": "", " ": "\\ ",
}  # fmt: skip


class _Syntax(Transformer[Token, Any]):
    """Makes definitions."""

    def path(self, parts: list[Any]) -> list[Name]:
        """One list that grows: a path of many names is read name by name."""
        *before, last = parts
        path: list[Name] = before[0] if before else []
        path.append(_name(last))
        return path

    def text(self, parts: list[Token]) -> Text:
        return Text(_unquoted(parts[0]))

    def code(self, parts: list[Token]) -> Code:
        return _code(parts[0])

    said = text

    def number(self, parts: list[Token]) -> Number:
        signs, digits = _NUMBER.fullmatch(parts[0]).groups()  # type: ignore[union-attr]  # the terminal's own pattern
        return Number(("-" if signs.count("-") % 2 else "") + digits)

    def color(self, parts: list[Token]) -> Number:
        return Number(str(parts[0]))

    def words(self, parts: list[Any]) -> Words:
        return Words(tuple(parts[0]), tuple(_name(part) for part in parts[1:]))

    def endpoint(self, parts: list[Any]) -> Endpoint:
        path, columns = tuple(parts[0]), parts[1:]
        if columns:
            return Endpoint(path, tuple(_name(column).text for column in columns), path[0].offset, is_list=True)
        return Endpoint(path[:-1], (path[-1].text,), path[0].offset)

    def relation(self, parts: list[Any]) -> Relation:
        return Relation(str(parts[0]), parts[1])

    def link(self, parts: list[Any]) -> Link:
        left, operator, right, *settings = parts
        return Link(left, str(operator), right, settings[0] if settings else ())

    def setting(self, parts: list[Any]) -> Setting:
        words = [part for part in parts if isinstance(part, Token)]
        value = None if isinstance(parts[-1], Token) else parts[-1]
        return Setting(" ".join(_name(word).text for word in words).lower(), value, _at(words[0]))

    def settings(self, parts: list[Setting]) -> tuple[Setting, ...]:
        return tuple(parts)

    def arguments(self, parts: list[Token]) -> str:
        return f"({','.join(parts)})"

    def type(self, parts: list[Any]) -> Type:
        path, rest = tuple(parts[0]), parts[1:]
        return Type(path, ".".join(name.text for name in path) + "".join(rest))

    def column(self, parts: list[Any]) -> Column:
        name, type_, *rest = parts
        lists = [part for part in rest if isinstance(part, tuple)]
        inline = tuple(Setting(part.lower(), None, _at(part)) for part in rest if isinstance(part, Token))
        again = next((some[0].offset for some in lists[1:] if some), None)
        return Column(_name(name), type_, (*inline, *(each for some in lists for each in some)), again)

    def injection(self, parts: list[Token]) -> Injection:
        return Injection(_name(parts[0]))

    def index(self, parts: list[Any]) -> Index:
        keys = [part for part in parts if isinstance(part, Token)]
        settings = parts[-1] if isinstance(parts[-1], tuple) else ()
        return Index(tuple(_code(key) if key.type == "CODE" else _name(key) for key in keys), settings)

    def check(self, parts: list[Any]) -> Check:
        return Check(_code(parts[0]), parts[1] if len(parts) > 1 else ())

    def indexes(self, parts: list[Any]) -> list[Any]:
        return parts[1:]

    checks = indexes

    def note(self, parts: list[Any]) -> Note:
        return Note(parts[1].value, _at(parts[0]))

    def records(self, parts: list[Token]) -> Records:
        return Records(_at(parts[0]))

    def table(self, parts: list[Any]) -> Table:
        _, path, *rest = parts
        alias = [_name(part) for part in rest if isinstance(part, Token)]
        if alias and alias[0].text.lower() != "as":
            raise Malformed(alias[0].offset, f"{alias[0].text!r} is not expected here; expected `as` or `{{`.")
        members: list[Member] = []
        for part in rest:
            if isinstance(part, list):
                members += part
            elif not isinstance(part, Token | tuple):
                members.append(part)
        settings = next((part for part in rest if isinstance(part, tuple)), ())
        return Table(tuple(path), alias[1].text if alias else None, settings, tuple(members))

    def enum_value(self, parts: list[Any]) -> EnumValue:
        written = parts[0]
        settings = parts[1] if len(parts) > 1 else ()
        return EnumValue(_unquoted(written), settings, _at(written), written.type in {"WORD", "QUOTED"})

    def enum(self, parts: list[Any]) -> Enum:
        settings = next((part for part in parts[2:] if isinstance(part, tuple)), ())
        values = tuple(part for part in parts if isinstance(part, EnumValue))
        return Enum(tuple(parts[1]), values, settings, tuple(part for part in parts if isinstance(part, Note)))

    def entry(self, parts: list[Any]) -> Setting:
        return Setting(_name(parts[0]).text.lower(), parts[1], _at(parts[0]))

    def project(self, parts: list[Any]) -> Project:
        names = [_name(part).text for part in parts[1:] if isinstance(part, Token)]
        notes = tuple(part for part in parts if isinstance(part, Note))
        entries = tuple(part for part in parts if isinstance(part, Setting))
        return Project(names[0] if names else "project", entries, notes)

    def group_member(self, parts: list[list[Name]]) -> list[Path_]:
        return [tuple(parts[0])]

    def group(self, parts: list[Any]) -> Group:
        names = [_name(part).text for part in parts[1:] if isinstance(part, Token)]
        settings = next((part for part in parts if isinstance(part, tuple)), ())
        return Group(names[0] if names else None, settings, tuple(part[0] for part in parts if isinstance(part, list)))

    def sticky(self, parts: list[Any]) -> Sticky:
        names = [_name(part).text for part in parts[1:] if isinstance(part, Token)]
        settings = next((part for part in parts if isinstance(part, tuple)), ())
        texts = tuple(part for part in parts if isinstance(part, Text))
        return Sticky(names[0] if names else None, settings, texts)

    def ref(self, parts: list[Any]) -> Reference:
        names = [_name(part).text for part in parts[1:] if isinstance(part, Token)]
        settings = next((part for part in parts if isinstance(part, tuple)), ())
        links = tuple(part for part in parts if isinstance(part, Link))
        return Reference(names[0] if names else None, settings, links, _at(parts[0]))


def _at(token: Token) -> int:
    return token.start_pos or 0


def _name(token: Token) -> Name:
    return Name(_unquoted(token), _at(token), token.startswith('"'))


def _code(token: Token) -> Code:
    return Code(token[1:-1].strip(), _at(token))


def _unquoted(token: str) -> str:
    if token.startswith("'''"):
        return _dedented(_ESCAPE.sub(_meant, token[3:-3]))
    if token[0] in "'\"":
        return _ESCAPE.sub(_meant, token[1:-1])
    return str(token)


def _meant(escape: re.Match[str]) -> str:
    return chr(int(escape[1], 16)) if escape[1] else _ESCAPED.get(escape[2], escape[2])


def _dedented(text: str) -> str:
    """A block of lines without the indentation that all of them have, and without empty first and last lines."""
    lines = text.replace("\r\n", "\n").split("\n")
    depths = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    depth = min(depths, default=0)
    while lines and not lines[0].strip():
        lines.pop(0)
    while lines and not lines[-1].strip():
        lines.pop()
    return "\n".join(line[depth:] for line in lines)


_GRAMMAR: Final = Grammar(Path(__file__).with_name("dbml.lark"), _STARTS, _Syntax())


def blocks(text: str) -> list[Block]:
    """The blocks of a text."""
    return list(split(text, _LEXIS))


def parse(text: str, block: Block) -> Definition:
    """Parse a block that is neither noted nor an import.

    Raises:
        Malformed: it does not follow the grammar.
    """
    parsed: Definition = _GRAMMAR.parse(text, block)
    return parsed
