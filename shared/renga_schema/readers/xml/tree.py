"""XML as elements that know their places.

A document type, and with it every entity, is refused: no schema needs one, and bombs and foreign files come that way.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final, overload
from xml.sax import SAXException, SAXParseException
from xml.sax.handler import ContentHandler, feature_namespaces

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from renga_schema.errors import Unreadable
from renga_schema.readers.source import Source
from renga_schema.report import Diagnostic

DEEPEST: Final = 40
"""Levels of nesting; a schema needs about eight."""

_NEW_LINE: Final = re.compile(r"\r\n|\r|\n")  # as the parser counts them
_START_TAG: Final = re.compile(r"<[^\"'>]*+(?:(?:\"[^\"]*+\"|'[^']*+')[^\"'>]*+)*+>")
_LEAD: Final = re.compile(r"\s*+(?:<!\[CDATA\[\s*+)?")


class Attributes:
    """The attributes of an element, and which of them no rule has asked for, so that those can be accounted for."""

    def __init__(self, found: dict[str, str]) -> None:
        self._found = found
        self.unasked = set(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __getitem__(self, name: str) -> str:
        self.unasked.discard(name)
        return self._found[name]

    def __setitem__(self, name: str, value: str) -> None:
        self._found[name] = value

    def add(self, name: str, value: str) -> None:
        """Add an attribute that is yet to be asked for."""
        self._found[name] = value
        self.unasked.add(name)

    def __contains__(self, name: str) -> bool:
        return name in self._found

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        """The value of an attribute, or `default`."""
        self.unasked.discard(name)
        return self._found.get(name, default)

    def items(self) -> list[tuple[str, str]]:
        """All of them, asked for or not."""
        return list(self._found.items())


@dataclass(slots=True)
class Element:
    """An element: what it is called, what it says, and where its tag opens."""

    name: str
    """Without the prefix of its namespace."""
    namespace: str | None
    attributes: Attributes
    """Those of no namespace: what `xsi:` and `xml:` attributes say is about the document."""
    offset: int
    """Characters before it in the text."""
    children: list["Element"] = field(default_factory=list)
    text: str = ""
    """The character data directly inside, as one."""
    text_at: int | None = None
    """Where that begins, if it is known, and as long as it is what the document writes, character for character."""

    def all(self, name: str) -> Iterator["Element"]:
        """The children of that name."""
        return (child for child in self.children if child.name == name)

    def first(self, name: str) -> "Element | None":
        """The first child of that name."""
        return next(self.all(name), None)


def parse(source: Source) -> Element:
    """The root element of the text.

    Raises:
        Unreadable: it is not XML, declares a document type, or is nested too deep.
    """
    parser = DefusedExpatParser(forbid_dtd=True)
    parser.setFeature(feature_namespaces, True)
    content = _Content(source, parser)
    parser.setContentHandler(content)
    try:
        parser.feed(source.text)
        parser.close()
    except DefusedXmlException as error:
        raise unreadable(
            source,
            content.offset(),
            "This declares a document type (DTD), which is not read: entities can hide bombs and foreign files.",
            "Remove <!DOCTYPE ...> and write out what its entities stand for.",
        ) from error
    except SAXParseException as error:
        offset = content.offset_of(error.getLineNumber() or 1, error.getColumnNumber() or 0)
        raise unreadable(source, offset, f"This is not XML: {error.getMessage()}.", "Correct the line.") from error
    except SAXException as error:
        raise unreadable(source, content.offset(), f"This is not XML: {error}.", "Correct the line.") from error
    return content.root


def content_offset(source: Source, element: Element) -> int | None:
    """Where an element's text begins, past white space and CDATA's mark; None where it is not written as it reads."""
    if element.text_at is not None:
        return element.text_at + len(element.text) - len(element.text.lstrip())
    if not source.text.startswith("<", element.offset):
        return None  # no XML
    tag = _START_TAG.match(source.text, element.offset)
    lead = _LEAD.match(source.text, tag.end()) if tag else None
    return lead.end() if lead and source.text.startswith(element.text.strip(), lead.end()) else None


def unreadable(source: Source, offset: int, message: str, advice: str | None, *, code: str = "READ-XML") -> Unreadable:
    """A complaint about the document as a whole."""
    return Unreadable(
        Diagnostic(
            severity="error",
            code=code,
            message=message,
            origin=source.origin(offset),
            text=source.quote(offset),
            help=advice,
        )
    )


class _Content(ContentHandler):
    """Builds the tree of what the parser finds."""

    def __init__(self, source: Source, parser: DefusedExpatParser) -> None:
        super().__init__()
        self._source = source
        self._line: Callable[[], int | None] = parser.getLineNumber
        self._column: Callable[[], int | None] = parser.getColumnNumber
        self._starts = [0, *(match.end() for match in _NEW_LINE.finditer(source.text))]
        self._open: list[Element] = []
        self._texts: list[list[str]] = []
        self.root: Element

    def offset(self) -> int:
        """Where the parser is."""
        return self.offset_of(self._line() or 1, self._column() or 0)

    def offset_of(self, line: int, column: int) -> int:
        """A place of the parser's, in characters from the start."""
        return min(self._starts[min(line, len(self._starts)) - 1] + column, len(self._source.text))

    def startElementNS(self, name: tuple[str | None, str], qname: str | None, attrs: object) -> None:  # noqa: N802  SAX
        offset = self.offset()
        if len(self._open) >= DEEPEST:
            message = f"This is nested deeper than {DEEPEST} levels."
            raise unreadable(self._source, offset, message, "A schema needs about eight.")
        found = dict(attrs.items())  # type: ignore[attr-defined]  # xml.sax.xmlreader.AttributesNSImpl
        # A namespace with a space in it makes more than two of these.
        plain = {local: value for (namespace, *_, local), value in found.items() if namespace is None}
        element = Element(name=name[-1], namespace=name[0], attributes=Attributes(plain), offset=offset)
        if self._open:
            self._open[-1].children.append(element)
        else:
            self.root = element
        self._open.append(element)
        self._texts.append([])

    def endElementNS(self, name: tuple[str | None, str], qname: str | None) -> None:  # noqa: N802  SAX
        self._open.pop().text = "".join(self._texts.pop())

    def characters(self, content: str) -> None:
        self._texts[-1].append(content)
