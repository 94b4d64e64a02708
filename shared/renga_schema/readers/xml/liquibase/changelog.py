"""Walk through a changelog and apply its changes.

What a database would hold after `liquibase update` without contexts or labels: every changeSet counts, in order, once.
Where the dialect is not given, it is the one that the changelog itself names as a target (`dbms`), if it names only
one; otherwise the schema is of no dialect, and what is meant for one database alone goes into the loss ledger. Included
files are not read: each is an entry in the ledger. Of a changeSet with preconditions that say `MARK_RAN` or
`CONTINUE`, those about tables, columns and the like are answered; it is skipped where they do not hold.

Each change counts as a statement, and in `<sql>` each statement does.
"""

import re
from collections.abc import Callable
from typing import Final

from renga_schema.model import Dialect
from renga_schema.readers.source import Source
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.readers.xml.account import Account
from renga_schema.readers.xml.liquibase import columns, constraints, objects, sql, tables
from renga_schema.readers.xml.liquibase.preconditions import met
from renga_schema.readers.xml.liquibase.properties import Properties
from renga_schema.readers.xml.liquibase.session import Session
from renga_schema.readers.xml.liquibase.targets import applies, only_dialect
from renga_schema.readers.xml.tree import Element
from renga_schema.report import Reading

_CHANGES: Final[dict[str, Callable[[Session, Element], Outcome]]] = {
    "createTable": tables.create_table,
    "dropTable": tables.drop_table,
    "renameTable": tables.rename_table,
    "setTableRemarks": tables.set_table_remarks,
    "addColumn": columns.add_column,
    "dropColumn": columns.drop_column,
    "renameColumn": columns.rename_column,
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
    "modifySql": "dbms",
    "mergeColumns": "tableName",
    "addLookupTable": "newTableName",
    "dropProcedure": "procedureName",
    "dropFunction": "functionName",
    "dropTrigger": "triggerName",
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
_SILENT: Final = re.compile(
    r"value\w*|\w*[cC]atalogName|\w*[sS]chemaName|remarks|columnDataType|uniqueColumns|defaultNullValue|associatedWith"
    r"|validateUnique|validatePrimaryKey|validateNullable|cascadeConstraints|replaceIfExists|dbms|encoding"
)
"""Attributes that say nothing about the schema, or nothing that it does not say already: data for rows, types again."""
_QUOTES_ALL: Final = "QUOTE_ALL_OBJECTS"


def read_changelog(source: Source, root: Element, dialect: Dialect | None) -> Reading:
    """Read a document whose root is databaseChangeLog."""
    account = Account(source)
    changelog = _Changelog(account, root, dialect or only_dialect(root))
    for child in root.children:
        changelog.take(child)
    schema = changelog.session.freeze()
    account.check_types(schema)
    return account.result(schema)


class _Changelog:
    """The walk: properties are put in place, and each change is carried out by itself."""

    def __init__(self, account: Account, root: Element, dialect: Dialect | None) -> None:
        self.account = account
        self.session = Session(account, dialect)
        self._quotes_all = root.attributes.get("objectQuotingStrategy") == _QUOTES_ALL
        self._properties = Properties(account, dialect)
        self._seen: set[tuple[str, str]] = set()

    def take(self, element: Element) -> None:
        """One child of the root."""
        if element.name == "property":
            try:
                self._properties.define(element)
            except Unparsed as problem:
                self.account.complain(problem)
            return
        self._properties.expand(element)
        if element.name == "changeSet":
            self._change_set(element)
        elif element.name in {"include", "includeAll"}:
            self.account.count(self._lost(element))
        elif element.name in {"preConditions", "removeChangeSetProperty"}:
            self.account.count("noted")
        else:
            self._failed(self._unknown(element, ("changeSet", "property", "include", "includeAll", "preConditions")))

    def _change_set(self, element: Element) -> None:
        attributes = element.attributes
        strategy = attributes.get("objectQuotingStrategy")
        self.session.quotes_all = strategy == _QUOTES_ALL if strategy else self._quotes_all
        identity = (attributes.get("id", ""), attributes.get("author", ""))
        if identity in self._seen:
            message = f"There is already a changeSet with the id {identity[0]!r} of {identity[1]!r}."
            problem = Unparsed(message, element.offset, code="READ-DUPLICATE", help_="It is applied nevertheless.")
            self.account.complain(problem, "warning")
        self._seen.add(identity)
        fits = False if attributes.get("ignore") == "true" else applies(attributes.get("dbms"), self.session.dialect)
        conditions = element.first("preConditions")
        if fits and conditions is not None and conditions.attributes.get("onFail") in {"MARK_RAN", "CONTINUE"}:
            fits = met(self.session, conditions) is not False
        for child in element.children:
            self._change(child, applies_=fits, dbms=attributes.get("dbms"))

    def _change(self, element: Element, *, applies_: bool | None, dbms: str | None) -> None:
        own = element.attributes.get("dbms") if element.name in {"sql", "sqlFile", *_CODE} else None
        fits = applies(own, self.session.dialect)
        if element.name in _NOTED or applies_ is False or fits is False:
            self.account.count("noted")
        elif applies_ is None or fits is None:
            instead = "It is not applied. Say which dialect is meant."
            self.session.lose(_about(element), f"a change for {own or dbms} only", instead, element)
            self.account.count("ledger")
        else:
            self._apply(element)

    def _apply(self, element: Element) -> None:
        rule = _CHANGES.get(element.name)
        try:
            if rule is not None:
                outcome = rule(self.session, element)
                self._ledger(element, element)
                self.account.count(outcome)
            elif element.name == "sql" or element.name in _CODE:
                self._code(element)
            elif element.name in _LOST:
                self.account.count(self._lost(element))
            else:
                raise self._unknown(element, (*_CHANGES, *_LOST, *_NOTED, *_CODE, "sql"))
        except Unparsed as problem:
            self._failed(problem)

    def _ledger(self, change: Element, element: Element) -> None:
        """Account for what the rule of a change did not look at, in it and below it."""
        ignored = [name for name in element.attributes if _SILENT.fullmatch(name)]
        self.account.ledger(_about(change), element, ignored=ignored)
        for child in element.children:
            self._ledger(change, child)

    def _code(self, element: Element) -> None:
        dialect = self.session.dialect
        if element.name in _CODE:
            body = element.first("procedureBody") or element
            if dialect is None or not body.text.strip():
                self.account.count(objects.keep_code(self.session, element))
            else:
                sql.run(self.session, body, body.text, dialect, whole=True)
        elif dialect is None:
            instead = "It is not applied. Say which dialect is meant."
            text = " ".join(element.text.split())
            self.session.lose("sql", f"SQL of an unknown dialect: {text[:80]}", instead, element)
            self.account.count("ledger")
        else:
            sql.run(self.session, element, element.text, dialect)

    def _lost(self, element: Element) -> Outcome:
        name = element.attributes.get(_LOST[element.name], "")
        is_file = element.name in {"include", "includeAll", "sqlFile"}
        instead = "It is not read: hand it in as well, applied in order." if is_file else "It is left out."
        self.session.lose(name or element.name, element.name, instead, element)
        return "ledger"

    def _unknown(self, element: Element, known: tuple[str, ...]) -> Unparsed:
        message = f"There is no change called {element.name}."
        advice = self.account.did_you_mean(element.name, known) or "It is left out."
        return Unparsed(message, element.offset, code="READ-XML", help_=advice)

    def _failed(self, problem: Unparsed) -> None:
        self.account.complain(problem)
        self.account.count("failed")


def _about(change: Element) -> str:
    """What a change is about, as far as its attributes say."""
    return change.attributes.get("tableName") or change.attributes.get("baseTableName") or change.name
