"""SQLite itself is the judge: what a script says, what its catalogue counts, and what is read of its file."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agreement import Difference, Fact, Facts, Judged, counts_of, differences, script_of
from renga_schema import Schema, read
from renga_schema.live import read_database
from sqlite_counts import counted

FOLDER = Path(__file__).parent
JUDGED = Judged.by(
    "sqlite", FOLDER / "explained.yaml", FOLDER / "cases/sqlite", FOLDER.parent / "readers/sql/cases/sqlite"
)


def disagreements(file: Path, script: str) -> list[Difference]:
    """What the catalogue, the script's reading and the file's reading say differently."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(script)
        real = counts_of(counted(connection))
    written, live = read(script, dialect="sqlite"), read_database(f"sqlite:///{file}")
    judged = {fact: value for fact, value in counts_of(written).items() if fact in real}
    return [
        *differences(("catalogue", "file"), real, judged),
        *differences(("live", "file"), counts_of(live), counts_of(written)),
        *differences(("live", "file"), _whole(live.schema), _whole(written.schema)),
    ]


def _whole(schema: Schema) -> Facts:
    """Every object of a schema with all that the model knows of it but for its place: SQLite keeps what was written."""
    return {
        Fact(f"{kind} {each.name}", "is"): str(_placeless(each.model_dump()))
        for kind in Schema.model_fields
        if kind not in {"dialect", "namespaces"}
        for each in getattr(schema, kind)
        if getattr(each, "persistence", None) != "temporary"
    }


def _placeless(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _placeless(item) for name, item in value.items() if name != "origin"}
    return [_placeless(item) for item in value] if isinstance(value, list | tuple) else value


@pytest.mark.parametrize("case", JUDGED.cases, ids=lambda case: case.stem)
def test_cases_count_as_sqlite_counts_them(case: Path, tmp_path: Path) -> None:
    """Each committed case counts as the catalogue counts it after loading, and the file reads as the case."""
    script = script_of(case, "SQLite")
    JUDGED.agree(f"cases/{case.name}", disagreements(tmp_path / "case.db", script))


def test_twins_count_as_sqlite_counts_them(subtests: pytest.Subtests, shared_material: Path, tmp_path: Path) -> None:
    """The SQLite editions of well-known sample databases count as SQLite counts them, and read alike from the file."""

    def compare(script: Path) -> list[Difference]:
        return disagreements(tmp_path / f"{script.parent.name}.db", script.read_text("utf-8-sig"))

    JUDGED.agree_on_corpus(subtests, shared_material, compare)


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert not JUDGED.outlived()
