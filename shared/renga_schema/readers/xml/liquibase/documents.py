"""The files of a changelog: each read once, in whichever notation it is, with its own account of what is in it."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from renga_schema.errors import Unreadable
from renga_schema.readers.changelogs import is_changelog, is_formatted
from renga_schema.readers.library import Library
from renga_schema.readers.source import Source, check_characters, decode
from renga_schema.readers.xml import tree
from renga_schema.readers.xml.account import Account
from renga_schema.readers.xml.liquibase import formatted, notation
from renga_schema.readers.xml.tree import Element, unreadable

READABLE: Final = frozenset({".xml", ".yaml", ".yml", ".json", ".sql"})
"""Endings of what `includeAll` takes."""
_TREES: Final = frozenset({".yaml", ".yml", ".json"})
_ROOT: Final = "databaseChangeLog"


@dataclass(slots=True)
class Changelog:
    """One file."""

    account: Account
    root: Element

    @property
    def name(self) -> str | None:
        """What its user calls it."""
        return self.account.source.file


class Documents:
    """All files of a changelog."""

    def __init__(self, library: Library | None) -> None:
        self.library = library or Library()
        self._opened: dict[str, Changelog] = {}

    def parse(self, source: Source) -> Changelog:
        """A changelog in a text.

        Raises:
            Unreadable: it is none.
        """
        account = Account(source)
        start = source.text.lstrip()[:1]
        ending = PurePosixPath(source.file or "").suffix.lower()
        if start == "<":
            root = tree.parse(source)
            if root.name != _ROOT:
                message = f"This is no changelog, but an element called {root.name}."
                raise unreadable(source, root.offset, message, f"The root of a changelog is {_ROOT}.")
            return Changelog(account, root)
        is_script = is_formatted(source.text) or (ending not in _TREES and not is_changelog(source.text))
        return Changelog(account, formatted.parse(source, account) if is_script else notation.parse(source))

    def open(self, name: str) -> Changelog:
        """A changelog by the name that the library has for it.

        Raises:
            Unreadable: it is none.
            OSError: the file is gone.
        """
        if name not in self._opened:
            self._opened[name] = self.parse(self.text(name))
        return self._opened[name]

    def text(self, name: str) -> Source:
        """A file of any kind.

        Raises:
            Unreadable: it is no text.
            OSError: the file is gone.
        """
        content = self.library.read(name)
        source = decode(content, name)
        if isinstance(content, str):
            check_characters(source)
        return source

    def find(self, element: Element, attribute: str, beside: str | None) -> str | None:
        """The name of the file that an attribute means, where the library has it."""
        relative = element.attributes.get("relativeToChangelogFile", "").strip().lower() == "true"
        return self.library.find(element.attributes.get(attribute, ""), beside, relative=relative)

    def included(self, element: Element, beside: str | None) -> list[str]:
        """The names of the files that an `include` or `includeAll` means, in the order in which they apply."""
        if element.name == "include":
            found = self.find(element, "file", beside)
            return [found] if found is not None else []
        attributes = element.attributes
        relative = attributes.get("relativeToChangelogFile", "").strip().lower() == "true"
        path = attributes.get("path", "")
        ending = attributes.get("endsWithFilter", "")
        depths = [attributes.get(name, "").strip() for name in ("minDepth", "maxDepth")]
        least, most = (int(depth) if depth.isdecimal() and len(depth) < 9 else None for depth in depths)
        names = [
            name
            for name in self.library.below(path, beside, relative=relative)
            if PurePosixPath(name).suffix.lower() in READABLE and name.endswith(ending) and name != beside
        ]
        if names and (least is not None or most is not None):
            top = min(len(PurePosixPath(name).parts) for name in names)
            names = [
                name
                for name in names
                if (least or 0) <= len(PurePosixPath(name).parts) - top + 1 <= (most if most is not None else 1_000)
            ]
        return sorted(names)

    def all(self, first: list[Changelog]) -> list[Changelog]:
        """The changelogs and what they include, as far as it can be opened without knowing their properties."""
        found, waiting = list(first), list(first)
        seen = {each.name for each in first}
        while waiting:
            changelog = waiting.pop()
            for child in changelog.root.children:
                if child.name not in {"include", "includeAll"}:
                    continue
                for name in self.included(child, changelog.name):
                    if name in seen:
                        continue
                    seen.add(name)
                    try:
                        opened = self.open(name)
                    except (Unreadable, OSError):
                        continue  # it is complained of where it is included
                    found.append(opened)
                    waiting.append(opened)
        return found
