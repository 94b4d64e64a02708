"""@dbml/core is the judge: the SQL that it exports says what the reader says, and what it refuses has a diagnostic.

The SQL is read by the reader of PostgreSQL, which has a judge of its own.
"""

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

import renga_schema
from agreement import Judged, differences
from node import ask, install
from postgres_reading import read
from renga_schema.readers.dbml import read_dbml

pytestmark = pytest.mark.connected

FOLDER = Path(__file__).parent
CASES = {path.stem: path.read_text() for path in sorted((FOLDER / "cases").glob("*.dbml"))}
SNIPPETS = {str(number): text for number, text in enumerate((FOLDER / "snippets.dbml").read_text().split("\n----\n"))}
JUDGED = Judged.by("dbml", FOLDER / "explained.yaml")
POSTGRES = "Project { database_type: 'PostgreSQL' }"
"""Without it, types and expressions are of no dialect, and the exported SQL is of one."""
_DEFERRABLE = re.compile(r" initially immediate$")


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Mapping[str, str]]:
    """What @dbml/core says about every case and every snippet."""
    judge = install(FOLDER / "judge", tmp_path_factory.mktemp("dbml"))
    return ask(judge, CASES | SNIPPETS)


@pytest.mark.parametrize("name", CASES)
def test_a_text_is_what_dbml_exports_of_it(name: str, answers: Mapping[str, Mapping[str, str]]) -> None:
    """Tables, columns, defaults, keys, checks, indexes, enums and notes are those of the exported SQL."""
    text, answer = CASES[name], answers[name]
    if "refused" in answer:
        assert read_dbml(text).diagnostics
        return
    schema = read_dbml(text if "database_type" in text else f"{POSTGRES}\n{text}").schema
    exported = renga_schema.read(answer["sql"], dialect="postgres").schema
    # The exporter makes every foreign key deferrable, which DBML has no words for.
    theirs = {fact: _DEFERRABLE.sub("", value) for fact, value in read(exported).items()}
    JUDGED.agree(name, differences(("@dbml", "model"), theirs, read(schema)))


def test_what_is_refused_has_a_diagnostic_and_nothing_else_has(
    subtests: pytest.Subtests, answers: Mapping[str, Mapping[str, str]]
) -> None:
    """A text is complained about exactly where @dbml/core refuses it."""
    for name, text in SNIPPETS.items():
        with subtests.test(msg=text):
            said = [each.message for each in read_dbml(text).diagnostics]
            assert bool(said) == ("refused" in answers[name]), answers[name].get("refused", said)


def test_explanations_are_about_cases_that_exist() -> None:
    """No entry of the list outlives the case that it explains."""
    assert {name for entry in JUDGED.explanations for name in entry.files} <= set(CASES)
