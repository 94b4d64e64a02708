"""Names as tokens: split, without prefixes, in the singular; and how alike two of them are."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache
from typing import Final

from renga_infer.links.words import KEY_WORDS

Tokens = tuple[str, ...]

_PIECE: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
_SHORTEST: Final = 4
"""Characters of a name that another is looked for in the end of: below that it is chance."""
_SHARE: Final = 0.6
"""A prefix is one that this share of the names has."""


@lru_cache(maxsize=200_000)
def split(name: str) -> Tokens:
    """The words of a name in lower case: `OrderItemID` and `order_item_id` are both order, item, id."""
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return tuple(piece.lower() for piece in _PIECE.findall(plain))


def squash(tokens: Tokens) -> str:
    """The words written as one."""
    return "".join(tokens)


@lru_cache(maxsize=100_000)
def forms(word: str) -> frozenset[str]:
    """The word and what it may be the plural of, in the languages that schemas are written in."""
    found = {word}
    size = len(word)
    if size > 3 and word.endswith("ies"):
        found |= {word[:-3] + "y", word[:-1]}
    if size > 3 and word.endswith("s") and not word.endswith("ss"):
        found.add(word[:-1])
    if size > 4 and word.endswith("es"):
        found.add(word[:-2])  # boxes, papeles
    for ending, singular in (
        ("ves", "f"),  # shelves
        ("people", "person"),
        ("children", "child"),
        ("indices", "index"),
        ("matrices", "matrix"),
        ("criteria", "criterion"),
        ("media", "medium"),
        ("statuses", "status"),
        ("data", "datum"),
        ("men", "man"),
        ("oes", "ao"),  # Portuguese: producoes
        ("aes", "ao"),
        ("ais", "al"),
        ("eis", "el"),
        ("aux", "al"),  # French: journaux
        ("eaux", "eau"),
    ):
        if word == ending or (size > len(ending) and word.endswith(ending)):
            found.add(word[: size - len(ending)] + singular)
    if size > 4 and word.endswith("en"):
        found |= {word[:-1], word[:-2]}  # German: Kunden, Rechnungen
    if size > 4 and word.endswith("i"):
        found |= {word[:-1] + "o", word[:-1] + "e"}  # Italian: prodotti, ordini
    return frozenset(found)


@lru_cache(maxsize=400_000)
def same_word(one: str, other: str) -> bool:
    """Whether two words are one, but for the plural."""
    return one == other or not forms(one).isdisjoint(forms(other))


def common_prefix(names: list[Tokens]) -> Tokens:
    """The words that most of the names begin with: `wp`, `mdl`. Empty where there are fewer than four names."""
    prefix: Tokens = ()
    while len(names) >= 4:
        heads = Counter(name[: len(prefix) + 1] for name in names if len(name) > len(prefix) + 1)
        if not heads:
            break
        head, count = heads.most_common(1)[0]
        if count < _SHARE * len(names) or head[: len(prefix)] != prefix:
            break
        prefix = head
    return prefix


def without_prefix(name: Tokens, prefix: Tokens) -> Tokens:
    """The name without the prefix, unless nothing is left."""
    size = len(prefix)
    return name[size:] if size and len(name) > size and name[:size] == prefix else name


def strip_key_words(tokens: Tokens) -> tuple[Tokens, Tokens]:
    """The name of the thing that a column refers to, and the key words that stood around it.

    `customer_id` is (customer), (id); `id_user` is (user), (id); a name of key words alone is kept back whole: `id` is
    (), (id).
    """
    start, end = 0, len(tokens)
    while end > start and tokens[end - 1] in KEY_WORDS:
        end -= 1
    while start < end and tokens[start] in KEY_WORDS:
        start += 1
    return tokens[start:end], tokens[:start] + tokens[end:]


@lru_cache(maxsize=200_000)
def tail_overlap(one: Tokens, other: Tokens) -> int:
    """How many words the two have in common at their ends."""
    count = 0
    while count < min(len(one), len(other)) and same_word(one[-1 - count], other[-1 - count]):
        count += 1
    return count


@lru_cache(maxsize=200_000)
def ends_alike(one: str, other: str) -> float:
    """What share of the longer one the shorter one is, where the longer ends with it; else 0."""
    best = 0.0
    for left in forms(one):
        for right in forms(other):
            short, long = sorted((left, right), key=len)
            if len(short) >= _SHORTEST and long.endswith(short):
                best = max(best, len(short) / len(long))
    return best


@lru_cache(maxsize=200_000)
def abbreviates(short: str, long: str, words: Tokens) -> float:
    """How well a short name stands for a longer one: `dept` for department, `soh` for sales order header; 0 to 1."""
    if not 2 <= len(short) < len(long):
        return 0.0
    if len(words) > 1 and short == "".join(word[0] for word in words):
        return 0.9
    if long.startswith(short):
        return 0.5 + 0.5 * len(short) / len(long)
    if short[0] == long[0]:
        rest = iter(long)
        if all(letter in rest for letter in short):
            return 0.2 + 0.5 * len(short) / len(long)
    return 0.0
