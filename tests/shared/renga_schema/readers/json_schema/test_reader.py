"""What holds for every JSON Schema: what is refused, how it is recognised, and that nothing else raises."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from expecting import accounted, refused
from renga_schema import Unreadable, detect, read
from renga_schema.readers.json_schema.document import DEEPEST
from renga_schema.readers.json_schema.reader import read_json_schema
from renga_schema.readers.json_schema.shapes import MOST_MERGED

DRAFT = "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[" * 100_000, f"nested deeper than {DEEPEST} levels"),
        ('{"a":' * 100_000, f"nested deeper than {DEEPEST} levels"),
        ("{", "a key in double quotes is expected"),
        ('{"a": 1,}', "a key in double quotes is expected"),
        ('{"a" 1}', "':' is expected"),
        ("{'a': 1}", "a key in double quotes is expected"),
        ('{"a": nul}', "a value is expected"),
        ('{"a": 01}', "',' is expected"),
        ('{"a": "x', "unterminated string"),
        ('{"a": "\\x"}', "invalid"),
        ("{} {}", "more follows its end"),
        ("[]", "describes no schema"),
        ("a: [", "not YAML"),
        ("a: *b", "undefined alias|marked &b"),
        ("a: 1\n---\nb: 1", "second document"),
        ("a: " + "[" * 5_000, f"nested deeper than {DEEPEST} levels"),
        ("? [a]\n: b", "key must be a plain word"),
        ("a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 40)), "aliases"),
        ("3", "describes no schema"),
    ],
)
def test_what_is_refused(text: str, message: str) -> None:
    """What is no JSON, no object or endlessly nested ends in one sentence with a place and advice."""
    refused(read_json_schema, text, message, "READ-JSON")


def test_definitions_cannot_be_a_bomb() -> None:
    """Definitions that hold one another many times grow only so far."""
    definitions: dict[str, Any] = {"d0": {"properties": {"a": {"type": "string"}}}}
    for number in range(1, 30):
        definitions[f"d{number}"] = {"allOf": [{"$ref": f"#/$defs/d{number - 1}"}, {"$ref": f"#/$defs/d{number - 1}"}]}
    with pytest.raises(Unreadable, match=f"more than {MOST_MERGED} parts"):
        read_json_schema(json.dumps({"$defs": definitions}))


def test_nothing_described_is_said() -> None:
    """A document without an object is an empty reading with one diagnostic."""
    reading = read_json_schema('{"type": "string"}')
    assert reading.schema.is_empty
    assert [found.code for found in reading.diagnostics] == ["JSON-SCHEMA"]


@pytest.mark.parametrize(
    ("text", "file", "evidence"),
    [
        (json.dumps({"$schema": DRAFT, "properties": {}}), None, "$schema"),
        (json.dumps({"$schema": DRAFT, "properties": {}}), "a.json", "$schema"),
        (json.dumps({"type": "object", "properties": {}}), "a.json", "properties of an object"),
        ('{"title": "x"}', "models/x.schema.json", ".schema.json"),
        ("title: x", "models/x.schema.yaml", ".schema.yaml"),
        ("# ours\n$schema: https://json-schema.org/draft/2020-12/schema\n", "a.yml", "$schema"),
        ("type: object\nproperties:\n  a: {}\n", None, "properties of an object"),
        ('{"$defs": {"a": {"type": "string"}}}', None, "definitions"),
        ("openapi: 3.1.0\npaths: {}\n", None, "openapi 3.1"),
        ('{"swagger":"2.0"}', "a.json", "swagger 2.0"),
    ],
)
def test_json_schema_is_recognised(text: str, file: str | None, evidence: str) -> None:
    """It is known by its ending, its `$schema`, or the properties of an object."""
    found = detect(text, file)
    assert (found.format, found.dialect, found.evidence) == ("jsonschema", None, (evidence,))


def test_our_own_json_is_not_taken_for_one() -> None:
    """A document in Renga's own format stays that."""
    text = json.dumps({"tables": {"t": {"columns": {"properties": "text", "type": "text"}}}})
    assert detect(text, "shop.json").format == "yaml"
    assert [table.name for table in read(text, file="shop.json").schema.tables] == ["t"]


@pytest.mark.parametrize(
    ("described", "name"),
    [
        ({"title": "Sales Order", "$id": "x"}, "Sales_Order"),
        ({"$id": "https://example.org/a/order.schema.json"}, "order"),
        ({"id": "http://example.org/order#"}, "order"),
        ({}, "file"),
    ],
)
def test_the_root_has_a_name(described: dict[str, str], name: str) -> None:
    """The root's table is called by its title, its address, or its file."""
    text = json.dumps({**described, "properties": {"a": {"type": "string"}}})
    assert [table.name for table in read_json_schema(text, file="some/file.schema.json").schema.tables] == [name]


