"""Names as tokens."""

import pytest

from renga_infer.links.naming import (
    abbreviates,
    common_prefix,
    ends_alike,
    same_word,
    split,
    strip_key_words,
    tail_overlap,
)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("order_item_id", ("order", "item", "id")),
        ("OrderItemID", ("order", "item", "id")),
        ("orderItemId", ("order", "item", "id")),
        ("ORDER_ITEM", ("order", "item")),
        ("HTTPServer2Name", ("http", "server", "2", "name")),
        ("Catégorie", ("categorie",)),
        ("注文_id", ("注文", "id")),
        ("___", ()),
    ],
)
def test_a_name_falls_into_its_words(name: str, words: tuple[str, ...]) -> None:
    """Whatever the style, the words of a name are the same."""
    assert split(name) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("user", "users"),
        ("category", "categories"),
        ("address", "addresses"),
        ("person", "people"),
        ("status", "statuses"),
        ("papel", "papeles"),
        ("producao", "producoes"),
        ("journal", "journaux"),
        ("kunde", "kunden"),
        ("rechnung", "rechnungen"),
        ("prodotto", "prodotti"),
    ],
)
def test_a_word_is_its_plural_too(one: str, other: str) -> None:
    """Singular and plural are one word, in several languages."""
    assert same_word(one, other)


@pytest.mark.parametrize(("one", "other"), [("user", "uses"), ("order", "border"), ("class", "clas"), ("item", "time")])
def test_words_that_only_look_alike_stay_two(one: str, other: str) -> None:
    """No plural makes two different words one."""
    assert not same_word(one, other)


@pytest.mark.parametrize(
    ("name", "stem", "keyed"),
    [
        ("customer_id", ("customer",), ("id",)),
        ("id_customer", ("customer",), ("id",)),
        ("customer_fk", ("customer",), ("fk",)),
        ("fk_customer_id", ("customer",), ("fk", "id")),
        ("id", (), ("id",)),
        ("customer", ("customer",), ()),
    ],
)
def test_key_words_come_off_either_end(name: str, stem: tuple[str, ...], keyed: tuple[str, ...]) -> None:
    """What is left of a column's name is what it refers to."""
    assert strip_key_words(split(name)) == (stem, keyed)


def test_the_words_that_most_names_begin_with_are_a_prefix() -> None:
    """A prefix of one in two is none, and three names are too few to say."""
    tables = [split(name) for name in ("wp_users", "wp_posts", "wp_terms", "wp_links", "sessions")]
    assert common_prefix(tables) == ("wp",)
    assert common_prefix([split(name) for name in ("a_x", "a_y", "b_x", "b_y")]) == ()
    assert common_prefix(tables[:3]) == ()


def test_ends_abbreviations_and_tails_are_measured() -> None:
    """A longer overlap counts more, and none counts nothing."""
    assert tail_overlap(("billing", "address"), ("addresses",)) == 1
    assert ends_alike("billingaddress", "addresses") > 0.4
    assert ends_alike("bat", "combat") == 0
    assert abbreviates("dep", "department", ("department",)) > abbreviates("dpt", "department", ("department",)) > 0
    assert abbreviates("soh", "salesorderheader", ("sales", "order", "header")) == pytest.approx(0.9)
    assert abbreviates("xyz", "department", ("department",)) == 0
