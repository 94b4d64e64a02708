"""Read a Prisma schema as the database that Prisma Migrate makes of it.

Types, names of keys and indexes, referential actions and join tables are those that Prisma gives where the schema does
not say. What only Prisma's client knows (names behind `@map`, defaults that it fills in, `@updatedAt`) goes to the
ledger. Documentation comments (`///`) become comments.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from renga_schema.model import (
    Attribute,
    Column,
    CompositeType,
    Dialect,
    Enum,
    Extension,
    Identity,
    Namespace,
    Ref,
    Schema,
    Table,
    View,
)
from renga_schema.model import Sequence as Counter
from renga_schema.readers.findings import Findings
from renga_schema.readers.grammar import Block, Malformed, Salvage
from renga_schema.readers.prisma.columns import (
    Surroundings,
    column_default,
    column_identity,
    column_type,
)
from renga_schema.readers.prisma.files import JoinedSource
from renga_schema.readers.prisma.keys import Keys
from renga_schema.readers.prisma.relations import check_opposites, foreign_keys, join_tables
from renga_schema.readers.prisma.syntax import (
    KEYWORDS,
    Call,
    Declaration,
    EnumValue,
    Field,
    Listed,
    Text,
    Word,
    blocks,
    parse,
)
from renga_schema.readers.prisma.syntax import database_name as mapped
from renga_schema.readers.source import Source, decode
from renga_schema.report import Reading, Statements

_DIALECTS: Final[dict[str, Dialect]] = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "sqlite": "sqlite",
    "sqlserver": "mssql",
    "cockroachdb": "postgres",
}
_DEFAULT_NAMESPACES: Final = {"public", "dbo"}
_FIELD_ATTRIBUTES: Final = ("id", "unique", "default", "relation", "map", "updatedAt", "ignore")
_BLOCK_ATTRIBUTES: Final = ("id", "unique", "index", "fulltext", "map", "schema", "ignore")
_CLIENT_ONLY: Final = {
    "updatedAt": ("@updatedAt", "a plain column: Prisma's client sets it"),
    "ignore": ("@ignore", "read like any other: only Prisma's client leaves it out"),
}


def read_prisma(text: str, *, file: str | None = None) -> Reading:
    """Read a Prisma schema; each block counts as a statement.

    Raises:
        Unreadable: the text is empty, too large, or holds a NUL.
    """
    return read_prisma_files([decode(text, file)])


def read_prisma_files(sources: Sequence[Source]) -> Reading:
    """Read the files of one Prisma schema, in any order: each may name what another describes.

    Origins name the files. Each block counts as a statement.
    """
    source = sources[0] if len(sources) == 1 else JoinedSource(sources)
    return _Reader(source.text, Findings(source)).read()


class _Reader:
    """Reads one schema: first the blocks, then what they mean together."""

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._findings = findings
        self._salvage = Salvage(parse)
        self._declarations: list[Declaration] = []
        self._names: set[tuple[str, str]] = set()
        self._failed: list[str] = []
        self._damaged: set[str] = set()

    def read(self) -> Reading:
        found = blocks(self._text)
        for block in found:
            self._declare(block)
        kinds: dict[str, dict[str, Declaration]] = {keyword: {} for keyword in KEYWORDS}
        for each in self._declarations:
            kinds[each.keyword][each.name] = each
        datasource = next(iter(kinds["datasource"].values()), None)
        dialect = self._dialect(datasource)
        self._around = Surroundings(
            dialect=dialect,
            provider=provider.value if (provider := _provider(datasource)) else None,
            source_names=frozenset(kinds["datasource"]) | {"db"},
            enums=kinds["enum"],
            composites=kinds["type"],
            findings=self._findings,
            unread=frozenset(self._failed),
            damaged=frozenset(self._damaged),
            models=kinds["model"] | kinds["view"],
        )
        ignored = self._relations_are_emulated(datasource)
        tables = {model.name: self._table(model, ignored=ignored) for model in kinds["model"].values()}
        check_opposites(self._around)
        joined = list(join_tables(self._around, tables, ignored=ignored))
        enums = self._enums(kinds["enum"].values())
        schema = Schema(
            dialect=dialect,
            namespaces=self._namespaces(datasource),
            extensions=self._extensions(datasource),
            enums=tuple(enums),
            composite_types=tuple(self._composite_type(each) for each in kinds["type"].values()),
            sequences=tuple(_sequences(tables.values())),
            tables=(*tables.values(), *joined),
            views=tuple(self._view(each) for each in kinds["view"].values()),
        )
        noted = len(kinds["datasource"]) + len(kinds["generator"])
        ledger = len(kinds["view"]) + len(kinds["enum"]) - len(enums)
        statements = Statements(
            applied=len(self._declarations) - noted - ledger,
            noted=noted,
            ledger=ledger,
            failed=len(found) - len(self._declarations),
            total=len(found),
        )
        return Reading(
            schema=schema,
            diagnostics=self._findings.diagnostics,
            losses=self._findings.losses,
            statements=statements,
        )

    def _declare(self, block: Block) -> None:
        """Parse the block, or say what is wrong with it."""
        words = self._text[block.start : block.end].split(None, 2)
        name = words[1].rstrip("{") if len(words) > 1 else None
        if block.keyword not in KEYWORDS:
            begin = self._text[block.start : block.start + 2]
            message = f"{block.keyword or begin[0]} begins no block of a Prisma schema."
            message = "A comment begins here and never ends." if begin == "/*" else message
            advice = self._findings.did_you_mean(block.keyword, KEYWORDS, f"A block begins with {', '.join(KEYWORDS)}.")
            self._findings.say("READ-SYNTAX", message, block.start, object_=name, help_=advice)
            self._failed.append(name or "")
            return
        try:
            found, wrong = self._salvage.read(self._text, block)
        except Malformed as error:
            self._findings.say("READ-SYNTAX", str(error), error.offset, object_=name)
            self._failed.append(name or "")
            return
        self._damaged |= {found.name} if wrong else set()
        for each in wrong:
            self._findings.say("READ-SYNTAX", str(each), each.offset, object_=name, help_="The line is left out.")
        # Datasources and generators have names of their own.
        room = found.keyword if found.keyword in {"datasource", "generator"} else ""
        if (room, found.name) in self._names:
            message = f"{found.name} is described a second time."
            self._findings.say("PRISMA-DUPLICATE", message, found.offset, object_=found.name, help_="Rename one.")
            return
        self._names.add((room, found.name))
        self._declarations.append(self._without_twins(found))

    def _without_twins(self, given: Declaration) -> Declaration:
        """The declaration without fields and values that are there already."""
        fields = tuple(each for each in given.fields if given.field(each.name) is each)
        values = tuple(each for each in given.values if given.value(each.name) is each)
        kept = {id(each) for each in (*fields, *values)}
        parts: list[Field | EnumValue] = [*given.fields, *given.values]
        for each in parts:
            if id(each) not in kept:
                message = f"{given.name}.{each.name} is described a second time; the first is used."
                self._findings.say("PRISMA-DUPLICATE", message, each.offset, object_=given.name, help_="Rename one.")
        return replace(given, fields=fields, values=values)

    def _dialect(self, datasource: Declaration | None) -> Dialect | None:
        provider = _provider(datasource)
        if datasource is None or provider is None:
            return None
        name, offset = provider.value, provider.offset
        dialect = _DIALECTS.get(name)
        if dialect is None:
            self._findings.lose(datasource.name, f"provider {name}", "a schema of no dialect", offset)
        elif name == "cockroachdb":
            self._findings.lose(datasource.name, f"provider {name}", "read as PostgreSQL", offset)
        return dialect

    def _relations_are_emulated(self, datasource: Declaration | None) -> bool:
        mode = datasource.entry("relationMode") if datasource else None
        if datasource is None or not (isinstance(mode, Text) and mode.value == "prisma"):
            return False
        instead = "foreign keys that the database does not have"
        self._findings.lose(datasource.name, "relationMode prisma", instead, mode.offset)
        return True

    def _namespaces(self, datasource: Declaration | None) -> tuple[Namespace, ...]:
        given = datasource.entry("schemas") if datasource else None
        items = [item for item in given.items if isinstance(item, Text)] if isinstance(given, Listed) else []
        return tuple(
            Namespace(name=item.value, origin=self._findings.origin(item.offset))
            for item in items
            if item.value not in _DEFAULT_NAMESPACES
        )

    def _extensions(self, datasource: Declaration | None) -> tuple[Extension, ...]:
        given = datasource.entry("extensions") if datasource else None
        found = []
        for item in given.items if isinstance(given, Listed) else ():
            if isinstance(item, Word):
                found.append(Extension(name=item.value, origin=self._findings.origin(item.offset)))
            elif isinstance(item, Call):
                name = item.text("map") or item.name
                origin = self._findings.origin(item.offset)
                extension = Extension(
                    name=name, origin=origin, namespace=item.text("schema"), version=item.text("version")
                )
                found.append(extension)
        return tuple(found)

    def _enums(self, declared: Iterable[Declaration]) -> list[Enum]:
        found = []
        for enum in declared:
            for value in enum.values:
                if value.comment:
                    self._findings.lose(f"{enum.name}.{value.name}", "comment", "left out", value.offset)
            if self._around.dialect not in {"postgres", None}:
                instead = "its labels in each column" if self._around.dialect == "mysql" else "text in each column"
                self._findings.lose(enum.name, "enum type", instead, enum.offset)
                continue
            found.append(
                Enum(
                    name=enum.database_name,
                    namespace=self._around.namespace(enum),
                    comment=enum.comment,
                    origin=self._findings.origin(enum.offset),
                    values=tuple(mapped(value) for value in enum.values),
                )
            )
        return found

    def _composite_type(self, given: Declaration) -> CompositeType:
        attributes = [
            Attribute(
                name=mapped(field),
                comment=field.comment,
                origin=self._findings.origin(field.offset),
                type=column_type(field, f"{given.name}.{field.name}", self._around),
            )
            for field in given.fields
        ]
        return CompositeType(
            name=given.database_name,
            comment=given.comment,
            origin=self._findings.origin(given.offset),
            attributes=tuple(attributes),
        )

    def _view(self, given: Declaration) -> View:
        self._findings.lose(
            given.database_name, "query of a view", "a view without one: a Prisma schema does not say it", given.offset
        )
        return View(
            name=given.database_name,
            namespace=self._around.namespace(given),
            comment=given.comment,
            origin=self._findings.origin(given.offset),
            query="",
            columns=tuple(mapped(field) for field in given.fields if not self._around.is_relation(field)),
        )

    def _table(self, model: Declaration, *, ignored: bool) -> Table:
        ref = Ref(name=model.database_name, namespace=self._around.namespace(model))
        self._note_attributes(model, ref)
        fields = [field for field in model.fields if not self._around.is_relation(field)]
        columns = {field.name: self._column(field, ref) for field in fields}
        keys = Keys(model, ref, self._around, {name: column.type for name, column in columns.items()})
        primary = keys.primary_key()
        if self._around.dialect == "sqlite" and primary and len(primary.columns) == 1:
            counted = next((field for field in fields if mapped(field) == primary.columns[0]), None)
            if (
                counted and counted.type == "Int"
            ):  # Prisma Migrate lets SQLite count these, whether the schema says so or not
                columns[counted.name] = columns[counted.name].model_copy(
                    update={"identity": Identity(style="autoincrement")}
                )
        uniques, unique_indexes = keys.uniques()
        return Table(
            name=ref.name,
            namespace=ref.namespace,
            comment=model.comment,
            origin=self._findings.origin(model.offset),
            columns=tuple(columns.values()),
            primary_key=primary,
            uniques=tuple(uniques),
            foreign_keys=tuple(foreign_keys(model, ref, self._around, ignored=ignored)),
            indexes=(*unique_indexes, *keys.indexes()),
        )

    def _column(self, field: Field, table: Ref) -> Column:
        path = f"{table}.{mapped(field)}"
        type_ = column_type(field, path, self._around)
        return Column(
            name=mapped(field),
            comment=field.comment,
            origin=self._findings.origin(field.offset),
            type=type_,
            # Prisma lets the column of a list be null.
            nullable=field.optional or field.many,
            default=column_default(field, type_, path, self._around),
            identity=column_identity(field, path, table, self._around),
        )

    def _note_attributes(self, model: Declaration, table: Ref) -> None:
        """Say which attributes have no meaning, and which have one for Prisma's client only."""
        for attribute in model.attributes:
            self._note_attribute(attribute, f"@@{attribute.name}", _BLOCK_ATTRIBUTES, str(table))
        for field in model.fields:
            path = f"{table}.{mapped(field)}"
            for attribute in field.attributes:
                if attribute.name.partition(".")[0] not in self._around.source_names:
                    self._note_attribute(attribute, f"@{attribute.name}", _FIELD_ATTRIBUTES, path)
        if model.attribute("map") or any(field.attribute("map") for field in model.fields):
            self._findings.lose(str(table), "names in Prisma's client", "the database's names", model.offset)

    def _note_attribute(self, attribute: Call, written: str, known: tuple[str, ...], path: str) -> None:
        if attribute.name not in known:
            message = f"{written} of {path} is no attribute of Prisma's."
            advice = self._findings.did_you_mean(attribute.name, known)
            self._findings.say("PRISMA-ATTRIBUTE", message, attribute.offset, object_=path, help_=advice)
        elif attribute.name in _CLIENT_ONLY:
            feature, instead = _CLIENT_ONLY[attribute.name]
            self._findings.lose(path, feature, instead, attribute.offset)


def _provider(datasource: Declaration | None) -> Text | None:
    given = datasource.entry("provider") if datasource else None
    if isinstance(given, Listed):  # Prisma 1 and 2 took several
        given = next(iter(given.items), None)
    return given if isinstance(given, Text) else None


def _sequences(tables: Iterable[Table]) -> Iterable[Counter]:
    """The sequences that serial columns bring along."""
    for table in tables:
        for column in table.columns:
            if column.identity and column.identity.sequence:
                yield Counter(
                    name=column.identity.sequence.name,
                    namespace=column.identity.sequence.namespace,
                    origin=column.origin,
                    type=column.type,
                    owned_by=(table.ref, column.name),
                )