@pytest.mark.parametrize(
    ("around", "repeated"),
    [
        ('{"properties": {#}}', '"p#": {"type": "string", "minLength": 3}'),
        ('{"properties": {#}}', '"p#": {"enum": ["a"]}'),
        ('{"properties": {#}}', '"p#": {"properties": {"a": true}}'),
        ('{"properties": {#}}', '"p#": {"type": "array", "items": {"$ref": "%23"}}'),
        ('{"properties": {#}}', '"p#": {"$ref": "#/$defs/no"}'),
        ('{"properties": {#}}', '"p#": {"type": "strng"}'),
        ('{"properties": {#}}', '"p": {"a": 1}'),
        ('{"$defs": {#}}', '"d#": {"$ref": "#/$defs/d#1"}'),
        ('{"$defs": {#}}', '"d#": {"properties": {"a": {"$ref": "#/$defs/d0"}}}'),
        ('{"$defs": {#}}', '"d#": {"allOf": [{"$ref": "#/$defs/d0"}, {"properties": {"a": true}}]}'),
        ('{"$defs": {#}}', '"d#": {"type": "array", "items": {"$ref": "#/$defs/d#"}}'),
        ('{"required": [#]}', '"a#"'),
    ],
)
def test_200_kb_never_hang(around: str, repeated: str) -> None:
    """However one thing is repeated, 200 kB of it are answered before the test's own limit, with a sound account."""
    pieces = []
    for number in range(200_000 // (len(repeated) + 6)):
        written = repeated.replace("#/", "\0").replace("#1", str(number + 1)).replace("#", str(number))
        pieces.append(written.replace("\0", "#/").replace("%23", "#"))
    with contextlib.suppress(Unreadable):
        accounted(read_json_schema(around.replace("#", ", ".join(pieces))))


SCALARS = st.sampled_from([
    *(None, True, False, 0, 1, -3, 1.5, 1e300, "", "a", "string", "object", "array", "integer", "null", "date-time"),
    *("#", "#/$defs/a", "#/$defs/b", "#/properties/a", "#a", "b.json", "int32", "base64", "é", "it's", "/", "~0"),
])  # fmt: skip
KEYWORDS = st.sampled_from([
    *("type", "properties", "required", "$defs", "definitions", "$ref", "$id", "$anchor", "allOf", "anyOf", "oneOf"),
    *("items", "prefixItems", "enum", "const", "default", "format", "maxLength", "minLength", "pattern", "minimum"),
    *("exclusiveMinimum", "multipleOf", "title", "description", "additionalProperties", "nullable", "uniqueItems"),
    *("minItems", "contentEncoding", "not", "if", "a", "b", "id"),
])  # fmt: skip
VALUES: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inside: st.lists(inside, max_size=3) | st.dictionaries(KEYWORDS, inside, max_size=5), max_leaves=30
)
SCHEMAS: st.SearchStrategy[Any] = st.deferred(
    lambda: st.fixed_dictionaries(
        {},
        optional={
            "type": st.sampled_from(["object", "array", "string", "integer", ["string", "null"]]) | SCALARS,
            "properties": st.dictionaries(st.sampled_from(["a", "b", "id", "a_id", "position"]), SCHEMAS, max_size=3),
            "$defs": st.dictionaries(st.sampled_from(["a", "b"]), SCHEMAS, max_size=2),
            "$ref": st.sampled_from(["#", "#/$defs/a", "#/$defs/b", "#/properties/a"]),
            "items": SCHEMAS,
            "allOf": st.lists(SCHEMAS, max_size=2),
            "anyOf": st.lists(SCHEMAS | st.just({"type": "null"}), max_size=2),
            "enum": st.lists(SCALARS, max_size=3),
            "default": VALUES,
            "required": st.lists(st.sampled_from(["a", "b", "c"]), max_size=2),
            "maxLength": SCALARS,
            "minimum": SCALARS,
        },
    )
)


@settings(max_examples=200)
@given(st.dictionaries(KEYWORDS, VALUES, max_size=8) | SCHEMAS)
def test_keywords_in_any_order_raise_nothing(document: dict[str, Any]) -> None:
    """Whatever stands where, an object becomes a reading whose account adds up and whose references lead somewhere."""
    reading = read_json_schema(json.dumps(document))
    accounted(reading)
    for table in reading.schema.tables:
        assert len({column.name for column in table.columns}) == len(table.columns)
        for key in table.foreign_keys:
            target = reading.schema.table(key.target)
            assert target is not None
            assert target.column(key.referred_columns[0]) is not None


@settings(max_examples=100)
@given(st.text(alphabet='{}[]:,"\\u019etrufalsn -.$', max_size=60))
def test_no_text_raises_anything_else(text: str) -> None:
    """Any text at all is read or refused."""
    for candidate in (text, f'{{"properties": {text}}}'):
        with contextlib.suppress(Unreadable):
            read_json_schema(candidate)


@given(VALUES)
def test_json_is_read_as_json(value: Any) -> None:
    """What the standard library's parser accepts is accepted, as deep as the limit allows."""
    text = json.dumps({"default": value}, indent="\t")
    assert read_json_schema(text).statements.total >= 1
