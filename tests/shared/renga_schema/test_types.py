"""The vocabulary of data types: one meaning, one name."""

import pytest

from renga_schema.model import DataType, Dialect
from renga_schema.types import CATEGORIES, NEUTRAL, SYNONYMS, affinity, category, parse

SAME: list[list[tuple[str, Dialect | None]]] = [
    [("int4", "postgres"), ("integer", "postgres"), ("INT(11)", "mysql"), ("[int]", "mssql"), ("int", None)],
    [("int8", "postgres"), ("bigint(20)", "mysql"), ("UNSIGNED BIG INT", "sqlite"), ("bigserial", "postgres")],
    [("bool", "postgres"), ("tinyint(1)", "mysql"), ("bool", "mysql"), ("bit", "mssql"), ("BOOLEAN", "sqlite")],
    [("character varying(20)", "postgres"), ("NVARCHAR(20)", "mysql"), ("[nvarchar](20)", "mssql")],
    [("character", "postgres"), ("char(1)", "mysql"), ("nchar(1)", "mssql")],
    [("numeric(10)", "postgres"), ("decimal", "mysql"), ("dec(10,0)", "mysql"), ("[decimal](10, 0)", "mssql")],
    [
        ("double precision", "postgres"),
        ("float", "postgres"),
        ("double", "mysql"),
        ("REAL", "sqlite"),
        ("float", "mssql"),
    ],
    [("real", "postgres"), ("float(24)", "postgres"), ("float", "mysql"), ("real", "mssql")],
    [("timestamp with time zone", "postgres"), ("timestamptz", "postgres"), ("timestamp", "mysql")],
    [
        ("timestamp without time zone", "postgres"),
        ("datetime", "mysql"),
        ("DATETIME", "sqlite"),
        ("datetime2", "mssql"),
    ],
    [("bytea", "postgres"), ("blob", "mysql"), ("BLOB", "sqlite"), ("varbinary(max)", "mssql"), ("bytea", None)],
    [("text", "postgres"), ("TEXT", "sqlite"), ("[nvarchar](max)", "mssql"), ("string", None)],
    [("uuid", "postgres"), ("uniqueidentifier", "mssql")],
]

PARTS: list[tuple[str, Dialect, dict[str, object]]] = [
    ("integer[3][]", "postgres", {"name": "integer", "dimensions": 2}),
    ("text ARRAY", "postgres", {"name": "text", "dimensions": 1}),
    ("integer ARRAY[4]", "postgres", {"name": "integer", "dimensions": 1}),
    ("timestamp(3) with time zone", "postgres", {"name": "timestamptz", "arguments": (3,)}),
    ("geometry(Point,4326)", "postgres", {"name": "geometry", "arguments": ("Point", 4326)}),
    ("interval day to second(3)", "postgres", {"name": "interval", "arguments": ("day to second", 3)}),
    ("public.mpaa_rating", "postgres", {"name": "mpaa_rating", "namespace": "public"}),
    ('"Odd Schema"."Mood"', "postgres", {"name": "Mood", "namespace": "Odd Schema"}),
    ("pg_catalog.int4", "postgres", {"name": "integer", "namespace": None}),
    ('"char"', "postgres", {"name": "char", "arguments": ()}),
    ("int(5) unsigned zerofill", "mysql", {"name": "integer", "arguments": (5,), "unsigned": True, "zerofill": True}),
    ("tinyint(1) unsigned", "mysql", {"name": "tinyint", "arguments": (), "unsigned": True}),
    ("enum('a','b''c','d\\'e',\"f\",'(g)')", "mysql", {"name": "enum", "values": ("a", "b'c", "d'e", "f", "(g)")}),
    ("enum('[1]','x array')", "mysql", {"values": ("[1]", "x array"), "dimensions": 0}),
    ("datetime(0)", "mysql", {"name": "timestamp", "arguments": ()}),
    ("[dbo].[Flag]", "mssql", {"name": "Flag", "namespace": "dbo"}),
    ("", "sqlite", {"name": "any"}),
    ("varchar(" + "9" * 5000 + ")", "postgres", {"name": "varchar"}),
]


@pytest.mark.parametrize("group", SAME, ids=lambda group: group[0][0])
def test_synonyms_of_all_dialects_have_one_meaning(group: list[tuple[str, Dialect | None]]) -> None:
    """However a dialect spells a type, the canonical type is the same."""
    assert len({(found.name, found.arguments) for found in (parse(text, dialect) for text, dialect in group)}) == 1


@pytest.mark.parametrize(("text", "dialect", "expected"), PARTS, ids=lambda part: str(part)[:40])
def test_the_parts_of_a_type_are_told_apart(text: str, dialect: Dialect, expected: dict[str, object]) -> None:
    """Namespace, arguments, labels, arrays and signs each end in their own field, and the spelling is kept."""
    found = parse(text, dialect)
    assert {key: getattr(found, key) for key in expected} == expected
    assert found.written == text


def test_every_synonym_leads_to_a_canonical_name() -> None:
    """No dialect has a synonym for something that is not in the vocabulary."""
    for synonyms in (*SYNONYMS.values(), NEUTRAL):
        assert set(synonyms.values()) <= set(CATEGORIES)


def test_what_is_outside_the_vocabulary_is_the_users() -> None:
    """A qualified or unknown name is a user-defined type, whatever it looks like."""
    assert category(parse("varchar(3)", "postgres")) == "text"
    assert category(parse("mood", "postgres")) == "user"
    assert category(DataType(name="text", namespace="app")) == "user"
    assert category(parse("int[]", "postgres")) == "integer"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("INT", "integer"),
        ("CHARINT", "integer"),
        ("VARCHAR(5)", "text"),
        ("", "blob"),
        ("FLOAT", "real"),
        ("DATE", "numeric"),
    ],
)
def test_affinity_follows_sqlites_five_rules(written: str, expected: str) -> None:
    """The affinity of a declared type is decided by the letters in it, in SQLite's order of rules."""
    assert affinity(written) == expected
