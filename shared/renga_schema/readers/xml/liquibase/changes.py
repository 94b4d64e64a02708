"""The changes of a changeSet: which rule carries out which, and what becomes of those that none does."""

import re
from collections.abc import Callable
from typing import Final

from renga_schema.errors import Unreadable
from renga_schema.readers.source import Source
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.xml.liquibase import columns, constraints, modified, objects, sql, tables
from renga_schema.readers.xml.liquibase.documents import Documents
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.liquibase.targets import applies
from renga_schema.readers.xml.tree import Element

_RULES: Final[dict[str, Callable[[Session, Element], Outcome]]] = {
    "createTable": tables.create_table,
    "dropTable": tables.drop_table,
    "renameTable": tables.rename_table,
    "setTableRemarks": tables.set_table_remarks,
    "addLookupTable": tables.add_lookup_table,
    "addColumn": columns.add_column,
    "dropColumn": columns.drop_column,
    "renameColumn": columns.rename_column,
    "mergeColumns": columns.merge_columns,
    "modifyDataType": columns.modify_data_type,
    "addNotNullConstraint": columns.add_not_null,
    "dropNotNullConstraint": columns.drop_not_null,
    "addDefaultValue": columns.add_default,
    "dropDefaultValue": columns.drop_default,
    "addAutoIncrement": columns.add_auto_increment,
    "setColumnRemarks": columns.set_column_remarks,
    "addPrimaryKey": constraints.add_primary_key,
    "dropPrimaryKey": constraints.drop_primary_key,
    "addUniqueConstraint": constraints.add_unique,
    "dropUniqueConstraint": constraints.drop_unique,
    "addForeignKeyConstraint": constraints.add_foreign_key,
    "dropForeignKeyConstraint": constraints.drop_foreign_key,
    "dropAllForeignKeyConstraints": constraints.drop_all_foreign_keys,
    "addCheckConstraint": constraints.add_check,
    "dropCheckConstraint": constraints.drop_check,
    "createIndex": constraints.create_index,
    "dropIndex": constraints.drop_index,
    "createSequence": objects.create_sequence,
    "alterSequence": objects.alter_sequence,
    "dropSequence": objects.drop_sequence,
    "renameSequence": objects.rename_sequence,
    "createView": objects.create_view,
    "dropView": objects.drop_view,
    "renameView": objects.rename_view,
    "setViewRemarks": objects.set_view_remarks,
    "dropProcedure": objects.drop_routine,
    "dropFunction": objects.drop_routine,
    "dropTrigger": objects.drop_trigger,
}
_CODE: Final = frozenset({"createProcedure", "createFunction", "createTrigger", "createPackage", "createPackageBody"})
_NOTED: Final = frozenset({
    "insert", "update", "delete", "loadData", "loadUpdateData", "tagDatabase", "empty", "output", "stop",
    "rollback", "comment", "validCheckSum", "preConditions",
})  # fmt: skip
"""Data, and what is about the changelog itself."""
_LOST: Final = {
    "include": "file",
    "includeAll": "path",
    "sqlFile": "path",
    "customChange": "class",
    "executeCommand": "executable",
    "dropPackage": "packageName",
    "dropPackageBody": "packageBodyName",
    "enableTrigger": "triggerName",
    "disableTrigger": "triggerName",
    "enableCheckConstraint": "constraintName",
    "disableCheckConstraint": "constraintName",
    "renameTrigger": "oldTriggerName",
    "markUnused": "tableName",
    "alterTable": "tableName",
}
"""What changes a schema in ways that are not followed -> the attribute that says what it is about."""
_FILES: Final = frozenset({"include", "includeAll", "sqlFile"})
_SILENT: Final = re.compile(
    r"value\w*|\w*[cC]atalogName|\w*[sS]chemaName|remarks|columnDataType|uniqueColumns|defaultNullValue|associatedWith"
    r"|validateUnique|validatePrimaryKey|validateNullable|cascadeConstraints|replaceIfExists|dbms|encoding"
    r"|relativeToChangelogFile|newColumnDataType|valueComputed|joinString|referencesUniqueColumn|defaultValueConstraintName|computed"
)
"""Attributes that say nothing about the schema, or nothing that it does not say already: data for rows, types again."""

_KNOWN: Final = {
    "createIndex": ("type",),
    "dropColumn": ("type",),
    "dropPrimaryKey": ("constraintName", "dropIndex"),
    "addLookupTable": ("existingColumnName",),
}
"""Change -> attributes that say again what the schema says: a column's type, the name of the only key."""


