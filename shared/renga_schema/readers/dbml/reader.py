"""Read DBML, the database markup language of dbdiagram.

The dialect is that of the project's `database_type`; without one, types and expressions are of no dialect. Notes become
comments. What is for diagrams and pages (colours, groups, sticky notes, sample records) is noted or goes to the ledger.
"""

import re
from typing import Final

from renga_schema.model import Dialect, Enum, Namespace, Ref, Schema, Table
from renga_schema.readers.dbml import elements as s
from renga_schema.readers.dbml import settings as rules
from renga_schema.readers.dbml import syntax
from renga_schema.readers.dbml.partials import Partials
from renga_schema.readers.dbml.references import References
from renga_schema.readers.dbml.tables import Surroundings, TableBuilder, ref
from renga_schema.readers.findings import Findings
from renga_schema.readers.grammar import Block, Malformed, Salvage
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


_NAME = re.compile(r'\w+|"[^"\n]*"')
_RECORDS = re.compile(
    rf"records\s+(?P<table>(?:{_NAME.pattern})(?:\s*\.\s*(?:{_NAME.pattern}))*)\s*\((?P<columns>[^()]*)\)",
    re.IGNORECASE,
)


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
        self._salvage = Salvage(syntax.parse)
        self._dialect: Dialect | None = None
        self._tables: dict[Ref, s.Table] = {}
        self._partials = Partials(findings)
        self._enums: dict[Ref, Enum] = {}
        self._references: list[s.Reference] = []
        self._groups: list[s.Group] = []
        self._noted: list[Block] = []
        self._projects = 0
        self._unread: set[str] = set()
        self._damaged: set[Ref] = set()
        self._counts = {"applied": 0, "noted": 0, "ledger": 0, "failed": 0}

    def read(self) -> Reading:
        found = syntax.blocks(self._text)
        for block in found:
            self._counts[self._element(block)] += 1
        around = Surroundings(
            dialect=self._dialect,
            enums=self._enums,
            partials=self._partials,
            findings=self._findings,
            damaged=frozenset(self._damaged),
        )
        tables = [TableBuilder(given, around).table() for given in self._tables.values()]
        aliases = self._aliases()
        references = References(tables, aliases, around.damaged, frozenset(self._unread), self._findings)
        for inline in around.references:
            references.inline(inline)
        for reference in self._references:
            references.block(reference)
        self._check_groups(aliases)
        self._check_records(aliases, {table.ref: table for table in tables})
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
        if block.keyword in syntax.NOTED:
            self._noted.append(block)
            return "noted"
        if block.keyword in syntax.IMPORTS:
            what = " ".join(self._text[block.start : block.end].split())
            self._findings.lose(what, "import", "not followed: one text is read at a time", block.start)
            return "ledger"
        if block.keyword not in syntax.KEYWORDS:
            begin = self._text[block.start : block.start + 2]
            message = f"{block.keyword or begin[0]} begins no element of DBML."
            message = "A comment begins here and never ends." if begin == "/*" else message
            known = ("Table", "Enum", "Ref", "Project", "TableGroup", "TablePartial", "Note", "Records")
            advice = self._findings.did_you_mean(block.keyword.capitalize(), known)
            self._findings.say("READ-SYNTAX", message, block.start, object_=self._name(block), help_=advice)
            return "failed"
        name = self._name(block)
        try:
            given, wrong = self._salvage.read(self._text, block)
        except Malformed as error:
            self._unread.add(name or "")
            self._findings.say("READ-SYNTAX", str(error), error.offset, object_=name)
            return "failed"
        if wrong and isinstance(given, s.Table):
            self._damaged.add(ref(given.path))
        for each in wrong:
            self._findings.say("READ-SYNTAX", str(each), each.offset, object_=name, help_="The line is left out.")
        return self._define(given, block)

    def _name(self, block: Block) -> str | None:
        """What follows the first word of an element that could not be read."""
        words = self._text[block.start : block.end].split(None, 2)
        return words[1].rstrip("{:").strip('"') or None if len(words) > 1 else None

    def _define(self, given: s.Definition, block: Block) -> str:
        match given:
            case s.Project():
                self._project(given, block.start)
                return "noted"
            case s.Group():
                self._groups.append(given)
                if not given.name:
                    self._say("DBML-NAME", "A TableGroup needs a name.", block.start)
                return "noted"
            case s.Sticky():
                self._sticky(given, block.start)
                return "noted"
            case s.Reference():
                self._references.append(given)
                return "applied"
        return self._named(given, block)

    def _named(self, given: s.Enum | s.Table, block: Block) -> str:
        place = ref(given.path)
        if isinstance(given, s.Enum):
            is_new = place not in self._enums
            if is_new:
                self._enums[place] = self._enum(given)
        elif block.keyword == "tablepartial":
            if len(given.path) > 1:
                self._say("DBML-NAME", f"{place.name} is a partial table and is in no namespace.", given.path[0].offset)
            is_new = self._partials.add(place.name, given)
        else:
            is_new = place not in self._tables
            self._tables.setdefault(place, given)
        if not is_new:
            message = f"{place} is described a second time; the first is used."
            offset = given.path[-1].offset
            self._findings.say("DBML-DUPLICATE", message, offset, object_=str(place), help_="Rename one.")
        return "applied" if is_new else "failed"

    def _aliases(self) -> dict[str, Ref]:
        """The tables by their other names."""
        found: dict[str, Ref] = {}
        for place, given in self._tables.items():
            if not given.alias:
                continue
            if given.alias in found or ((other := Ref(name=given.alias)) in self._tables and other != place):
                message = f"{given.alias}, the alias of {place}, names another table already."
                self._say("DBML-DUPLICATE", message, given.path[-1].offset, str(place))
            found.setdefault(given.alias, place)
        return found

    def _project(self, given: s.Project, offset: int) -> None:
        self._projects += 1
        if self._projects > 1:
            self._say("DBML-DUPLICATE", "There is a second Project; DBML takes one.", offset)
        for entry in given.entries:
            value = entry.value
            if not isinstance(value, s.Text) and not (isinstance(value, s.Words) and value.path[0].quoted):
                self._say("DBML-SETTING", f"{entry.key} of the project is a text in quotes.", entry.offset, given.name)
            if entry.key == "database_type" and isinstance(value, s.Text | s.Words):
                kind = value.value if isinstance(value, s.Text) else value.text
                self._dialect = _DIALECTS.get(kind.lower())
                if self._dialect is None:
                    self._findings.lose(given.name, f"database_type {kind}", "a schema of no dialect", entry.offset)
            else:
                self._findings.lose(given.name, f"{entry.key} of the project", "left out", entry.offset)
        for note in given.notes:
            self._findings.lose(given.name, "note of the project", "left out", note.offset)

    def _enum(self, given: s.Enum) -> Enum:
        place = ref(given.path)
        path = str(place)
        rules.check(given.settings, rules.ENUM, path, self._findings)
        for note in given.notes:
            self._say("DBML-ENUM", f"{path} has a note, which @dbml refuses in an enum.", note.offset, path)
        labels: dict[str, s.EnumValue] = {}
        for each in given.values:
            label = f"{path}.{each.name}"
            if labels.setdefault(each.name, each) is not each:
                self._say("DBML-DUPLICATE", f"{label} is there twice.", each.offset, path)
            if not each.is_name:
                self._say("DBML-ENUM", f"{label} is no name: write it in double quotes.", each.offset, path)
            rules.check(each.settings, rules.VALUE, label, self._findings)
            if s.note_of(each.settings):
                self._findings.lose(label, "setting note", "left out", each.settings[0].offset)
        if not labels:
            self._say("DBML-ENUM", f"{path} has no values.", given.path[-1].offset, path)
        return Enum(
            name=place.name,
            namespace=place.namespace,
            comment=s.note_of(given.settings) or (given.notes[0].text if given.notes else None),
            origin=self._findings.origin(given.path[-1].offset),
            values=tuple(labels),
        )

    def _sticky(self, given: s.Sticky, offset: int) -> None:
        rules.check(given.settings, rules.STICKY, f"note {given.name}", self._findings)
        if not given.name:
            self._say("DBML-NAME", "A note that belongs to nothing needs a name.", offset)
        if len(given.texts) != 1:
            self._say("DBML-NOTE", f"note {given.name} holds {len(given.texts)} texts; a note is one.", offset)

    def _check_groups(self, aliases: dict[str, Ref]) -> None:
        """Say where groups name what there is not, or one table twice."""
        taken: dict[Ref, str | None] = {}
        for group in self._groups:
            path = f"group {group.name}"
            rules.check(group.settings, rules.GROUP, path, self._findings)
            for written in group.tables:
                place = ref(written)
                place = aliases.get(place.name, place) if len(written) == 1 else place
                if place not in self._tables and str(place) not in self._unread:
                    advice = self._findings.did_you_mean(str(place), map(str, self._tables))
                    message = f"{path} names the table {place}, which does not exist."
                    self._say("DBML-GROUP", message, written[0].offset, path, advice)
                elif place in taken:
                    message = f"{path} names the table {place}, which is in group {taken[place]} already."
                    self._say("DBML-GROUP", message, written[0].offset, path)
                taken.setdefault(place, group.name)

    def _check_records(self, aliases: dict[str, Ref], tables: dict[Ref, Table]) -> None:
        """Say where sample records are of what there is not."""
        for block in self._noted:
            if block.keyword != "records":
                continue
            header = _RECORDS.match(self._text, block.start, block.end)
            if header is None:
                self._say("DBML-RECORDS", "Records are of a table and its columns: records users(id).", block.start)
                continue
            *before, name = [each.strip('"') for each in _NAME.findall(header["table"])]
            place = Ref(name=name, namespace=before[-1] if before and before[-1] != "public" else None)
            place = place if before else aliases.get(name, place)
            table = tables.get(place)
            if table is None and str(place) not in self._unread:
                advice = self._findings.did_you_mean(str(place), map(str, tables))
                message = f"Records are of the table {place}, which does not exist."
                self._say("DBML-RECORDS", message, header.start("table"), help_=advice)
            columns = [each.strip('"') for each in _NAME.findall(header["columns"])]
            missing = [each for each in columns if table and table.column(each) is None]
            if missing and place not in self._damaged:
                message = f"Records of {place} name the column {missing[0]}, which does not exist."
                self._say("DBML-RECORDS", message, header.start("columns"))

    def _say(self, code: str, message: str, offset: int, object_: str | None = None, help_: str | None = None) -> None:
        self._findings.say(code, message, offset, object_=object_, help_=help_, severity="warning")

    def _namespaces(self) -> tuple[Namespace, ...]:
        """The namespaces that tables and enums are in; each comes from the first that names it."""
        found: dict[str, Namespace] = {}
        enums = [(place, each.origin) for place, each in self._enums.items()]
        tables = [(place, self._findings.origin(each.path[0].offset)) for place, each in self._tables.items()]
        for place, origin in (*tables, *enums):
            if place.namespace and place.namespace not in found:
                found[place.namespace] = Namespace(name=place.namespace, origin=origin)
        return tuple(found.values())
