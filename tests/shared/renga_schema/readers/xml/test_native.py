"""Renga's own format in XML."""

from pathlib import Path
from typing import Any

import pytest

from renga_schema.readers.xml.reader import read_xml
from renga_schema.readers.yaml import read_yaml

HERE = Path(__file__).parent


def without_places(value: Any) -> Any:
    """A dumped schema without its origins."""
    if isinstance(value, dict):
        return {name: without_places(item) for name, item in value.items() if name != "origin"}
    return [without_places(item) for item in value] if isinstance(value, list | tuple) else value


def test_it_says_what_yaml_says() -> None:
    """A schema in XML equals its twin in YAML, feature by feature."""
    xml = read_xml((HERE / "cases" / "native" / "library.xml").read_text())
    yaml = read_yaml((HERE.parent / "yaml_cases" / "library.yaml").read_text())
    assert not xml.diagnostics
    assert without_places(xml.schema.model_dump()) == without_places(yaml.schema.model_dump())
    assert xml.statements == yaml.statements


def test_every_object_knows_its_element() -> None:
    """Tables, columns, keys, checks and indexes point to the tag that describes them."""
    text = (HERE / "cases" / "native" / "library.xml").read_text()
    lines = text.splitlines()
    for table in read_xml(text, file="library.xml").schema.tables:
        described = [item.origin for item in (table, *table.columns, *table.indexes)]
        for origin in (*described, *(key.origin for key in table.foreign_keys)):
            assert origin is not None
            assert origin.file == "library.xml"
            assert lines[origin.line - 1][origin.column - 1] == "<"


@pytest.mark.parametrize(
    ("inside", "code", "message", "line"),
    [
        ("<tabels/>", "XML-UNKNOWN-KEY", "tabels is not a key", 2),
        ('<tables>\n<table name="t"><colums/></table></tables>', "XML-UNKNOWN-KEY", "colums is not a key", 3),
        ("<tables><table/></tables>", "XML-VALUE", "table lacks the attribute name", 2),
        ('<tables><table name="a"/>\n<table/></tables>', "XML-VALUE", "table lacks the attribute name", 3),
        ('<tables><table name="a"/>\n<table name="a"/></tables>', "XML-DUPLICATE-KEY", "a is given twice", 3),
        ("<enums/>\n<enums/>", "XML-DUPLICATE-KEY", "enums is given twice", 3),
        ("stray", "XML-VALUE", "'stray' has no meaning in schema", 1),
        ('<views a="1"><view name="v">SELECT 1</view></views>', "XML-VALUE", "views has no attribute a", 2),
        ('<enums><enum name="e">x</enum></enums>', "XML-VALUE", "a list is expected", 2),
        (
            '<tables><table name="t"><columns><column name="c" comment="x">-&gt; y</column></columns></table></tables>',
            "XML-VALUE",
            "This is no column",
            2,
        ),
        (
            '<tables><table name="t"><columns><column name="c">varchr</column></columns></table></tables>',
            "XML-TYPE",
            "has the type varchr",
            2,
        ),
    ],
)
def test_what_is_wrong_is_pointed_at(inside: str, code: str, message: str, line: int) -> None:
    """What has no meaning is one diagnostic at its element, and the rest is read."""
    text = f'<schema>\n{inside}\n<sequences><sequence name="ticket"/></sequences></schema>'
    reading = read_xml(text)
    found = next(each for each in reading.diagnostics if each.code == code)
    assert message in found.message
    assert found.origin is not None
    assert found.origin.line == line
    assert [sequence.name for sequence in reading.schema.sequences] == ["ticket"]


def test_an_index_without_a_name_gets_one() -> None:
    """Indexes of a list are named as PostgreSQL names them, numbered where a name is taken."""
    text = (
        '<schema><tables><table name="t"><columns><column name="a">int</column></columns>'
        '<indexes><index>a</index><index>a</index><index parts="a" unique="true"/></indexes></table></tables></schema>'
    )
    reading = read_xml(text)
    assert not reading.diagnostics
    assert [index.name for index in reading.schema.tables[0].indexes] == ["t_a_idx", "t_a_idx1", "t_a_idx2"]
