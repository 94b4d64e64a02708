"""Cutting a text into blocks."""

import re

import pytest

from renga_schema.readers.grammar import Lexis, split

LEXIS = Lexis(skipped=r'"[^"\n]*"', header=re.compile(r"(?<![^\n])block \w+ \{"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("block a {\n x\n}\nblock b {\n}", ["block a {\n x\n}", "block b {\n}"]),
        ("block a {\n x\nblock b {\n}", ["block a {\n x", "block b {\n}"]),
        ("block a\n{\n}\nline: one\nline two", ["block a\n{\n}", "line: one", "line two"]),
        ("line [\n x ]\nblock a { {\n} }", ["line [\n x ]", "block a { {\n} }"]),
        ('block a { "}" // }\n /* } */ }', ['block a { "}" // }\n /* } */ }']),
        ("}\n)\nblock a {\n(\n}\nb", ["}", ")", "block a {\n(\n}", "b"]),
        ("// only\n\n/* comments */", []),
        ("/* never closed", ["/* never closed"]),
    ],
)
def test_blocks_end_where_their_brackets_do(text: str, expected: list[str]) -> None:
    """A block goes to the end of the line that closes its brackets, or to the next block where none does."""
    assert [text[block.start : block.end] for block in split(text, LEXIS)] == expected


def test_comments_belong_to_the_block_directly_below() -> None:
    """An empty line parts a comment from what follows; comments within a block are its own."""
    text = "// far\n\n// near\n// nearer\nblock a {\n// in\n}\nblock b {\n}"
    first, second = split(text, LEXIS)
    assert text[first.lead : first.start] == "// near\n// nearer\n"
    assert second.lead == second.start
