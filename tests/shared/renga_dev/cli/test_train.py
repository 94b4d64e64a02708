"""`renga train` at the command line; tests/shared/renga_infer/links/training/test_making.py trains."""

from pathlib import Path

from click.testing import CliRunner

from renga_dev.cli import main


def test_a_folder_that_teaches_nothing_is_said_to(tmp_path: Path) -> None:
    """Schemas without foreign keys end in a sentence and status 1; what cannot be read is named; nothing is written."""
    (tmp_path / "posts.sql").write_text("CREATE TABLE posts (id integer PRIMARY KEY, user_id integer);")
    (tmp_path / "empty.sql").write_text("")
    out = tmp_path / "models"
    result = CliRunner().invoke(main, ["train", "links", "--corpus", str(tmp_path), "--out", str(out)])
    assert result.exit_code == 1
    assert "empty.sql: The input is empty." in result.stderr
    assert "Nothing was trained: 0 of 1 projects declare foreign keys; at least 2 are needed" in result.stderr
    assert not out.exists()
