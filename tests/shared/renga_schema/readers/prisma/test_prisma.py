"""Prisma schemas and what the reader makes of them, side by side: `cases/x.prisma` and `cases/x.yaml`."""

from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import renga_schema
from expecting import accounted, as_data, expect
from renga_schema import Schema, Unreadable
from renga_schema.readers.prisma import read_prisma, read_prisma_files
from renga_schema.readers.source import Source

CASES = sorted((Path(__file__).parent / "cases").glob("*.prisma"))
SCHEMA = (Path(__file__).parent / "cases" / "postgres.prisma").read_text()
PIECES = ["model A {", "}", "\n", "id Int @id", '"', "//", "///", "/*", "*/", "[", "]", "(", ")", "@@", "@", "enum"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_schema_becomes_what_its_case_expects(case: Path) -> None:
    """Reading a case gives at least what is written beside it."""
    expected = yaml.safe_load(case.with_suffix(".yaml").read_text())
    reading = renga_schema.read(case.read_bytes(), file=case.name)
    expect({"diagnostics": [], "losses": [], **expected}, as_data(reading), case.stem)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_every_case_survives_serialisation(case: Path) -> None:
    """The model of a case goes to JSON and back without change."""
    schema = read_prisma(case.read_text()).schema
    assert Schema.model_validate_json(schema.model_dump_json()) == schema


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_the_statements_add_up(case: Path) -> None:
    """Every block is applied, kept, noted, in the ledger or failed."""
    accounted(read_prisma(case.read_text()))


def test_a_schema_is_recognised_by_its_text() -> None:
    """A Prisma schema needs no file name."""
    found = renga_schema.detect(SCHEMA)
    assert (found.format, found.dialect) == ("prisma", None)
    assert found.evidence
    assert renga_schema.read(SCHEMA).schema == read_prisma(SCHEMA).schema


def test_a_schema_in_several_files_is_one_schema() -> None:
    """Files name each other's models and share one datasource, in any order; origins and diagnostics name the file."""
    user = "model User {\n  id Int @id\n  posts Post[]\n  role Role\n}"
    post = "model Post {\n  id Int @id\n  userId Int\n  user User @relation(fields: [userId], references: [id])\n"
    post += "  x Y\n}\n"
    base = 'datasource db {\n  provider = "mysql"\n}\nenum Role {\n  A\n}\n'
    sources = [Source(user, "user.prisma"), Source(post, "post.prisma"), Source(base, "schema.prisma")]
    reading = read_prisma_files(sources)
    assert reading.schema.dialect == "mysql"
    users, posts = reading.schema.tables
    assert posts.foreign_keys[0].target == users.ref
    assert users.columns[1].type.values == ("A",)
    assert posts.origin is not None
    assert (posts.origin.file, posts.origin.line) == ("post.prisma", 1)
    assert [(each.origin and each.origin.file, each.text) for each in reading.diagnostics] == [("post.prisma", "x Y")]
    backwards = {table.name for table in read_prisma_files(sources[::-1]).schema.tables}
    assert backwards == {"User", "Post"}


@settings(max_examples=150)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=40))
def test_any_text_is_answered(pieces: list[str]) -> None:
    """Whatever stands in a text, the answer is a reading or `Unreadable`, and the statements add up."""
    try:
        reading = read_prisma(" ".join(pieces))
    except Unreadable:
        return
    accounted(reading)
    assert reading.statements.kept == 0


@settings(max_examples=60)
@given(st.integers(0, len(SCHEMA) - 1), st.integers(0, 30), st.sampled_from(PIECES))
def test_a_damaged_schema_is_answered(at: int, length: int, piece: str) -> None:
    """A schema with a part torn out and another put in is read as far as it goes."""
    reading = read_prisma(SCHEMA[:at] + piece + SCHEMA[at + length :])
    assert reading.statements.total >= 1


@pytest.mark.parametrize(
    "text",
    [
        "{" * 200_000,
        "/*" * 100_000,
        '"' * 200_000,
        "model a {\n" * 20_000,
        "model A {\n a Int @d(" + "f(" * 90_000,
        "model A {\n a B @x(" + "[" * 190_000,
        "model A {\n" + "  a A[]\n" * 20_000 + "}",
        "".join(f"model A{i} {{ a B{i}[] }}\n" for i in range(8_000)),
        "model A {\n"
        + "".join(f"c{i} Int\n" for i in range(5_000))
        + "".join(f"@@index([c{i}])\n" for i in range(5_000))
        + "}",
        'datasource d {\nprovider="mysql"\n}\nenum A {\n'
        + "".join(f"a{i}\n" for i in range(9_000))
        + "}\nmodel B {\n"
        + "".join(f"c{i} A @default(zz)\n" for i in range(6_000))
        + "}",
    ],
    ids=lambda text: text[:12].strip(),
)
def test_what_could_cost_by_the_square_is_answered(text: str) -> None:
    """200 kB made to be read slowly are answered long before the test's time is up."""
    assert read_prisma(text).statements.total
