"""What a column's new name changes in expressions: an engine keeps them as trees, so they follow; a model has text."""

from itertools import pairwise
from operator import is_
from typing import Final, TypeVar

from renga_schema.model import Dialect, Exclusion, Expression, Index, IndexPart, Partitioning, Policy
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.effort import Effort
from renga_schema.readers.sql.expressions import expression
from renga_schema.readers.sql.lexer import END, NAME, Token, tokens
from renga_schema.readers.sql.lexicon import Lexicon
from renga_schema.readers.sql.names import fold, name_key, unquote_name

_BEFORE_TYPES = {"::", "AS"}
_PARSE: Final = 80
"""The steps that it takes to read a character of an expression."""
_QUOTES: dict[Dialect, str] = {"mysql": "`"}

_K = TypeVar("_K", Index, Exclusion)


def rename_in_expressions(builder: Builder, table: TableDraft, old: str, new: str) -> None:
    """Let what a table and its policies compute from a column follow the column's new name."""
    table.spend(5)
    rename = _Renaming(old, new, table.dialect, builder.effort)
    for column in list(table.columns.values()):
        if column.generated:
            generated = column.generated.model_copy(update={"expression": rename(column.generated.expression)})
            table.put(column.model_copy(update={"generated": generated}))
    table.checks = [
        each if (found := rename(each.expression)) is each.expression else each.model_copy(update={"expression": found})
        for each in table.checks
    ]
    table.exclusions = [rename.keyed(each) for each in table.exclusions]
    if table.partitioning:
        table.partitioning = rename.spread(table.partitioning)
    table.indexes = {key: rename.keyed(index) for key, index in table.indexes.items()}
    for policy in builder.policies_of(table.ref):
        if (renamed := rename.policy(policy)) is not policy:
            builder.policies.replace(policy, renamed)


class _Renaming:
    def __init__(self, old: str, new: str, dialect: Dialect, effort: Effort) -> None:
        self._effort = effort
        self._old = name_key(old, dialect)
        self._dialect = dialect
        self._name = new
        self._hint = "" if '"' in old or "`" in old else old.casefold()
        quote = _QUOTES.get(dialect, '"')
        plain = new.isidentifier() and fold(new, dialect) == new
        self._new = new if plain else quote + new.replace(quote, quote * 2) + quote

    def __call__(self, found: Expression) -> Expression:
        text = found.text
        if self._hint not in text.casefold():
            return found  # at once: a script may rename thousands of columns that have thousands of expressions
        self._effort.spend(_PARSE * len(text))
        written = tokens(text, 0, len(text), Lexicon.of(self._dialect))
        pieces, at = [], 0
        outside = Token(END, len(text), len(text))
        for (before, token), (_, after) in pairwise(pairwise([outside, *written, outside, outside])):
            if before.key not in _BEFORE_TYPES and after.key not in {"(", "."} and self._is_meant(text, token):
                pieces += [text[at : token.start], self._new]
                at = token.end
        return expression("".join([*pieces, text[at:]]), self._dialect) if pieces else found

    def _is_meant(self, text: str, token: Token) -> bool:
        written = text[token.start : token.end]
        if token.key == NAME:
            return name_key(unquote_name(written), self._dialect) == self._old
        return token.key == written.upper() and name_key(fold(written, self._dialect), self._dialect) == self._old

    def spread(self, how: Partitioning) -> Partitioning:
        """Partitioning whose keys speak of the new name."""
        sub = how.subpartitioning and self.spread(how.subpartitioning)
        return how.model_copy(update={"keys": tuple(map(self._part, how.keys)), "subpartitioning": sub})

    def keyed(self, item: _K) -> _K:
        """An index or an exclusion whose keys and predicate speak of the new name."""
        predicate = item.predicate and self(item.predicate)
        parts = tuple(map(self._part, item.parts))
        if predicate is item.predicate and all(map(is_, parts, item.parts)):
            return item
        return item.model_copy(update={"parts": parts, "predicate": predicate})

    def policy(self, item: Policy) -> Policy:
        """A policy that speaks of the new name."""
        using, check = item.using and self(item.using), item.check and self(item.check)
        if using is item.using and check is item.check:
            return item
        return item.model_copy(update={"using": using, "check": check})

    def _part(self, part: IndexPart) -> IndexPart:
        if part.column is not None and name_key(part.column, self._dialect) == self._old:
            return part.model_copy(update={"column": self._name})
        found = part.expression and self(part.expression)
        return part if found is part.expression else part.model_copy(update={"expression": found})
