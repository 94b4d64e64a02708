"""modifySql: what a changeSet does to the SQL that Liquibase makes of it.

`append` at the end of a CREATE TABLE says how MySQL stores the table; it is applied as the option that it is. `replace`
is done to what the changes say, which is where the SQL has it from. What else is done to the SQL goes into the ledger.
"""

import re
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from renga_schema.identifiers import quote
from renga_schema.readers.source import Source
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.xml.liquibase import sql
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.liquibase.targets import applies
from renga_schema.readers.xml.tree import Element

_MOST_REPLACED: Final = 50
"""So many modifySql of one changeSet are done to its changes."""
_LONGEST: Final = 100_000
"""Characters that a text may come to by it."""
_LOOK: Final = 20
_GROWTH: Final = 50
_SCRIPT: Final = 3_000
"""The steps that it takes to look for something in a text, to read a character more, and to run a statement."""
_OPTIONS: Final = re.compile(
    r"\s*(?:(?:engine|type|(?:default\s+)?(?:charset|character\s+set)|(?:default\s+)?collate|row_format|auto_increment"
    r"|comment)\s*=?\s*(?:'[^']*'|\w+)[\s,;]*)+",
    re.IGNORECASE,
)


def replace(session: Session, change_set: Element, modified: Sequence[Element]) -> frozenset[int]:
    """Do what the `replace` of a changeSet do to what its changes say; the places of those that found something."""
    found: set[int] = set()
    for element in modified[:_MOST_REPLACED]:
        if session.dialect is None or not applies(element.attributes.get("dbms"), session.dialect):
            continue
        for child in element.all("replace"):
            old, new = child.attributes.get("replace", ""), child.attributes.get("with", "")
            changes = (each for each in change_set.children if each.name != "modifySql")
            hits = [_replaced(session, change, old, new) for change in changes] if old else []
            if any(hits):
                found.add(child.offset)
    return frozenset(found)


def _replaced(session: Session, element: Element, old: str, new: str) -> bool:
    effort = session.builder.effort

    def fits(text: str) -> bool:
        count = text.count(old)
        growth = count * (len(new) - len(old))
        if count == 0 or len(text) + growth > max(_LONGEST, len(text)):
            return False
        effort.spend(_GROWTH * max(growth, 0))
        return True

    effort.spend(_LOOK * (1 + sum(1 for _ in element.attributes)) + len(element.text) // _LOOK)

    hits = [(name, value) for name, value in element.attributes.items() if fits(value)]
    for name, value in hits:
        element.attributes[name] = value.replace(old, new)
    is_in_text = fits(element.text)
    if is_in_text:
        element.text, element.text_at = element.text.replace(old, new), None
    below = [_replaced(session, child, old, new) for child in element.children]
    return bool(hits) or is_in_text or any(below)


def append(session: Session, element: Element, tables: Sequence[TableDraft], replaced: AbstractSet[int]) -> Outcome:
    """Apply a modifySql to the tables that its changeSet has made; what `replaced` something is done."""
    dbms = element.attributes.get("dbms")
    if applies(dbms, session.dialect) is False:
        return "noted"
    outcome: Outcome = "noted"
    for child in element.children:
        value = child.attributes.get("value", "") or child.text
        if child.offset in replaced:
            outcome = "applied" if outcome == "noted" else outcome
        elif child.name == "append" and session.dialect == "mysql" and _OPTIONS.fullmatch(value):
            for table in tables:
                name = ".".join(quote(part, "mysql") for part in (table.namespace, table.name) if part)
                session.builder.effort.spend(_SCRIPT)
                script = Source(f"ALTER TABLE {name} {value.strip().rstrip(';')}", session.account.source.file)
                sql.apply(session, script, child.offset, counts=False)
            outcome = "applied" if tables and outcome == "noted" else outcome
        elif tables or child.name != "append":
            session.lose(dbms or "all", f"modifySql: {child.name}", "The SQL is as Liquibase makes it.", child)
            outcome = "ledger"
    return outcome
