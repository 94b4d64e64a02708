"""Renga's own format."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from renga_schema import Reading, Schema, Unreadable, read
from renga_schema.native.document import DEEPEST, MOST_COPIES
from renga_schema.readers.yaml import read_yaml

CASES = Path(__file__).parent / "yaml_cases"


def table(columns: str) -> str:
    """A document with one table of these columns."""
    return f"tables:\n  t:\n    columns: {columns}\n"


def codes(reading: Reading) -> list[str]:
    """The codes of its diagnostics."""
    return [diagnostic.code for diagnostic in reading.diagnostics]


def essence(schema: Schema) -> dict[str, Any]:
    """A schema without places and without the spellings of types."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            if set(value) == {"text", "canonical"}:
                return value["canonical"] or value["text"]
            return {name: plain(item) for name, item in value.items() if name not in {"origin", "written"}}
        return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value

    found: dict[str, Any] = plain(schema.model_dump())
    return found


def test_it_says_what_sql_says() -> None:
    """A schema in the format equals its twin in SQL, feature by feature."""
    ours = read_yaml((CASES / "library.yaml").read_text())
    theirs = read((CASES / "library.sql").read_text(), dialect="postgres")
    assert not ours.diagnostics
    assert not theirs.diagnostics
    assert essence(ours.schema) == essence(theirs.schema)
    assert ours.statements.applied == ours.statements.total == 14


def test_json_is_the_same_format() -> None:
    """A document and its JSON read as the same schema."""
    text = (CASES / "library.yaml").read_text()
    as_json = json.dumps(yaml.load(text, Loader=yaml.BaseLoader))  # noqa: S506  makes strings of everything
    assert essence(read_yaml(as_json).schema) == essence(read_yaml(text).schema)


def test_the_json_schema_accepts_the_format() -> None:
    """The published JSON Schema accepts what the reader does, and refuses an unknown key."""
    path = Path(__file__).parents[4] / "shared" / "renga_schema" / "schemas" / "native.schema.json"
    validator = jsonschema.Draft202012Validator(json.loads(path.read_text()))
    data = yaml.safe_load((CASES / "library.yaml").read_text())
    assert not list(validator.iter_errors(data))
    assert list(validator.iter_errors({"tables": {"t": {"colums": {}}}}))


@pytest.mark.parametrize(
    ("short", "expected"),
    [
        ("text", {"type": "text", "nullable": True}),
        ("varchar(20)!", {"type": "varchar(20)", "nullable": False}),
        ("double precision ! = 1.50", {"type": "double", "default": "1.50", "nullable": False}),
        ("text = 'a = b -> c'", {"default": "'a = b -> c'"}),
        ("numeric(10, 2) = (1 + 2)", {"type": "numeric(10,2)", "default": "(1 + 2)"}),
        ("text[] = '{}'", {"type": "text[]", "default": "'{}'"}),
        ("bigint identity", {"identity": "by default", "nullable": False}),
        ("bigint identity always key", {"identity": "always", "key": ("c",), "nullable": False}),
        ("int unique", {"unique": ("c",)}),
        ("int -> s.u(id) on delete set null", {"target": "s.u", "on_delete": "set null", "to": ("id",)}),
        ("int! -> u = 3", {"target": "u", "default": "3", "to": ()}),
        ("int(11) unsigned!", {"type": "integer unsigned", "nullable": False}),
    ],
)
def test_short_columns(short: str, expected: dict[str, object]) -> None:
    """The short form of a column means what its long form says."""
    reading = read_yaml(table(json.dumps({"c": short})))
    assert not reading.diagnostics
    (found,) = reading.schema.tables
    (column,) = found.columns
    key = found.foreign_keys[0] if found.foreign_keys else None
    said = {
        "type": str(column.type),
        "nullable": column.nullable,
        "default": column.default.text if column.default else None,
        "identity": column.identity.style if column.identity else None,
        "key": found.primary_key.columns if found.primary_key else None,
        "unique": found.uniques[0].columns if found.uniques else None,
        "target": str(key.target) if key else None,
        "on_delete": key.on_delete if key else None,
        "to": key.referred_columns if key else None,
    }
    assert {name: said[name] for name in expected} == expected


def test_words_mean_themselves() -> None:
    """`no`, `on`, `1.50` and dates are text, not what YAML 1.1 makes of them."""
    reading = read_yaml("enums:\n  e: [no, on, yes, 1.50, 2026-01-01, null_, 0x10]\ntables: {on: {columns: {no: int}}}")
    assert reading.schema.enums[0].values == ("no", "on", "yes", "1.50", "2026-01-01", "null_", "0x10")
    assert reading.schema.tables[0].columns[0].name == "no"


def test_every_object_knows_its_place() -> None:
    """Tables, columns, keys, checks and indexes point to the line and column of their name."""
    reading = read_yaml((CASES / "library.yaml").read_text(), file="library.yaml")
    lines = (CASES / "library.yaml").read_text().splitlines()
    for found in reading.schema.tables:
        for item in (*found.columns, *found.indexes):
            assert item.origin is not None
            assert item.origin.file == "library.yaml"
            assert lines[item.origin.line - 1][item.origin.column - 1 :].startswith(item.name or "?")
    origin = reading.schema.table("loan").foreign_keys[0].origin  # type: ignore[union-attr]  # it is there
    assert origin is not None
    assert "columns: [isbn, edition]" in lines[origin.line - 1]


