"""SQL that means harm: what nests, what repeats, and what makes one statement look at all that came before.

Most are tables of texts in hostile/sql, one module for each matter; here are those made for every place or depth.
"""

import re
from typing import get_args

from hostile.pieces import numbered, repeated
from hostile.sql.changes import CHANGES
from hostile.sql.descendants import DESCENDANTS
from hostile.sql.histories import HISTORIES
from hostile.sql.lengths import LENGTHS
from hostile.sql.objects import OBJECTS
from hostile.sql.splitting import SPLITTING
from hostile.sql.tables import TABLES
from renga_schema.model import Dialect

DIALECTS: tuple[Dialect, ...] = get_args(Dialect)

_CONTEXTS = {
    "CHECK": ("CREATE TABLE t (a int CHECK (", "))"),
    "DEFAULT": ("CREATE TABLE t (a int DEFAULT ", ")"),
    "a type": ("CREATE TABLE t (a ", ")"),
    "a view": ("CREATE VIEW v AS SELECT ", ""),
    "an index": ("CREATE TABLE t (a int); CREATE INDEX i ON t ((", "))"),
    "a trigger": ("CREATE TRIGGER t AFTER INSERT ON t FOR EACH ROW BEGIN ", " END"),
    "the open": ("", ""),
}
_CHAINS = {
    "opened": "(",
    "opened brackets": "[",
    "NOT": "NOT ",
    "minus": "- ",
    "OR": "a OR ",
    "AND of groups": "a AND (",
    "CASE": "CASE WHEN 1 THEN ",
    "CASE alone": "CASE ",
    "BEGIN": "BEGIN ",
    "IF": "IF a THEN ",
    "END": "END ",
    "END IF": "END IF;",
    "calls": "f(",
    "casts": "::int",
    "CAST": "CAST(",
    "arrays": "ARRAY[",
    "subscripts": "a[1]",
    "dots": "a.",
    "IN": "a IN (",
    "SELECT": "(SELECT ",
    "BETWEEN": "1 BETWEEN ",
    "COLLATE": "COLLATE c ",
    "strings": "'a' ",
    "strings with quotes": "''''",
    "names": '"a" ',
    "numbers": "1 ",
    "commas": "1,",
    "dimensions": "int[]",
    "INTERVAL": "INTERVAL '1' ",
    "semicolons": "a;",
}


def chains(dialect: Dialect) -> dict[str, str]:
    """Each link, in each place where a statement holds expressions: a quarter of them in each dialect, in turns."""
    texts = {
        f"{link} in {place}": repeated(text, before, after)
        for link, text in _CHAINS.items()
        for place, (before, after) in _CONTEXTS.items()
    }
    return dict([*texts.items()][DIALECTS.index(dialect) :: len(DIALECTS)])


def _deep(dialect: str) -> dict[str, str]:
    """Thousands of expressions, each as deep as is still parsed, and none twice."""
    deep = {
        "parentheses": "(" * 22 + "a > ~" + ")" * 22,
        "calls": "f(" * 22 + "a, ~" + ")" * 22,
        "CASE": "CASE WHEN a = ~ THEN " * 12 + "1" + " ELSE 2 END" * 12,
        "casts": "CAST(" * 12 + "~" + " AS int)" * 12,
        "lists": "a IN (" * 12 + "~" + ")" * 12,
        "subqueries": "(SELECT " * 12 + "~" + ")" * 12,
        "arrays": "ARRAY[" * 12 + "~" + "]" * 12,
        "plain": "a > ~",
        "half": "((((a > ~",
    }
    return {
        f"deep {name} ({dialect})": numbered(f"CREATE TABLE t~ (a int CHECK ({text}));") for name, text in deep.items()
    }


def scripts() -> dict[str, str]:
    """Scripts for every dialect: where one is not a dialect's own, its statements fail, which must be fast too."""
    parts = (TABLES, CHANGES, HISTORIES, DESCENDANTS, OBJECTS, SPLITTING, LENGTHS, _deep("each"))
    joined = {name: text for part in parts for name, text in part.items()}
    assert len(joined) == sum(map(len, parts)), "two scripts share a name, and one of them would be lost"
    return joined


_WORDS = {
    "mysql": r"MODIFY|CHANGE|\b(?:AFTER a|FIRST|KEY)\b|DELIMITER|ENGINE|sql_mode|CONVERT|PARTITION p|enum\(|ARRAY|/\*!",
    "mssql": r"\bGO\b|EXEC|DEFAULT 1 FOR|WITH CHECK",
    "sqlite": r"VIRTUAL|REPLACE",
}


def spoken(dialect: str) -> dict[str, str]:
    """The scripts that concern a dialect: those with its own words, MySQL's changes, and for PostgreSQL all."""
    if dialect not in _WORDS:
        return scripts()
    words = re.compile(_WORDS[dialect])
    own = set(CHANGES) if dialect == "mysql" else set()
    return {name: text for name, text in scripts().items() if name in own or words.search(text)}
