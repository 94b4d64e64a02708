"""What holds for XML of every vocabulary: what is refused, how they are told apart, and that nothing else raises."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from expecting import accounted, refused
from renga_schema import Unreadable, detect, read
from renga_schema.model import Dialect
from renga_schema.readers.xml.liquibase.properties import MOST_INSERTED
from renga_schema.readers.xml.reader import read_xml
from renga_schema.readers.xml.tree import DEEPEST

LIQUIBASE = "http://www.liquibase.org/xml/ns/dbchangelog"
BOMB = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><XMLDB COMMENT="&b;"/>'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, "declares a document type"),
        ('<!DOCTYPE a SYSTEM "file:///etc/passwd"><XMLDB/>', "declares a document type"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><XMLDB>&x;</XMLDB>', "declares a document type"),
        ("<XMLDB>&x;</XMLDB>", "undefined entity"),
        ("<XMLDB>" * 100_000, f"nested deeper than {DEEPEST} levels"),
        ("<XMLDB>", "not XML"),
        ("<XMLDB/><XMLDB/>", "not XML"),
        ("<ext:XMLDB/>", "unbound prefix"),
        ("<XMLDB\x01/>", "not XML"),
        ("tables: {}", "not XML"),
        ("<html/>", "in an element called html"),
        ('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"/>', "called schema .of http://www.w3.org/2001/XMLS"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    """Bombs, foreign files, endless nesting and what is no schema end in one sentence with a place and advice."""
    refused(read_xml, text, message, "READ-XML")


@pytest.mark.parametrize("text", ["", "  ", "\x00", "<XMLDB>\ud800</XMLDB>"])
def test_what_is_no_text_is_refused(text: str) -> None:
    """An empty or binary input is refused before anything else."""
    with pytest.raises(Unreadable):
        read_xml(text)


def test_properties_cannot_be_a_bomb() -> None:
    """Properties that hold one another grow only so far."""
    lines = ['<property name="p0" value="hahahahaha"/>']
    lines += [f'<property name="p{n}" value="{f"${{p{n - 1}}}" * 10}"/>' for n in range(1, 12)]
    with pytest.raises(Unreadable, match=f"more than {MOST_INSERTED} characters"):
        read_xml(f"<databaseChangeLog>{''.join(lines)}</databaseChangeLog>")


def test_a_declared_encoding_of_decoded_text_is_passed_over() -> None:
    """Text that was decoded already says what it says, whatever encoding its first line names."""
    text = (
        '<?xml version="1.0" encoding="ISO-8859-1"?>\n<schema><views><view name="café">SELECT 1</view></views></schema>'
    )
    (view,) = read_xml(text).schema.views
    assert view.name == "café"


@pytest.mark.parametrize("file", [None, "db/changelog.xml"])
def test_xml_is_recognised(file: str | None) -> None:
    """An XML text is detected by its first tag or its ending, and read without being told."""
    text = f'\n<!-- ours -->\n<databaseChangeLog xmlns="{LIQUIBASE}"><include file="a.xml"/></databaseChangeLog>'
    found = detect(text, file)
    assert (found.format, found.dialect) == ("xml", None)
    assert found.evidence == ((".xml",) if file else ("begins with <!--",))
    assert read(text, file=file).losses[0].object == "a.xml"


CHANGES = "<databaseChangeLog><changeSet>{}</changeSet></databaseChangeLog>"
TABLE = '<createTable tableName="t"><column name="a0" type="int"/></createTable>'
COLUMN = "<databaseChangeLog><changeSet><createTable tableName='t'>{}</createTable></changeSet></databaseChangeLog>"


@pytest.mark.parametrize(
    ("around", "repeated"),
    [
        ("<XMLDB><TABLES>{}</TABLES></XMLDB>", '<TABLE NAME="t"/>'),
        ("<XMLDB><TABLES>{}</TABLES></XMLDB>", '<TABEL NAME="t#"/>'),
        ("<XMLDB{}/>", ' a#="x"'),
        ("<databaseChangeLog>{}</databaseChangeLog>", '<changeSet id="1"/>'),
        (CHANGES, '<createTable tableName="t#"/><dropTable tableName="t#"/>'),
        (CHANGES, '<createTable tableName="t#"><column name="a" type="int"/></createTable>'),
        (CHANGES, '<addPrimaryKey tableName="t#"/>'),
        (CHANGES.replace("{}", TABLE + "{}"), '<createIndex tableName="t"><column name="a0"/></createIndex>'),
        (CHANGES.replace("{}", TABLE + "{}"), '<setTableRemarks tableName="t" remarks="#"/>'),
        (CHANGES.replace("{}", TABLE + "{}"), '<modifyDataType tableName="t" columnName="a0" newDataType="c#"/>'),
        (
            CHANGES.replace("{}", TABLE + "{}"),
            '<addCheckConstraint tableName="t" constraintName="c#" constraintBody="a0 &gt; #"/>',
        ),
        (COLUMN, '<column name="a#" type="int"/>'),
        (COLUMN, '<column name="a#" type="int"><constraints primaryKey="true"/></column>'),
        (COLUMN, '<column name="a#" type="int"><constraints unique="true" references="u(id)"/></column>'),
        (COLUMN, '<column name="a#" type="int" defaultValueComputed="f(#)"/>'),
        ("<schema><tables>{}</tables></schema>", "<table><columns><column/></columns></table>"),
        ("<schema><tables>{}</tables></schema>", '<table name="t"/>'),
        ("<schema>{}</schema>", "x<y/>"),
    ],
)
def test_200_kb_never_hang(around: str, repeated: str) -> None:
    """However one thing is repeated, 200 kB of it are answered before the test's own limit, with a sound account."""
    count = 200_000 // (len(repeated) + 4 * repeated.count("#"))
    text = around.replace("{}", "".join(repeated.replace("#", str(number)) for number in range(count)))
    accounted(read_xml(text))


