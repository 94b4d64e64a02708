"""`renga relate`: what a schema does not declare, as a table, as DDL and for machines."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from hosts import free_port

Renga = Callable[..., Result]


def test_a_table_with_reasons(cli: Renga, undeclared_shop: Path) -> None:
    """Column, key, probability and why; who said it is on standard error."""
    result = cli("relate", undeclared_shop)
    assert result.exit_code == 0, result.output
    for said in ("sale.customer_id", "customer.id", "98%", "the name's stem 'customer' is the table customer"):
        assert said in result.stdout
    assert result.stderr == "1 foreign key proposed by the model links, version 1.\n"


def test_ddl(cli: Renga, undeclared_shop: Path) -> None:
    """Standard output is a script in the schema's own dialect, and nothing else."""
    result = cli("relate", undeclared_shop, "--format", "ddl", "--dialect", "postgres")
    assert result.stdout == (
        "ALTER TABLE sale ADD CONSTRAINT sale_customer_id_fkey FOREIGN KEY (customer_id)"
        " REFERENCES customer (id) NOT VALID;\n"
        "ALTER TABLE sale VALIDATE CONSTRAINT sale_customer_id_fkey;\n"
    )
    assert "NOT VALID" not in cli("relate", undeclared_shop, "--format", "ddl", "--dialect", "mysql").stdout


def test_for_machines(cli: Renga, undeclared_shop: Path) -> None:
    """One JSON object with all there is."""
    said = json.loads(cli("relate", undeclared_shop, "--format", "json").stdout)
    assert (said["found_by"], said["model"], said["version"]) == ("model", "links", "1")
    (one,) = said["proposals"]
    assert (one["table"], one["columns"], one["target"], one["target_columns"]) == (
        *("sale", ["customer_id"]),
        *("customer", ["id"]),
    )
    ruled = json.loads(cli("relate", undeclared_shop, "--format", "json", "--rules").stdout)
    assert (ruled["found_by"], ruled["model"], ruled["proposals"][0]["probability"]) == ("rules", None, None)


def test_a_threshold(cli: Renga, undeclared_shop: Path) -> None:
    """What is less probable is left out."""
    result = cli("relate", undeclared_shop, "--threshold", "0.99")
    assert result.stdout == ""
    assert result.stderr.startswith("0 foreign keys proposed by the model")


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (("--rules", "--threshold", "0.5"), 2, "--rules asks no model"),
        (("--url", "nonsense"), 2, "is no http or https URL"),
        (("--dialect", "postgress"), 2, "postgres"),
        (("--url", f"http://127.0.0.1:{free_port()}"), 1, "is away"),
        (("no-such-file.sql",), 2, "no-such-file.sql"),
    ],
)
def test_what_goes_wrong(
    cli: Renga, undeclared_shop: Path, arguments: tuple[str, ...], status: int, sentence: str
) -> None:
    """Misuse is 2, what could not be done is 1; each with a sentence."""
    result = cli("relate", undeclared_shop, *arguments)
    assert result.exit_code == status, result.output
    assert sentence in result.stderr


def test_no_model_and_no_table(
    cli: Renga, undeclared_shop: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a model the rules are offered; without a table there is nothing to say."""
    monkeypatch.setenv("RENGA_INFER_MODELS", str(tmp_path / "none"))
    refused = cli("relate", undeclared_shop)
    assert (refused.exit_code, "--rules asks no model" in refused.stderr) == (1, True)
    assert cli("relate", undeclared_shop, "--rules").exit_code == 0
    undeclared_shop.write_text("CREATE VIEW v AS SELECT 1;")
    assert cli("relate", undeclared_shop, "--rules").exit_code == 1
