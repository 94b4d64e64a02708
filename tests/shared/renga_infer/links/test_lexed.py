"""What is known of a design before any candidate is looked at."""

from renga_infer.links import Design
from renga_infer.links.lexed import LexedDesign
from undeclared import design

_SHOP = design(
    auth_user="id! email:text",
    auth_group="id! name:text",
    auth_user_groups="id! user_id group_id",
    forum_topic="id! title:text author_id board_id",
    forum_board="id! title:text",
    forum_board_users="board_id! user_id! since:date",
)


def _named(tables: Design, places: frozenset[int]) -> set[str]:
    return {tables.tables[place].name for place in places}


def test_a_junction_only_says_which_rows_belong_together() -> None:
    """Columns called after other tables, with a key or without, and little else; what has a title is none."""
    assert _named(_SHOP, LexedDesign(_SHOP).junctions) == {"auth_user_groups", "forum_board_users"}


def test_those_who_log_in_are_in_no_junction() -> None:
    """`forum_board_users` is called after users and holds none."""
    assert _named(_SHOP, LexedDesign(_SHOP).users) == {"auth_user"}


def test_it_is_known_in_whose_tables_a_name_stands() -> None:
    """Of each column's name the first words of its tables, with how many there are."""
    assert LexedDesign(_SHOP).heads["userid"] == {"auth": 1, "forum": 1}