NAMES = st.sampled_from([
    *("schema", "tables", "table", "columns", "column", "indexes", "index", "key", "references", "reference", "parts"),
    *("checks", "check", "enums", "enum", "values", "value", "views", "view", "unique", "identity", "options", "part"),
    *("XMLDB", "TABLES", "TABLE", "FIELDS", "FIELD", "KEYS", "KEY", "INDEXES", "INDEX", "STATEMENTS"),
    *("databaseChangeLog", "changeSet", "createTable", "constraints", "addColumn", "dropColumn", "createIndex", "sql"),
    *("addPrimaryKey", "addForeignKeyConstraint", "addDefaultValue", "createSequence", "createView", "property"),
    *("preConditions", "not", "tableExists", "renameTable", "modifyDataType", "createProcedure", "addAutoIncrement"),
])  # fmt: skip
KEYS = st.sampled_from([
    *("name", "type", "columns", "table", "parts", "nullable", "dialect", "start", "values", "NAME", "TYPE", "LENGTH"),
    *("FIELDS", "REFTABLE", "DEFAULT", "SEQUENCE", "tableName", "columnName", "columnNames", "baseTableName", "value"),
    *("baseColumnNames", "referencedTableName", "referencedColumnNames", "indexName", "autoIncrement", "primaryKey"),
    *("defaultValue", "defaultValueComputed", "dbms", "newTableName", "oldTableName", "newDataType", "unique", "id"),
    *("sequenceName", "startValue", "viewName", "references", "afterColumn", "position", "columnDataType", "onFail"),
])  # fmt: skip
VALUES = st.sampled_from([
    *("a", "b", "t", "true", "false", "1", "-7", "", "int", "varchar(20)", "text", "primary", "foreign", "a, b"),
    *("(lower(a))", "postgresql", "mysql", "!h2", "x(a)", "${a}", "'", "a -> b(c)", "MARK_RAN", "é", "serial", "bit"),
])  # fmt: skip
SQL = st.sampled_from(["CREATE TABLE a (b int)", "DROP TABLE t;", "int! = 3", "(((", "'", "SELECT 1", " "])


@st.composite
def elements(draw: st.DrawFn, depth: int = 5) -> str:
    """An element of the vocabularies' words, however they fall."""
    name = draw(NAMES)
    attributes = draw(st.dictionaries(KEYS, VALUES, max_size=4))
    inside = draw(SQL | st.just("")).replace("&", "&amp;").replace("<", "&lt;")
    if depth:
        inside += "".join(draw(st.lists(elements(depth=depth - 1), max_size=3)))
    written = "".join(f' {key}="{value}"' for key, value in attributes.items())
    return f"<{name}{written}>{inside}</{name}>"


