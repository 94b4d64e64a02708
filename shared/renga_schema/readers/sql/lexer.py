"""Turn one statement into tokens."""

from collections.abc import Iterator
from typing import Final, NamedTuple

from renga_schema.readers.sql.lexicon import Lexicon, token_pattern

STRING: Final = "<string>"
NAME: Final = "<name>"
NUMBER: Final = "<number>"
END: Final = "<end>"
"""Keys of the tokens whose text varies, and of what follows the last one."""

_KEYS: Final = {"string": STRING, "name": NAME, "number": NUMBER}


class Token(NamedTuple):
    """One token. `key` is what grammar rules look at: a word in upper case, a mark, or one of the keys above."""

    key: str
    start: int
    end: int


def iterate(text: str, start: int, end: int, lexicon: Lexicon) -> Iterator[Token]:
    """The tokens of `text[start:end]`, without white space and comments."""
    for match in token_pattern(lexicon).finditer(text, start, end):
        # The last group that took part is the kind: a dollar quote's tag closes before its string does.
        kind = match.lastgroup or "end"
        if kind == "end":
            return
        key = match["word"].upper() if kind == "word" else _KEYS.get(kind) or match["mark"]
        yield Token(key, *match.span(kind))


def tokens(text: str, start: int, end: int, lexicon: Lexicon) -> list[Token]:
    """The same, all at once."""
    return list(iterate(text, start, end, lexicon))
