"""What a schema does not declare: the model is asked in parts, the rules where there is none."""

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from links_model import write_links
from renga_infer.errors import ModelRefusedError
from renga_infer.links.features import FEATURES
from renga_infer.relating import ROWS, Output, Question, in_process
from renga_schema import read
from renga_schema.model import Schema

Array = np.ndarray[Any, Any]
SHOP = """
CREATE SCHEMA sales;
CREATE TABLE customer (id int PRIMARY KEY, parent_id int);
CREATE TABLE country (code char(2) PRIMARY KEY, country_iso text UNIQUE);
CREATE TABLE sales.bill (id int PRIMARY KEY, customer_id int, country_iso text, seller int REFERENCES customer (id));
CREATE TABLE region (country_iso text, region_no int PRIMARY KEY);
CREATE TABLE city (id int PRIMARY KEY, region_no int);
"""


def schema(sql: str) -> Schema:
    """The schema that a script describes."""
    return read(sql, dialect="postgres").schema


def many(tables: int) -> Schema:
    """Tables that each have some columns named after others."""
    return schema(
        "".join(
            f"CREATE TABLE t{number}x (id int PRIMARY KEY, t{(number + 1) % tables}x_id int, t0x_id int, a_id int);\n"
            for number in range(tables)
        )
    )


def test_the_rules() -> None:
    """A name with a table in it, or a key's very name and type; one for each column, in order, with the reason."""
    found = Question(schema(SHOP)).by_rules()
    assert [(str(one.link), one.reasons) for one in found.relations] == [
        ("customer.parent_id -> customer.id", ("the column points to another row of its own table",)),
        ("sales.bill.customer_id -> customer.id", ("the column is named after the table customer",)),
        (
            "city.region_no -> region.region_no",
            ("the column has the name and the type of region.region_no, its table's primary key",),
        ),
    ]
    assert {one.probability for one in found.relations} == {None}
    assert found.version is None


def test_what_is_declared_is_not_proposed(tmp_path: Path) -> None:
    """Neither by the rules nor by the model."""
    declared = schema(SHOP.replace("customer_id int,", "customer_id int REFERENCES customer (id),"))
    question = Question(declared)
    write_links(tmp_path)
    answer = asyncio.run(question.by_model(question.inquiry(), in_process(tmp_path)))
    for found in (answer, question.by_rules()):
        assert ("sales.bill", "customer_id") not in {(one.link.table, one.link.column) for one in found.relations}


def test_the_newest_version_here_answers(tmp_path: Path) -> None:
    """With its number; the lowest probability is the caller's choice."""
    for version in ("9", "10"):
        write_links(tmp_path, version)
    question = Question(schema(SHOP))
    inquiry = question.inquiry()
    answer = asyncio.run(question.by_model(inquiry, in_process(tmp_path)))
    assert answer.version == "10"
    assert "sales.bill.customer_id -> customer.id" in [str(one.link) for one in answer.relations]
    assert all(one.probability and one.probability > 0.9 for one in answer.relations)
    more = asyncio.run(question.by_model(inquiry, in_process(tmp_path), at_least=0.0))
    assert len(more.relations) > len(answer.relations)


def test_a_folder_without_the_model(tmp_path: Path) -> None:
    """It is named."""
    with pytest.raises(ModelRefusedError, match="holds no version of the model links"):
        in_process(tmp_path / "nowhere")


def test_the_model_is_asked_in_parts() -> None:
    """No more than it takes at once are sent, all are put together, and reasons are asked of what is likely alone."""
    asked: list[int] = []
    told: list[int] = []

    async def infer(rows: Array, output: Output) -> tuple[Array, str]:
        if output == "contributions":
            told.append(len(rows))
            return np.zeros((len(rows), len(FEATURES) + 1)), "1"
        start = sum(asked)
        asked.append(len(rows))
        return (np.arange(start, start + len(rows)) % 2).astype(np.float64), "1"

    question = Question(many(300))
    inquiry = question.inquiry()
    answer = asyncio.run(question.by_model(inquiry, infer))
    assert len(asked) > 1
    assert max(asked + told) == ROWS
    assert sum(told) == sum(asked) // 2
    assert sum(asked) == len(inquiry.rows)
    whole = (np.arange(len(inquiry.rows)) % 2).astype(np.float64)
    assert [one.link for one in answer.relations] == [one.link for one in inquiry.proposals(whole)]
