"""Changelogs in SQL whose comments say what is a changeSet: `--liquibase formatted sql`."""

import re
from collections.abc import Iterator
from typing import Final

from renga_schema.readers.changelogs import is_formatted
from renga_schema.readers.source import Source
from renga_schema.readers.sql.lexicon import Lexicon, trivia_pattern
from renga_schema.readers.xml.account import Account
from renga_schema.readers.xml.tree import Attributes, Element

_MARK: Final = re.compile(
    r"^[ \t]*--[ \t]*(?P<what>changeset|preconditions|precondition-[a-z-]+|property|ignoreLines)\b[: \t]*"
    r"(?P<rest>[^\n]*)$",
    re.IGNORECASE | re.MULTILINE,
)
_REMARK: Final = re.compile(
    r"^[ \t]*--[ \t]*(?:rollback|comment|precondition|property|ignoreLines|validCheckSum|liquibase)\b[^\n]*",
    re.IGNORECASE | re.MULTILINE,
)
_IDENTITY: Final = re.compile(r"""(?P<author>"[^"]*"|'[^']*'|[^:]*):(?P<id>"[^"]*"|'[^']*'|\S+)""")
_ATTRIBUTE: Final = re.compile(r"""(?<!\w)(?P<name>\w++):(?P<value>"[^"]*"|'[^']*'|\S+)""")
_CONDITIONS: Final = {
    "sql-check": ("sqlCheck", {}),
    "table-exists": ("tableExists", {"table": "tableName", "schema": "schemaName"}),
    "view-exists": ("viewExists", {"view": "viewName", "schema": "schemaName"}),
}
_QUOTES: Final = "\"'"


def parse(source: Source, account: Account) -> Element:
    """The changelog that a script is; one without the first line of a changelog is one changeSet."""
    root = Element("databaseChangeLog", None, Attributes({}), 0)
    text = source.text
    if not is_formatted(text):
        change_set = _child(root, "changeSet", 0, {"id": "raw", "author": "includeAll"})
        _sql(change_set, text, 0, len(text))
        return root
    marks = list(_MARK.finditer(text))
    starts = [at for at, mark in enumerate(marks) if mark["what"].lower() == "changeset"]
    first = marks[starts[0]].start() if starts else len(text)
    for mark in marks[: starts[0] if starts else len(marks)]:
        if mark["what"].lower() == "property":
            _child(root, "property", mark.start(), dict(_attributes(mark["rest"])))
    lead = trivia_pattern(Lexicon.of("postgres")).match(text)
    if lead is not None and lead.end() < first:
        message = "This stands before the first changeset, so Liquibase does not run it."
        account.say(
            "READ-CHANGESET", message, lead.end(), help_="Put --changeset author:id above it.", severity="warning"
        )
    for number, at in enumerate(starts):
        end = marks[starts[number + 1]].start() if number + 1 < len(starts) else len(text)
        inside = marks[at + 1 : starts[number + 1] if number + 1 < len(starts) else len(marks)]
        _change_set(root, text, marks[at], inside, end)
    return root


def _change_set(root: Element, text: str, mark: re.Match[str], inside: list[re.Match[str]], end: int) -> None:
    identity = _IDENTITY.match(mark["rest"])
    rest = mark["rest"][identity.end() :] if identity else mark["rest"]
    attributes = dict(_attributes(rest))
    if identity:
        attributes |= {"id": identity["id"].strip(_QUOTES), "author": identity["author"].strip(_QUOTES)}
    delimiters: dict[str, str] = {
        key: attributes.pop(key) for key in ("endDelimiter", "splitStatements") if key in attributes
    }
    change_set = _child(root, "changeSet", mark.start(), attributes)
    conditions: Element | None = None
    ignored: int | None = None
    start = mark.end()
    for each in inside:
        if each.start() < start:
            continue  # among the lines that are ignored
        what, said = each["what"].lower(), dict(_attributes(each["rest"]))
        if what == "preconditions" or (conditions is None and what.startswith("precondition-")):
            conditions = _child(change_set, "preConditions", each.start(), said if what == "preconditions" else {})
        if what.startswith("precondition-"):
            _condition(conditions or change_set, what.removeprefix("precondition-"), each, said)
        elif what == "property":
            _child(root, "property", each.start(), said)
        elif what == "ignorelines" and ignored is None:
            _sql(change_set, text, start, each.start(), delimiters)
            ignored = each.end()
            start = _after_lines(text, each.end(), each["rest"].strip()) if each["rest"].strip().isdecimal() else end
            ignored = None if each["rest"].strip().isdecimal() else ignored
        elif what == "ignorelines":
            ignored, start = None, each.end()
    _sql(change_set, text, start, end, delimiters)


def _after_lines(text: str, at: int, count: str) -> int:
    for _ in range(min(int(count[:6]), 100_000) + 1):
        following = text.find("\n", at)
        if following < 0:
            return len(text)
        at = following + 1
    return at


def _condition(parent: Element, kind: str, mark: re.Match[str], said: dict[str, str]) -> None:
    name, attributes = _CONDITIONS.get(kind, (kind, {}))
    found = {attributes.get(key, key): value for key, value in said.items()}
    element = _child(parent, name, mark.start(), found)
    if name == "sqlCheck":
        match = _ATTRIBUTE.match(mark["rest"].strip())
        element.text = mark["rest"].strip()[match.end() :].strip() if match else mark["rest"]


def _attributes(text: str) -> Iterator[tuple[str, str]]:
    for match in _ATTRIBUTE.finditer(text):
        value = match["value"]
        yield match["name"], value[1:-1] if value[0] in _QUOTES else value


def _child(parent: Element, name: str, offset: int, attributes: dict[str, str]) -> Element:
    element = Element(name, None, Attributes(attributes), offset)
    parent.children.append(element)
    return element


def _sql(change_set: Element, text: str, start: int, end: int, attributes: dict[str, str] | None = None) -> None:
    piece = text[start:end]
    if piece.strip():
        lead = len(piece) - len(piece.lstrip())
        element = _child(change_set, "sql", start + lead, dict(attributes or {}))
        # MySQL would take no `--` for a comment that a letter follows; Liquibase does.
        element.text, element.text_at = _REMARK.sub(lambda match: " " * len(match[0]), piece), start
