"""Who answers what with what, for the ledger and for people."""

import dataclasses
import json

from renga_dev.wiring.chain import BEGIN, END, chain_table, picture, with_picture
from renga_dev.wiring.discovery import Declared, Function
from renga_events.vocabulary import vocabulary


def test_the_table_leads_from_a_type_to_its_consumers_and_their_answers(functions: tuple[Function, ...]) -> None:
    """What hears everything is left out, and so is a door."""
    assert json.loads(chain_table(functions, vocabulary())) == {
        "dev.renga.schema.submitted.v1": {
            "schema/parse": ["dev.renga.schema.parsed.v1", "dev.renga.schema.rejected.v1"],
        },
    }


def test_nobody_waits_for_a_function_that_may_answer_nothing(functions: tuple[Function, ...]) -> None:
    """Its answers are not in the table, though it is there as a taker."""
    (parse,) = (found for found in functions if found.name == "schema/parse")
    silent = dataclasses.replace(parse, may_be_silent=True)
    assert json.loads(chain_table([silent], vocabulary())) == {"dev.renga.schema.submitted.v1": {"schema/parse": []}}


def test_nobody_waits_for_what_is_said_beside_a_run(functions: tuple[Function, ...]) -> None:
    """Who answers with nothing else is not in the table, so that a run neither waits for it nor fails with it."""
    (parse,) = (found for found in functions if found.name == "schema/parse")
    aside = Declared("dev.renga.schema.related.v1", "renga_events.schema")
    beside = dataclasses.replace(parse, emits=(aside,))
    assert json.loads(chain_table([beside], vocabulary())) == {}
    both = dataclasses.replace(parse, emits=(aside, *parse.emits))
    assert len(json.loads(chain_table([both], vocabulary()))["dev.renga.schema.submitted.v1"]["schema/parse"]) == 3
    assert "dev_renga_schema_related_v1([schema.related.v1<br>beside the run])" in picture([beside], vocabulary())


def test_the_picture_shows_every_function_and_every_end(functions: tuple[Function, ...]) -> None:
    """Events are arrows between functions; an event that nobody takes is an end and says how the run ended."""
    drawn = picture(functions, vocabulary())
    lines = [line.strip() for line in drawn.splitlines()]
    assert lines[:2] == ["```mermaid", "flowchart LR"]
    assert "http([HTTP]) --> schema_submit" in lines
    assert "schema_submit -- schema.submitted.v1 --> schema_parse" in lines
    assert "everything([every event]) -.-> platform_ledger" in lines
    assert "dev_renga_schema_rejected_v1([schema.rejected.v1<br>ends rejected])" in lines
    assert "schema_parse --> dev_renga_schema_parsed_v1" in lines


def test_an_event_from_outside_is_shown_as_such(functions: tuple[Function, ...]) -> None:
    """A type that no function emits comes from anyone."""
    (parse,) = (function for function in functions if function.name == "schema/parse")
    assert "outside([anyone]) -- schema.submitted.v1 --> schema_parse" in picture([parse], vocabulary())


def test_the_picture_replaces_only_what_is_between_its_markers() -> None:
    """What people wrote around it stays, and drawing twice changes nothing."""
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    once = with_picture(page, "new")
    assert once == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    assert with_picture(once, "new") == once


def test_a_page_without_markers_is_left_alone() -> None:
    """There is nowhere to draw: neither with no marker nor with only the first."""
    assert with_picture("a page", "new") is None
    assert with_picture(f"a page {BEGIN}", "new") is None
