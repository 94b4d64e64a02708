"""What is written of Terraform's files is in step; `make generate` writes it."""

from pathlib import Path

from renga_dev.terraform import generated


def test_copies_and_tables_are_in_step(repository: Path) -> None:
    """Each copy of the contract and each table of variables and outputs is what the files say today."""
    for path, text in generated(repository / "terraform").items():
        assert path.is_file(), f"{path} is missing: run `make generate`"
        assert path.read_text() == text, f"{path} is out of step: run `make generate`"
