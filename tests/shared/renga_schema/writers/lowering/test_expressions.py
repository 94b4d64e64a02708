"""SQL expressions carried from one dialect to another."""

import pytest

from renga_schema.model import Dialect, Expression, Ref
from renga_schema.writers.lowering.expressions import Translator, Use


def translator(source: Dialect, target: Dialect) -> Translator:
    """A translator that knows `is_open` for a boolean."""
    return Translator(source, target, lambda column: column == "is_open")


@pytest.mark.parametrize(
    ("source", "text", "target", "expected"),
    [
        ("postgres", "(status)::text = ANY ((ARRAY['a'::character varying])::text[])", "mysql", "status IN ('a')"),
        ("postgres", '"Order" > 1 AND rank > 0', "mysql", "`Order` > 1 AND `rank` > 0"),
        ("postgres", "first || ' ' || last", "mysql", "concat(first, ' ', last)"),
        ("postgres", "char_length(a) > 3", "sqlite", "length(a) > 3"),
        ("mysql", "`a` <> _utf8'x'", "sqlite", "a <> 'x'"),
        ("mysql", "is_open = 1", "postgres", "is_open = TRUE"),
        ("mysql", "size = 1", "postgres", "size = 1"),
        ("mssql", "[a] > (0)", "postgres", "a > (0)"),
        ("postgres", "x ~ '^a'", "mysql", None),
        ("postgres", "a ->> 'b' = 'c'", "sqlite", None),
        ("postgres", "born < CURRENT_DATE", "mysql", None),
        ("postgres", "my_function(a)", "mysql", None),
        ("postgres", "((((", "mysql", None),
        ("mysql", "a = 'x\\0'", "postgres", None),
    ],
)
def test_checks(source: Dialect, text: str, target: Dialect, expected: str | None) -> None:
    """A condition is put in the target's words, or given up where the target lacks one of them."""
    assert translator(source, target).sql(text, "check") == expected


@pytest.mark.parametrize(
    ("text", "use", "expected"),
    [
        ("'it''s'", "default", "'it''s'"),
        ("-1.50", "default", "-1.50"),
        ("TRUE", "default", "TRUE"),
        ("CURRENT_TIMESTAMP", "default", "CURRENT_TIMESTAMP"),
        ("gen_random_uuid()", "default", "uuid()"),
        ("CURRENT_TIMESTAMP", "check", None),
        ("nextval('s'::regclass)", "default", None),
    ],
)
def test_defaults(text: str, use: Use, expected: str | None) -> None:
    """Literals pass as they are; the clock may stand in a default, not in a check."""
    found = translator("postgres", "mysql").translate(Expression(text=text), use)
    assert (found.text if found else None) == expected


def test_a_query_finds_its_tables() -> None:
    """Tables of a query are called by their names in the target, and its columns still find them."""
    query = "SELECT orders.id FROM sales.orders JOIN other ON other.id = orders.id"

    def locate(namespace: str | None, name: str) -> Ref | None:
        return Ref(name="sales_orders") if (namespace, name) == ("sales", "orders") else None

    translated = translator("postgres", "sqlite").sql(query, "query", locate)
    assert translated == "SELECT orders.id FROM sales_orders AS orders JOIN other ON other.id = orders.id"


def test_the_own_dialect_is_left_as_it_was_written() -> None:
    """Nothing is parsed where nothing has to be translated."""
    assert translator("mysql", "mysql").sql("what EVER (", "check") == "what EVER ("
