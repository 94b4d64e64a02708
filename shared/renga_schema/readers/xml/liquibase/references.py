"""What a foreign key refers to, and when constraints are checked."""

import re
from typing import Final, Literal

from renga_schema.model import Ref
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.xml.account import flag
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.tree import Element

_REFERENCES: Final = re.compile(r"(?:(?P<namespace>[^.()]+)\.)?(?P<table>[^.()]+?)\s*(?:\((?P<columns>[^()]*)\))?\s*")


def referred(session: Session, element: Element) -> tuple[Ref, tuple[str, ...]] | None:
    """The table and columns that `constraints` refers to: `references="t(id)"`, or an attribute for each.

    Raises:
        Unparsed: the attribute `references` is no reference.
    """
    if element.attributes.get("referencedTableName"):
        target = session.ref(element, "referencedTableName", "referencedTableSchemaName")
        named = element.attributes.get("referencedColumnNames")
        return target, session.names(element, "referencedColumnNames") if named else ()
    written = element.attributes.get("references", "").strip()
    if not written:
        return None
    match = _REFERENCES.fullmatch(written)
    if match is None:
        message = f"references is no reference: {written!r}."
        raise Unparsed(message, element.offset, code="READ-XML", help_='Write references="table(column)".')
    columns = tuple(session.spelled(name.strip()) for name in (match["columns"] or "").split(",") if name.strip())
    namespace = session.spelled(match["namespace"].strip()) if match["namespace"] else None
    return Ref(name=session.spelled(match["table"].strip()), namespace=namespace), columns


def deferrable(element: Element) -> Literal["initially immediate", "initially deferred"] | None:
    """When a constraint is checked; None for at once."""
    may_wait, waits = flag(element, "deferrable"), flag(element, "initiallyDeferred")
    if waits:
        return "initially deferred"
    return "initially immediate" if may_wait else None
