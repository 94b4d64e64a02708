"""Read a description in XML: which vocabulary it is in, its root element says."""

from typing import Final

from renga_schema.model import Dialect
from renga_schema.readers.source import check_characters, decode
from renga_schema.readers.xml.tree import Element, parse, unreadable
from renga_schema.report import Reading

NAMESPACES: Final = frozenset({"", "https://renga.dev/schemas/native"})
"""Of Renga's own format: none, or this one. An XML Schema has the same root in a namespace of its own."""


def read_xml(text: str, *, file: str | None = None, dialect: Dialect | None = None) -> Reading:
    """Read Renga's own format in XML, a Liquibase changelog, or Moodle's XMLDB.

    Args:
        text: The document.
        file: Its name, for the origins of what is read.
        dialect: The database that a Liquibase changelog or XMLDB is meant for; by default what a changelog itself says.

    Raises:
        Unreadable: the text is not XML, declares a document type, is nested beyond reason, or is in none of the three
            vocabularies.
    """
    source = decode(text, file)
    check_characters(source)
    root = parse(source)
    if root.name == "databaseChangeLog":
        from renga_schema.readers.xml.liquibase.changelog import read_changelogs

        return read_changelogs([source], dialect)
    if root.name == "XMLDB":
        from renga_schema.readers.xml.xmldb import read_xmldb

        return read_xmldb(source, root, dialect)
    if root.name == "schema" and (root.namespace or "").removesuffix("/") in NAMESPACES:
        from renga_schema.readers.xml.native import read_native

        return read_native(source, root)
    raise unreadable(
        source,
        root.offset,
        f"No database is described in an element called {_called(root)}.",
        "The root is schema (Renga's own format), databaseChangeLog (Liquibase) or XMLDB (Moodle).",
    )


def _called(root: Element) -> str:
    return f"{root.name} (of {root.namespace})" if root.namespace else root.name
