"""The order in which objects can be created."""

from collections.abc import Hashable, Iterable, Mapping
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from renga_schema import read
from renga_schema.writers.order import order_tables, stable, words


def ordered(needs: Mapping[str, str]) -> str:
    """The letters sorted by what each needs."""

    def needed(item: str) -> Iterable[Hashable]:
        return needs[item]

    return "".join(stable(list(needs), lambda item: item, needed))


@pytest.mark.parametrize(
    ("needs", "expected"),
    [
        ({"a": "", "b": "", "c": ""}, "abc"),
        ({"a": "c", "b": "", "c": ""}, "bca"),
        ({"a": "b", "b": "c", "c": ""}, "cba"),
        ({"a": "b", "b": "a"}, "ab"),
        ({"x": "a", "a": "b", "b": "a"}, "axb"),
        ({"a": "a"}, "a"),
        ({"a": "nothing"}, "a"),
    ],
)
def test_what_is_needed_comes_first(needs: dict[str, str], expected: str) -> None:
    """Needs are met where they can be; a cycle is entered at its first item."""
    assert ordered(needs) == expected


LETTERS: Final = "abcdefg"


@given(st.fixed_dictionaries({letter: st.text(LETTERS, max_size=3) for letter in LETTERS}))
def test_sorting_again_changes_nothing(needs: dict[str, str]) -> None:
    """The result is a fixed point, whatever cycles there are, and holds every item once."""
    once = ordered(needs)
    assert sorted(once) == list(LETTERS)
    assert ordered({letter: needs[letter] for letter in once}) == once


def test_two_items_of_one_name_are_both_kept() -> None:
    """A duplicate is written, so that the engine says what is wrong with it."""
    assert stable(["a", "a"], lambda item: item, lambda _: ()) == ["a", "a"]


def test_a_foreign_key_along_a_cycle_waits() -> None:
    """Of two tables that refer to each other, one has its foreign key added later."""
    sql = (
        "CREATE TABLE a (id int PRIMARY KEY, b_id int);\nCREATE TABLE b (id int PRIMARY KEY, a_id int REFERENCES a);\n"
        "ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;"
    )
    order = order_tables(read(sql, dialect="postgres").schema)
    assert [table.name for table in order.tables] == ["a", "b"]
    assert [(table.name, key.target.name) for table, key in order.waiting] == [("a", "b")]
    assert len(order.inline(order.tables[1])) == 1


def test_the_words_of_a_definition() -> None:
    """Whatever a definition mentions is among its words."""
    assert words('SELECT f("T".x)') == {"SELECT", "f", "T", "x"}
