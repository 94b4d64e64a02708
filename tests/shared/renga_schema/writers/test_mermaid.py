"""The diagram."""

import re
from pathlib import Path

import pytest

from renga_schema import Schema, read
from renga_schema.writers.mermaid import MOST_EDGES, diagram

# What the grammar of Mermaid's erDiagram accepts of what we write.
NAME = r"[A-Za-z_][A-Za-z0-9_]*"
LINES = [
    re.compile(rf'    {NAME}(\["[^"]*"\])?( \{{)?'),
    re.compile(rf"        {NAME} {NAME}( (PK|FK|UK)(, (PK|FK|UK))*)?"),
    re.compile(r"    \}"),
    re.compile(rf'    {NAME} (\|\||\|o)--(o\||o\{{) {NAME} : "[^"]*"'),
]


def strange(text: str) -> list[str]:
    """The lines that Mermaid would not accept."""
    head, *lines = text.splitlines()
    assert head == "erDiagram"
    return [line for line in lines if not any(form.fullmatch(line) for form in LINES)]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ("a_id int NOT NULL REFERENCES a (id)", '    a ||--o{ b : "a_id"'),
        ("a_id int REFERENCES a (id)", '    a |o--o{ b : "a_id"'),
        ("a_id int PRIMARY KEY REFERENCES a (id)", '    a ||--o| b : "a_id"'),
    ],
)
def test_how_many_stand_on_each_side(columns: str, expected: str) -> None:
    """A nullable reference may find none; a unique one is referred to once at most."""
    schema = read(f"CREATE TABLE a (id int PRIMARY KEY);\nCREATE TABLE b ({columns});", dialect="postgres").schema
    assert diagram(schema).splitlines()[-1] == expected


def test_names_are_safe_and_unique() -> None:
    """A name that Mermaid cannot take gets another, with the real one as its label."""
    sql = 'CREATE TABLE "a b" ("x-y" int);\nCREATE TABLE a_b (x int);\nCREATE TABLE "1\'st" ("2" int);'
    text = diagram(read(sql, dialect="postgres").schema)
    assert strange(text) == []
    assert 'a_b["a b"] {' in text
    assert 'a_b_2["a_b"] {' in text


def test_real_schemas_stay_valid(shared_material: Path) -> None:
    """However large a schema is, its diagram is one that Mermaid accepts."""
    for path in sorted((shared_material / "corpus" / "apps" / "postgres").glob("*.sql")):
        text = diagram(read(path.read_bytes(), dialect="postgres").schema)
        assert strange(text) == [], path.name
        assert len(text) < 50_000
        assert text.count("--") <= MOST_EDGES


def test_a_schema_without_tables_is_an_empty_diagram() -> None:
    """Mermaid accepts a diagram without entities."""
    assert diagram(Schema()) == "erDiagram"
