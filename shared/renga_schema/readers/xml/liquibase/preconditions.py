"""Preconditions: those that ask about the schema are answered from what the changelog has made so far."""

import re
from collections.abc import Callable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from renga_schema.model import Ref
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.liquibase.targets import applies
from renga_schema.readers.xml.tree import Element

_COUNT: Final = re.compile(r"\s*select\s+count\s*\(", re.IGNORECASE)


@dataclass(slots=True)
class Asked:
    """What a precondition may ask of the walk, and what none could answer."""

    ran: AbstractSet[tuple[str, str, str]] = frozenset()
    """The changeSets before: id, author and file."""
    properties: AbstractSet[str] = frozenset()
    """The names of the properties defined before."""
    open: list[str] = field(default_factory=list)
    """The preconditions that only a database could answer."""


def met(session: Session, element: Element, asked: Asked) -> bool | None:
    """Whether a precondition holds; None where only the database could say. Several must all hold."""
    match element.name:
        case "preConditions" | "and":
            answers = [met(session, child, asked) for child in element.children]
            return False if False in answers else None if None in answers else True
        case "or":
            answers = [met(session, child, asked) for child in element.children]
            return True if True in answers else None if None in answers else False
        case "not":
            answers = [met(session, child, asked) for child in element.children]
            # Liquibase's `not` holds where none of what is in it does.
            return False if True in answers else None if None in answers else True
        case "changeSetExecuted":
            known = {(id_, author) for id_, author, _ in asked.ran}
            return (element.attributes.get("id", ""), element.attributes.get("author", "")) in known
        case "changeLogPropertyDefined":
            return element.attributes.get("property", "") in asked.properties
        case "sqlCheck" if _finds_nothing(element):
            return True
        case "runningAs":
            return True  # whoever reads a changelog means it to run
    rule = _RULES.get(element.name)
    answer = rule(session, element) if rule else None
    if answer is None:
        asked.open.append(element.name)
    return answer


def _finds_nothing(element: Element) -> bool:
    """Nothing is in a new database, so a query that must find nothing finds nothing."""
    return element.attributes.get("expectedResult", "").strip() == "0" and _COUNT.match(element.text) is not None


def _empty(session: Session, element: Element) -> bool | None:
    return True if _table(session, element) else None


def _dbms(session: Session, element: Element) -> bool | None:
    return applies(element.attributes.get("type"), session.dialect)


def _ref(session: Session, element: Element, attribute: str) -> Ref | None:
    return session.ref(element, attribute) if element.attributes.get(attribute, "").strip() else None


def _table(session: Session, element: Element) -> bool | None:
    ref = _ref(session, element, "tableName")
    return None if ref is None else session.builder.find(session.builder.tables, ref) is not None


def _column(session: Session, element: Element) -> bool | None:
    ref, name = _ref(session, element, "tableName"), session.optional_name(element, "columnName")
    if ref is None or name is None:
        return None
    table = session.builder.find(session.builder.tables, ref)
    return table is not None and table.column(name) is not None


def _view(session: Session, element: Element) -> bool | None:
    ref = _ref(session, element, "viewName")
    return None if ref is None else session.builder.find(session.builder.views, ref) is not None


def _sequence(session: Session, element: Element) -> bool | None:
    ref = _ref(session, element, "sequenceName")
    return None if ref is None else session.builder.find(session.builder.sequences, ref) is not None


def _index(session: Session, element: Element) -> bool | None:
    ref, owner = _ref(session, element, "indexName"), _ref(session, element, "tableName")
    if ref is None:
        return None
    table = session.builder.find(session.builder.tables, owner) if owner else None
    return session.builder.find_index(ref, table) is not None


def _primary_key(session: Session, element: Element) -> bool | None:
    ref = _ref(session, element, "tableName")
    table = session.builder.find(session.builder.tables, ref) if ref else None
    return None if ref is None else table is not None and table.primary_key is not None


def _constraint(session: Session, element: Element) -> bool | None:
    owner = _ref(session, element, "foreignKeyTableName") or _ref(session, element, "tableName")
    name = session.optional_name(element, "foreignKeyName") or session.optional_name(element, "constraintName")
    if owner is None or name is None:
        return None
    table = session.builder.find(session.builder.tables, owner)
    return table is not None and table.constraint(name) is not None


_RULES: Final[dict[str, Callable[[Session, Element], bool | None]]] = {
    "dbms": _dbms,
    "tableExists": _table,
    "columnExists": _column,
    "viewExists": _view,
    "sequenceExists": _sequence,
    "indexExists": _index,
    "primaryKeyExists": _primary_key,
    "foreignKeyConstraintExists": _constraint,
    "uniqueConstraintExists": _constraint,
    "tableIsEmpty": _empty,
}
