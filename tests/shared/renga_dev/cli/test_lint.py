"""`renga lint`: the rules' findings, and on request the foreign keys that a schema leaves out."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from hosts import free_port

Renga = Callable[..., Result]


def test_findings_in_the_order_of_the_source(cli: Renga, undeclared_shop: Path) -> None:
    """Place, severity, rule, sentence and help; no foreign key is looked for unless somebody asks."""
    result = cli("lint", undeclared_shop)
    assert result.exit_code == 0, result.output
    assert "shop.sql:3:66: warning TYP-FLOAT-MONEY sale.price looks like money but is double" in result.stdout
    assert "DSN-FK-MISSING" not in result.stdout
    assert result.stderr == "0 errors, 1 warning, 0 info.\n"


def test_the_model_is_asked_for_what_is_not_declared(cli: Renga, undeclared_shop: Path) -> None:
    """Its proposals are findings with their probability and reasons, and who made them is said."""
    result = cli("lint", undeclared_shop, "--links", "model", "--rule", "DSN-FK-MISSING")
    assert result.exit_code == 0, result.output
    assert (
        "warning DSN-FK-MISSING sale (customer_id) refers to customer (id) with a probability of 98%" in result.stdout
    )
    assert "the name's stem 'customer' is the table customer" in result.stdout
    assert result.stderr.startswith("Undeclared foreign keys are looked for by the model links, version 1.\n")
    assert "TYP-FLOAT-MONEY" not in result.stdout


def test_where_the_service_is_away_the_rules_answer(cli: Renga, undeclared_shop: Path) -> None:
    """Standard error says so, and the finding has no probability."""
    result = cli("lint", undeclared_shop, "--links", f"http://127.0.0.1:{free_port()}", "--format", "json")
    assert result.exit_code == 0, result.output
    found = {finding["code"]: finding["message"] for finding in json.loads(result.stdout)["findings"]}
    assert found["DSN-FK-MISSING"] == (
        "sale (customer_id) refers to customer (id), and no foreign key says so:"
        " the column is named after the table customer"
    )
    assert "is away" in result.stderr
    assert "Undeclared foreign keys are looked for by the rules." in result.stderr


def test_what_fails(cli: Renga, undeclared_shop: Path) -> None:
    """The exit status is 1 from the severity on that somebody names."""
    assert cli("lint", undeclared_shop, "--fail-on", "warning").exit_code == 1
    assert cli("lint", undeclared_shop, "--fail-on", "never").exit_code == 0
    missing = cli("lint", undeclared_shop, "--links", "rules", "--rule", "DSN-FK-MISSING", "--fail-on", "warning")
    assert missing.exit_code == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("--links", "nonsense"), "It is model, rules, or the URL of an inference service."),
        (("--rule", "DSN-FK-MISING"), "did you mean DSN-FK-MISSING?"),
        (("--dialect", "postgress"), "postgres"),
        (("no-such-file.sql",), "no-such-file.sql"),
    ],
)
def test_misuse(cli: Renga, undeclared_shop: Path, arguments: tuple[str, ...], sentence: str) -> None:
    """Exit status 2, and a sentence that says what there is."""
    result = cli("lint", undeclared_shop, *arguments)
    assert result.exit_code == 2, result.output
    assert sentence in result.stderr
