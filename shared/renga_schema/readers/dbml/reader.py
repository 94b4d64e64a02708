"""Read DBML, the database markup language of dbdiagram.

The dialect is that of the project's `database_type`; without one, types and expressions are of no dialect. Notes become
comments. What is for diagrams and pages (colours, groups, sticky notes, sample records) is noted or goes to the ledger.
"""

from typing import Final

from renga_schema.model import Dialect, Enum, Namespace, Ref, Schema
from renga_schema.readers.dbml import syntax as s
from renga_schema.readers.dbml.partials import Partials
from renga_schema.readers.dbml.references import References
from renga_schema.readers.dbml.tables import Surroundings, TableBuilder, ref
from renga_schema.readers.findings import Findings
from renga_schema.readers.grammar import Block, Malformed
from renga_schema.readers.source import decode
from renga_schema.report import Reading, Statements

_DIALECTS: Final[dict[str, Dialect]] = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mssql": "mssql",
    "sql server": "mssql",
    "sqlserver": "mssql",
}


def read_dbml(text: str, *, file: str | None = None) -> Reading:
    """Read DBML; each top-level element counts as a statement.

    Raises:
        Unreadable: the text is empty, too large, or holds a NUL.
    """
    source = decode(text, file)
    return _Reader(source.text, Findings(source)).read()


class _Reader:
    """Reads one text: first the elements, then what they mean together."""

    def __init__(self, text: str, findings: Findings) -> None:
        self._text = text
        self._findings = findings
        self._dialect: Dialect | None = None
        self._tables: dict[Ref, s.Table] = {}
        self._partials = Partials(findings)
        self._enums: dict[Ref, Enum] = {}
        self._references: list[s.Reference] = []
        self._unread: set[str] = set()
        self._counts = {"applied": 0, "noted": 0, "ledger": 0, "failed": 0}

    def read(self) -> Reading:
        found = s.blocks(self._text)
        for block in found:
            self._counts[self._element(block)] += 1
        around = Surroundings(
            dialect=self._dialect,
            enums=frozenset((each.namespace, each.name) for each in self._enums),
            partials=self._partials,
            findings=self._findings,
        )
        tables = [TableBuilder(given, around).table() for given in self._tables.values()]
        aliases = {given.alias: place for place, given in self._tables.items() if given.alias}
        references = References(tables, aliases, frozenset(self._unread), self._findings)
        for inline in around.references:
            references.inline(inline)
        for reference in self._references:
            references.block(reference)
        schema = Schema(
            dialect=self._dialect,
            namespaces=self._namespaces(),
            enums=tuple(self._enums.values()),
            sequences=tuple(around.sequences),
            tables=tuple(references.tables()),
        )
        return Reading(
            schema=schema,
            diagnostics=self._findings.diagnostics,
            losses=self._findings.losses,
            statements=Statements(**self._counts, total=len(found)),
        )

    def _element(self, block: Block) -> str:
        """Take an element; how it counts."""
        if block.keyword in s.NOTED:
            return "noted"
        if block.keyword in s.IMPORTS:
            what = " ".join(self._text[block.start : block.end].split())
            self._findings.lose(what, "import", "not followed: one text is read at a time", block.start)
            return "ledger"
        if block.keyword not in s.KEYWORDS:
            begin = self._text[block.start : block.start + 2]
            message = f"{block.keyword or begin[0]} begins no element of DBML."
            message = "A comment begins here and never ends." if begin == "/*" else message
            known = ("Table", "Enum", "Ref", "Project", "TableGroup", "TablePartial", "Note", "Records")
            advice = self._findings.did_you_mean(block.keyword.capitalize(), known)
            self._findings.say("READ-SYNTAX", message, block.start, object_=self._name(block), help_=advice)
            return "failed"
        try:
            given = s.parse(self._text, block)
        except Malformed as error:
            name = self._name(block)
            self._unread.add(name or "")
            self._findings.say("READ-SYNTAX", str(error), error.offset, object_=name)
            return "failed"
        return self._define(given, block)

    def _name(self, block: Block) -> str | None:
        """What follows the first word of an element that could not be read."""
        words = self._text[block.start : block.end].split(None, 2)
        return words[1].rstrip("{:").strip('"') or None if len(words) > 1 else None

    def _define(self, given: s.Definition, block: Block) -> str:
        if isinstance(given, s.Project):
            self._project(given, block.start)
            return "noted"
        if isinstance(given, s.Reference):
            self._references.append(given)
            return "applied"
        place = ref(given.path)
        if isinstance(given, s.Enum):
            is_new = place not in self._enums
            if is_new:
                self._enums[place] = self._enum(given)
        elif block.keyword == "tablepartial":
            is_new = self._partials.add(place.name, given)
        else:
            is_new = place not in self._tables
            self._tables.setdefault(place, given)
        if not is_new:
            message = f"{place} is described a second time; the first is used."
            offset = given.path[-1].offset
            self._findings.say("DBML-DUPLICATE", message, offset, object_=str(place), help_="Rename one.")
        return "applied" if is_new else "failed"

    def _project(self, given: s.Project, offset: int) -> None:
        kind = given.entries.get("database_type")
        if isinstance(kind, s.Text):
            self._dialect = _DIALECTS.get(kind.value.lower())
            if self._dialect is None:
                self._findings.lose(given.name, f"database_type {kind.value}", "a schema of no dialect", offset)
        if given.note:
            self._findings.lose(given.name, "note of the project", "left out", offset)
        for name in given.entries:
            if name != "database_type":
                self._findings.lose(given.name, f"{name} of the project", "left out", offset)

    def _enum(self, given: s.Enum) -> Enum:
        place = ref(given.path)
        values = dict.fromkeys(each.name for each in given.values)
        for each in given.values:
            for setting in each.settings:
                self._findings.lose(f"{place}.{each.name}", f"setting {setting.key}", "left out", setting.offset)
        return Enum(
            name=place.name,
            namespace=place.namespace,
            comment=given.note,
            origin=self._findings.origin(given.path[-1].offset),
            values=tuple(values),
        )

    def _namespaces(self) -> tuple[Namespace, ...]:
        """The namespaces that tables and enums are in; each comes from the first that names it."""
        found: dict[str, Namespace] = {}
        enums = [(place, each.origin) for place, each in self._enums.items()]
        tables = [(place, self._findings.origin(each.path[0].offset)) for place, each in self._tables.items()]
        for place, origin in (*tables, *enums):
            if place.namespace and place.namespace not in found:
                found[place.namespace] = Namespace(name=place.namespace, origin=origin)
        return tuple(found.values())
