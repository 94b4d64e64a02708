"""Answers of our own."""

import asyncio

import pytest

from renga.exchange import MAX_ERROR_BYTES
from renga_dev.serving.answers import Refusal


@pytest.mark.parametrize("sentence", ["short", "x" * 2000, "é" * 2000, "€" * 256 + "€"])
def test_no_refusal_is_longer_than_knatives_dispatcher_survives(sentence: str) -> None:
    """At most 768 bytes, cut between characters, with the right length."""
    answer = asyncio.run(Refusal(503, sentence).whole())
    assert len(answer.body) <= MAX_ERROR_BYTES
    assert sentence.startswith(answer.body.decode())
    assert answer.header("content-length") == str(len(answer.body))