@pytest.mark.parametrize(
    ("text", "line", "column", "advice"),
    [
        ("tabels: {}", 1, 1, "Did you mean tables?"),
        ("tables:\n  t:\n    colums: {}", 3, 5, "Did you mean columns?"),
        ("tables:\n  t:\n    columns:\n      a: {typ: int, type: int}", 4, 11, "Did you mean type?"),
        (
            "tables:\n  t:\n    columns: {a: int}\n    indexes:\n      i: {parts: a, uniqe: true}",
            5,
            21,
            "Did you mean unique?",
        ),
        ("views:\n  v: {query: select 1, materialised: true}", 2, 24, "Did you mean materialized?"),
    ],
)
def test_an_unknown_key_is_named_with_its_likely_meaning(text: str, line: int, column: int, advice: str) -> None:
    """A misspelt key is pointed at, and the right one is offered."""
    found = next(each for each in read_yaml(text).diagnostics if each.code == "YAML-UNKNOWN-KEY")
    assert found.origin is not None
    assert (found.origin.line, found.origin.column, found.help) == (line, column, advice)
    assert found.text == text.splitlines()[line - 1].strip()


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("{a: int not null}", "write `type!` for NOT NULL"),
        ("{a: int primary key}", "write `key` for a primary key"),
        ("{a: int references b}", "write `-> table(column)` for a reference"),
        ("{a: -> b}", "a column begins with its type"),
        ("{a: int -> }", "a column begins with its type"),
        ("[a, b]", "a mapping is expected"),
        ("{a: }", "a mapping is expected"),
        ("{a: {type: int, on_update: [1]}}", "a text is expected"),
        ("{a: {nullable: false}}", "lacks type"),
        ("{a: {type: int, nullable: perhaps}}", "tables.t.columns.a.nullable"),
    ],
)
def test_a_wrong_value_is_explained(columns: str, message: str) -> None:
    """What cannot be read is a diagnostic that says what is expected."""
    reading = read_yaml(table(columns))
    if columns == "{a: int -> }":
        assert codes(reading) == ["YAML-TYPE"]
        return
    assert set(codes(reading)) == {"YAML-VALUE"}
    assert message in reading.diagnostics[0].message
    assert reading.statements.failed == 1


def test_one_wrong_object_does_not_spoil_the_others() -> None:
    """Each object is read by itself."""
    reading = read_yaml("tables:\n  bad: {columns: 3}\n  good: {columns: {id: int key}}\nviews: {v: select 1}")
    assert [found.name for found in reading.schema.tables] == ["good"]
    assert [view.name for view in reading.schema.views] == ["v"]
    assert (reading.statements.applied, reading.statements.failed, reading.statements.total) == (2, 1, 3)


def test_a_key_given_twice_is_found() -> None:
    """The second of two equal keys is pointed at, and the first counts."""
    reading = read_yaml("tables:\n  t:\n    columns:\n      a: int\n      a: text\n")
    assert codes(reading) == ["YAML-DUPLICATE-KEY"]
    assert reading.diagnostics[0].origin is not None
    assert reading.diagnostics[0].origin.line == 5
    assert reading.schema.tables[0].columns[0].type.name == "integer"


def test_a_misspelt_type_is_a_warning() -> None:
    """A type that is neither built in nor described is kept, with a warning that offers the likely one."""
    reading = read_yaml(table("{a: varchr(20), b: mood}") + "enums: {mood: [good]}\n")
    (found,) = reading.diagnostics
    assert (found.severity, found.code, found.help) == ("warning", "YAML-TYPE", "Did you mean varchar?")


def test_aliases_and_merges_work() -> None:
    """Columns that several tables share can be written once."""
    text = (
        "tables:\n  a:\n    columns: &stamps {id: int key, at: timestamptz!}\n"
        "  b:\n    columns: {<<: *stamps, at: date, more: text}\n"
    )
    columns = {column.name: column.type.name for column in read_yaml(text).schema.tables[1].columns}
    assert columns == {"id": "integer", "at": "date", "more": "text"}


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BOMB, f"repeat more than {MOST_COPIES} parts"),
        ("[" * 100_000, f"nested deeper than {DEEPEST} levels"),
        ("{a: " * 100_000, f"nested deeper than {DEEPEST} levels"),
        ("- " * 50_000, f"nested deeper than {DEEPEST} levels"),
        ("tables: {t: ", "not YAML"),
        ("tables: {a: *nowhere}", "Nothing before this is marked &nowhere"),
        ("tables: !!python/object/apply:os.system [x]\n", None),
        ("tables: !run x", "The tag !run has no meaning here"),
        ("a: 1\n---\nb: 2", "A second document"),
        ("[a, b]: c", "A key must be a plain word"),
        ("just words", "describes no schema"),
        ("- tables", "describes no schema"),
    ],
)
def test_hostile_input_is_refused_quickly(text: str, message: str | None) -> None:
    """Bombs, endless nesting, foreign tags and what is no schema end in one clear error with a place."""
    if message is None:
        assert set(codes(read_yaml(text))) == {"YAML-VALUE"}
        return
    with pytest.raises(Unreadable, match=message) as refused:
        read_yaml(text)
    assert refused.value.diagnostic.origin is not None
    assert refused.value.diagnostic.code == "READ-YAML"


@pytest.mark.parametrize("text", ["", "   ", "\x00", "tables: \x07"])
def test_what_is_no_text_is_refused(text: str) -> None:
    """An empty or a binary input is refused before anything else."""
    with pytest.raises(Unreadable):
        read_yaml(text)