class Changes:
    """Carries out changes, each by itself."""

    def __init__(self, session: Session, documents: Documents) -> None:
        self._session = session
        self._documents = documents

    def carry_out(self, change_set: Element, *, applies_: bool | None, dbms: str | None, beside: str | None) -> None:
        """Every change of a changeSet, where it applies; None means that only the dialect could tell."""
        session = self._session
        wishes = list(change_set.all("modifySql"))
        before = {id(table) for table in session.builder.tables} if wishes else set()
        replaced = modified.replace(session, change_set, wishes) if wishes and applies_ else frozenset()
        for child in change_set.children:
            if child.name == "modifySql":
                continue  # it is about all the others
            self._change(child, applies_=applies_, dbms=dbms, beside=beside)
        made = [table for table in session.builder.tables if wishes and id(table) not in before]
        for child in wishes:
            outcome = "noted" if applies_ is False else modified.append(session, child, made, replaced)
            session.account.count(outcome)

    def _change(self, element: Element, *, applies_: bool | None, dbms: str | None, beside: str | None) -> None:
        account, dialect = self._session.account, self._session.dialect
        own = element.attributes.get("dbms") if element.name in {"sql", "sqlFile", *_CODE} else None
        fits = applies(own, dialect)
        if element.name in _NOTED or applies_ is False or fits is False:
            account.count("noted")
        elif applies_ is None or fits is None:
            instead = "It is not applied. Say which dialect is meant."
            self._session.lose(_about(element), f"a change for {own or dbms} only", instead, element)
            account.count("ledger")
        else:
            self._apply(element, beside)

    def _apply(self, element: Element, beside: str | None) -> None:
        rule = _RULES.get(element.name)
        try:
            self._fetch(element, beside)
            if rule is not None:
                outcome = rule(self._session, element)
                self._ledger(element, element)
                self._session.account.count(outcome)
            elif element.name == "sql" or element.name in _CODE:
                self._code(element)
            elif element.name == "sqlFile":
                self._sql_file(element, beside)
            elif element.name in _LOST:
                self._session.account.count(self.lost(element))
            else:
                raise self.unknown(element, (*_RULES, *_LOST, *_NOTED, *_CODE, "sql"))
        except Unparsed as problem:
            self.failed(problem)

    def _fetch(self, element: Element, beside: str | None) -> None:
        """Put the text of a view or routine in its place that stands in a file of its own."""
        if element.name not in {*_CODE, "createView"} or element.text.strip() or element.first("procedureBody"):
            return
        found = self._documents.find(element, "path", beside) if element.attributes.get("path") else None
        if found is not None:
            element.text = self._text(element, found).text

    def _text(self, element: Element, name: str) -> Source:
        try:
            return self._documents.text(name)
        except (Unreadable, OSError) as problem:
            message = f"{name} cannot be read: {problem}"
            raise Unparsed(message, element.offset, code="READ-INCLUDE", help_="Hand it in as well.") from problem

    def _sql_file(self, element: Element, beside: str | None) -> None:
        session = self._session
        found = self._documents.find(element, "path", beside)
        if found is None:
            session.account.count(self.lost(element))
            return
        source = self._text(element, found)
        if session.dialect is None:
            instead = "It is not applied. Say which dialect is meant."
            session.lose(found, "SQL of an unknown dialect", instead, element)
            session.account.count("ledger")
        else:
            sql.apply(session, source, element.offset, delimiter=element.attributes.get("endDelimiter"))

    def _ledger(self, change: Element, element: Element) -> None:
        """Account for what the rule of a change did not look at, in it and below it."""
        known = _KNOWN.get(change.name, ())
        ignored = [name for name in element.attributes if name in known or _SILENT.fullmatch(name)]
        self._session.account.ledger(_about(change), element, ignored=ignored)
        for child in element.children:
            self._ledger(change, child)

    def _code(self, element: Element) -> None:
        session = self._session
        text = element.text or (element.attributes.get("sql", "") if element.name == "sql" else "")
        if element.name in _CODE:
            body = element.first("procedureBody") or element
            if session.dialect is None or not body.text.strip():
                session.account.count(objects.keep_code(session, element))
            else:
                sql.run(session, body, body.text, whole=True)
        elif session.dialect is None:
            instead = "It is not applied. Say which dialect is meant."
            shown = " ".join(text.split())
            session.lose("sql", f"SQL of an unknown dialect: {shown[:80]}", instead, element)
            session.account.count("ledger")
        else:
            sql.run(session, element, text)

    def lost(self, element: Element) -> Outcome:
        """Enter a change that is not followed into the ledger."""
        name = element.attributes.get(_LOST[element.name], "")
        instead = "It is not read: hand it in as well." if element.name in _FILES else "It is left out."
        self._session.lose(name or element.name, element.name, instead, element)
        return "ledger"

    def unknown(self, element: Element, known: tuple[str, ...]) -> Unparsed:
        """A complaint about an element that means nothing here."""
        message = f"There is no change called {element.name}."
        advice = self._session.account.did_you_mean(element.name, known) or "It is left out."
        return Unparsed(message, element.offset, code="READ-XML", help_=advice)

    def failed(self, problem: Unparsed) -> None:
        """Say what is wrong with a change."""
        self._session.account.complain(problem)
        self._session.account.count("failed")


def _about(change: Element) -> str:
    """What a change is about, as far as its attributes say."""
    return change.attributes.get("tableName") or change.attributes.get("baseTableName") or change.name