@settings(max_examples=150)
@given(st.sampled_from(["schema", "XMLDB", "databaseChangeLog"]), st.lists(elements(), max_size=5), st.booleans())
def test_words_in_any_order_raise_nothing(root: str, inside: list[str], told: bool) -> None:
    """Whatever stands where, a well-formed document becomes a reading, or an Unreadable, and the account adds up."""
    text = f"<{root}>{''.join(inside)}</{root}>"
    accounted(read_xml(text, dialect="postgres" if told else None))


CHANGE_NAMES = st.sampled_from([
    *("createTable", "dropTable", "renameTable", "addColumn", "dropColumn", "renameColumn", "modifyDataType", "sql"),
    *("addNotNullConstraint", "addDefaultValue", "addAutoIncrement", "addPrimaryKey", "dropPrimaryKey", "createIndex"),
    *("addUniqueConstraint", "addForeignKeyConstraint", "dropForeignKeyConstraint", "dropIndex", "createSequence"),
    *("alterSequence", "createView", "renameView", "dropView", "addCheckConstraint", "preConditions", "renameSequence"),
])  # fmt: skip
LISTED = st.sampled_from(["a", "b", "c", "a,b", "b, a", "A"])
TABLES = st.sampled_from(["t", "u", "T"])
ATTRIBUTES: dict[str, st.SearchStrategy[str]] = {
    **dict.fromkeys(("tableName", "baseTableName", "referencedTableName", "oldTableName", "newTableName"), TABLES),
    **dict.fromkeys(("columnName", "columnNames", "baseColumnNames", "referencedColumnNames", "name"), LISTED),
    **dict.fromkeys(("oldColumnName", "newColumnName", "constraintName", "indexName", "afterColumn"), LISTED),
    **dict.fromkeys(("sequenceName", "viewName", "oldViewName", "newViewName", "beforeColumn"), LISTED),
    **dict.fromkeys(("oldSequenceName", "newSequenceName", "primaryKeyName"), LISTED),
    **dict.fromkeys(
        ("type", "newDataType", "columnDataType"), st.sampled_from(["int", "serial", "text", "bit", "x(3)"])
    ),
    **dict.fromkeys(
        ("primaryKey", "unique", "autoIncrement", "nullable", "deferrable"), st.sampled_from(["true", "no"])
    ),
    **dict.fromkeys(("defaultValue", "constraintBody", "startValue", "position"), st.sampled_from(["1", "a > 1", "2"])),
    "onDelete": st.sampled_from(["CASCADE", "SET NULL", "BANG"]),
    "references": st.sampled_from(["t(a)", "u", "t(a", "s.u(a,b)"]),
}


@st.composite
def changes(draw: st.DrawFn) -> str:
    """A change with most of the attributes that it may have, and columns."""

    def attributes() -> str:
        left_out = draw(st.sets(st.sampled_from(sorted(ATTRIBUTES)), max_size=12))
        return "".join(f' {name}="{draw(value)}"' for name, value in ATTRIBUTES.items() if name not in left_out)

    columns = [f"<column{attributes()}><constraints{attributes()}/></column>" for _ in range(draw(st.integers(0, 2)))]
    name = draw(CHANGE_NAMES)
    return f"<{name}{attributes()}>{draw(SQL)}{''.join(columns)}</{name}>".replace(" > ", " &gt; ")


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.lists(changes(), max_size=12), st.sampled_from([None, "postgres", "mysql", "sqlite", "mssql"]))
def test_changes_in_any_order_raise_nothing(inside: list[str], dialect: Dialect | None) -> None:
    """Whatever a changelog does in which order, its account adds up and its model is whole."""
    text = f"<databaseChangeLog><changeSet>{''.join(inside)}</changeSet></databaseChangeLog>"
    reading = read_xml(text, dialect=dialect)
    accounted(reading)
    for table in reading.schema.tables:
        columns = {column.name for column in table.columns}
        used = [key.columns for key in table.uniques] + [key.columns for key in table.foreign_keys]
        used += [table.primary_key.columns] if table.primary_key else []
        assert all(columns.issuperset(names) for names in used)


@settings(max_examples=100)
@given(st.text(alphabet="<>/=\"'&;![]-?ax \n\r\tXMLDB", max_size=80))
def test_no_text_raises_anything_else(text: str) -> None:
    """Any text at all is read or refused."""
    for candidate in (text, f"<XMLDB>{text}</XMLDB>"):
        with contextlib.suppress(Unreadable):
            assert read_xml(candidate).statements.applied == 0
