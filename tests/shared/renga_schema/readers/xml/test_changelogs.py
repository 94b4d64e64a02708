"""Changelogs of several files, in any notation: a folder and what it comes to, side by side.

`given` in the expectation says which dialect is meant, and which file is read where it is not the whole folder.
"""

import zipfile
from pathlib import Path

import pytest
import yaml

from expecting import accounted, as_data, expect
from renga_schema import read
from renga_schema.readers.several import read_files

FOLDER = Path(__file__).parent / "changelogs"
CASES = sorted(FOLDER.glob("*.yaml"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_folder_of_changelogs_is_read_as_liquibase_applies_it(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a changelog includes is read where it is included, and origins name the file."""
    monkeypatch.chdir(FOLDER)
    expected = yaml.safe_load(case.read_text())
    given = expected.pop("given", {})
    path = Path(case.stem, given["first"]) if "first" in given else Path(case.stem)
    reading = read_files([path], dialect=given.get("dialect"))
    expect({"diagnostics": [], "losses": [], **expected}, as_data(reading), case.stem)
    accounted(reading)


def test_an_archive_is_read_as_its_folder(tmp_path: Path) -> None:
    """A changelog in an archive finds what it includes in there, and nothing on the disk."""
    archive = tmp_path / "inn.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for file in sorted((FOLDER / "inn").rglob("*.*")):
            opened.write(file, file.relative_to(FOLDER))
    packed = read_files([archive], dialect="mysql").schema
    plain = read_files([FOLDER / "inn"], dialect="mysql").schema
    assert [table.name for table in packed.tables] == [table.name for table in plain.tables]
    assert "only_my" in {table.name for table in packed.tables}


def test_a_text_refers_to_nothing() -> None:
    """A changelog that comes as a text opens no file, wherever its name says it lies."""
    master = FOLDER / "roads" / "a.xml"
    reading = read(master.read_text(), file=str(master))
    assert "b.xml" in {loss.object for loss in reading.losses}
    assert {table.origin.file for table in reading.schema.tables if table.origin} == {str(master)}


def test_only_descriptions_are_opened(tmp_path: Path) -> None:
    """An include of what is no description is not opened, whatever it is."""
    secret = tmp_path / "shadow"
    secret.write_text("root:secret")
    changelog = tmp_path / "log.xml"
    changelog.write_text(f'<databaseChangeLog><include file="{secret}"/></databaseChangeLog>')
    reading = read_files([changelog])
    assert [loss.object for loss in reading.losses] == [str(secret)]
    assert not reading.diagnostics
