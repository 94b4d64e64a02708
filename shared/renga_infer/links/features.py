"""The numbers by which a candidate is judged: one row each, in the order of `FEATURES`.

Nothing here looks at data, at indexes or at foreign keys: names, types, keys, places, comments, and how the schema at
large names things.
"""

from collections import Counter
from functools import lru_cache
from itertools import combinations
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links.candidates import Candidate
from renga_infer.links.lexed import PRIMARY, LexedColumn, LexedDesign
from renga_infer.links.naming import abbreviates, ends_alike, forms, same_word, split, tail_overlap
from renga_infer.links.words import ACTORS, GENERIC_KEYS, PARENTS, PERSONS, TYPE_WORDS

NAMES: Final = (
    "alike",  # cosine of character trigrams
    "stem_is_table",  # 1: the column's stem and the table's name are one word or phrase
    "stem_covered",  # share of the stem's words that are the last words of the table's name
    "table_covered",  # share of the table's words that are the last words of the stem
    "words_shared",  # Jaccard index of the words
    "end_alike",  # `billingaddress` ends with address
    "abbreviates",
    "key_is_column",  # both columns have the same name
    "key_is_telling",  # 1: that name is no `id` or `code`
    "column_is_table_key",  # the column is named as table and key together
    "whole_is_table",  # the column is named as the table, without a key word
    "rest_is_source",  # what the stem leaves of the table's name is the own table's: order.status -> order_status
    "key_stem_alike",  # the key's own stem is the column's
    "ends_with_key",  # `unit_concept_id` ends with concept_id: the share of it that the key's name is
    "stem_is_tail",  # 1: `weight_unit` is the end of nutrition_weightunit, from the beginning of a word on
    "name_is_local",  # share of the columns of that name that stand in tables of the target's first word
)
ROLES: Final = (
    "is_self",
    "says_parent",
    "parent_of_self",
    "says_actor",
    "is_person",
    "is_user",
    "actor_to_user",
    "named_in_source",  # artist_label -> artist
    "source_extends_target",  # order_items -> orders
    "target_extends_source",  # orders -> order_types
    "same_head",  # both tables begin with the same word: one application's
)
COLUMN: Final = (
    "no_stem",
    "stem_words",
    "says_id",
    "says_other_key",
    "is_whole_key",
    "in_key",
    "is_unique",
    "nullable",
    "counted",
    "place",
    "integer",
    "text",
    "uuid",
    "tables_with_name",  # share of the tables that have a column of that name
    "columns_with_stem",  # how many columns, up to 4
    "has_type_beside",
)
TARGET: Final = (
    "key_kind",
    "key_is_primary",
    "key_counted",
    "key_generic",
    "key_first",
    "key_is_own",  # the key is called as keys are, or after its table
    "key_is_foreign",  # the key is called after another table, so it refers itself
    "target_refers",  # share of the columns called after other tables: high in a junction
    "target_words",
    "target_key_parts",
    "target_is_junction",  # 1: the target only says which rows of others belong together
    "target_wanted",  # in how many columns, up to 4, the table's name is the stem
)
TYPES: Final = ("same_type", "same_length", "same_sign", "same_namespace")
SCHEMA: Final = ("keys_called_id", "columns_say_id")
COMMENTS: Final = ("comment_names_table", "comment_says_key")
AMONG: Final = ("is_first", "rank", "behind_best", "ahead_of_next", "ties", "best_alike")
SINGLE: Final = NAMES + ROLES + COLUMN + TARGET + TYPES + SCHEMA + COMMENTS + AMONG
_TELLING: Final = (
    "is_first",
    "alike",
    "end_alike",
    "stem_is_tail",
    "stem_covered",
    "table_covered",
    "ends_with_key",
    "rest_is_source",
    "named_in_source",
    "says_id",
    "is_self",
    "actor_to_user",
    "is_user",
    "tables_with_name",
    "target_is_junction",
    "is_whole_key",
    "integer",
    "same_type",
    "key_is_primary",
    "key_is_own",
    "key_is_foreign",
    "keys_called_id",
    "columns_say_id",
)
PAIRS: Final = tuple(combinations(_TELLING, 2))
"""Whose products are features too: a name means more where the key is its table's own."""
FEATURES: Final = SINGLE + tuple(f"{one} x {other}" for one, other in PAIRS)
_MANY: Final = 4
"""Counts end here: higher ones would tell the model which schema it looks at."""
_KEY_COMMENTS: Final = frozenset(("fk", "foreign", "reference", "references", "refers", "ref", "id", "link", "points"))


def compute(lexed: LexedDesign, candidates: list[Candidate]) -> NDArray[np.float32]:
    """The features, float32 [candidates, FEATURES]. Candidates of one column stand together."""
    if not candidates:
        return np.zeros((0, len(FEATURES)), dtype=np.float32)
    schema = _schema(lexed)
    wanted = _wanted(lexed)
    columns: dict[tuple[int, int], list[float]] = {}
    targets: dict[tuple[int, int], list[float]] = {}
    rows: list[list[float]] = []
    for candidate in candidates:
        of = (candidate.column.table, candidate.column.position)
        to = (candidate.key.column.table, candidate.key.column.position)
        if of not in columns:
            columns[of] = _column(lexed, candidate.column)
        if to not in targets:
            targets[to] = _target(lexed, candidate, wanted)
        rows.append(
            [
                *_names(lexed, candidate),
                *_roles(lexed, candidate),
                *columns[of],
                *targets[to],
                *_types(lexed, candidate),
                *schema,
                *_comments(lexed, candidate),
            ]
        )
    single = np.array(rows, dtype=np.float32)
    single = np.concatenate([single, _among(candidates, single)], axis=1)
    left = single[:, [SINGLE.index(one) for one, _ in PAIRS]]
    right = single[:, [SINGLE.index(other) for _, other in PAIRS]]
    return np.concatenate([single, left * right], axis=1)


def _names(lexed: LexedDesign, candidate: Candidate) -> list[float]:
    column, key = candidate.column, candidate.key.column
    table = lexed.tables[key.table]
    stem, words = column.stem, table.words
    overlap = tail_overlap(stem, words)
    shared = sum(any(same_word(word, other) for other in words) for word in stem)
    union = len(stem) + len(words) - shared
    is_table = not forms(column.stem_text).isdisjoint(forms(table.text)) if stem else False
    source = lexed.tables[column.table]
    same_name = column.whole == key.whole
    return [
        candidate.alike,
        float(is_table),
        overlap / len(stem) if stem else 0.0,
        overlap / len(words) if words else 0.0,
        shared / union if union else 0.0,
        ends_alike(column.stem_text, table.text) if stem and not is_table else float(is_table),
        abbreviates(column.stem_text, table.text, words) if not overlap else 0.0,
        float(same_name),
        float(same_name and key.whole not in GENERIC_KEYS),
        float(any(column.whole == form + key.whole for form in forms(table.text))),
        float(not forms(column.whole).isdisjoint(forms(table.text))),
        _rest_in(column.stem_text, table.text, source.text) if stem and column.table != key.table else 0.0,
        float(bool(stem) and stem == key.stem),
        _ends_with_key(column.whole, key.whole),
        float(_is_tail(column.stem_text, words)) if stem else 0.0,
        lexed.heads[column.whole][lexed.head(key.table)] / lexed.names[column.whole],
    ]


@lru_cache(maxsize=200_000)
def _is_tail(stem: str, words: tuple[str, ...]) -> bool:
    """Whether the stem is the table's name from the beginning of one of its words on."""
    return any(not forms(stem).isdisjoint(forms("".join(words[start:]))) for start in range(len(words)))


@lru_cache(maxsize=100_000)
def _rest_in(stem: str, table: str, source: str) -> float:
    """The share of the table's name that the stem leaves over, where the source's name begins or ends with that."""
    best = 0.0
    for form in forms(stem):
        for name in forms(table):
            if len(form) < len(name):
                before = name.endswith(form) and source.startswith(name[: -len(form)])
                behind = name.startswith(form) and source.endswith(name[len(form) :])
                if before or behind:
                    best = max(best, 1 - len(form) / len(name))
    return best


def _ends_with_key(column: str, key: str) -> float:
    telling = key not in GENERIC_KEYS and len(key) > 3
    return len(key) / len(column) if telling and column.endswith(key) else 0.0


def _roles(lexed: LexedDesign, candidate: Candidate) -> list[float]:
    column, target = candidate.column, candidate.key.column.table
    said = set(column.words)
    is_self = column.table == target
    parent, actor = not said.isdisjoint(PARENTS), not said.isdisjoint(ACTORS)
    words, source = lexed.tables[target].words, lexed.tables[column.table].words
    user = target in lexed.users
    return [
        float(is_self),
        float(parent),
        float(parent and is_self),
        float(actor),
        float(bool(words) and words[-1] in PERSONS),
        float(user),
        float(actor and user),
        float(not is_self and target in lexed.named_in[column.table]),
        float(len(source) > len(words) and _heads(words, source)),
        float(len(words) > len(source) and _heads(source, words)),
        float(not is_self and lexed.tables[target].full[:1] == lexed.tables[column.table].full[:1]),
    ]


def _heads(short: tuple[str, ...], long: tuple[str, ...]) -> bool:
    return all(same_word(one, other) for one, other in zip(short, long, strict=False))


def _column(lexed: LexedDesign, column: LexedColumn) -> list[float]:
    table = lexed.design.tables[column.table]
    name = column.column.name
    siblings = {other.words for other in lexed.columns[column.table]}
    return [
        float(not column.stem),
        float(len(column.stem)),
        float(column.has_id),
        float(bool(column.keyed) and not column.has_id),
        float(table.primary_key == (name,)),
        float(len(table.primary_key) > 1 and name in table.primary_key),
        float((name,) in table.uniques),
        float(column.column.nullable),
        float(column.column.counted),
        column.position / max(1, len(table.columns) - 1),
        float(column.column.family == "integer"),
        float(column.column.family == "text"),
        float(column.column.family == "uuid"),
        lexed.names[column.whole] / len(lexed.tables),
        float(min(lexed.stems[column.stem_text], _MANY)),
        float(bool(column.stem) and any((*column.stem, word) in siblings for word in TYPE_WORDS)),
    ]


def _target(lexed: LexedDesign, candidate: Candidate, wanted: Counter[str]) -> list[float]:
    key = candidate.key.column
    table, name = lexed.design.tables[key.table], lexed.tables[key.table]
    return [
        float(candidate.key.kind),
        float(candidate.key.kind == PRIMARY),
        float(key.column.counted),
        float(key.whole in GENERIC_KEYS),
        float(key.position == 0),
        float(lexed.is_own(key)),
        float(lexed.is_foreign(key)),
        lexed.refers[key.table],
        float(len(name.words)),
        float(len(table.primary_key)),
        float(key.table in lexed.junctions),
        float(min(_MANY, max(wanted[form] for form in forms(name.text)))) if name.text else 0.0,
    ]


def _types(lexed: LexedDesign, candidate: Candidate) -> list[float]:
    column, key = candidate.column.column, candidate.key.column.column
    one, other = lexed.design.tables[candidate.column.table], lexed.design.tables[candidate.key.column.table]
    return [
        float(column.type == key.type),
        float(column.length == key.length),
        float(column.unsigned == key.unsigned),
        float(one.namespace == other.namespace),
    ]


def _comments(lexed: LexedDesign, candidate: Candidate) -> list[float]:
    comment = candidate.column.column.comment
    if not comment:
        return [0.0, 0.0]
    said = split(comment)[:40]
    words = lexed.tables[candidate.key.column.table].words
    named = bool(words) and all(any(same_word(word, other) for other in said) for word in words)
    return [float(named), float(not _KEY_COMMENTS.isdisjoint(said))]


def _wanted(lexed: LexedDesign) -> Counter[str]:
    """For each form of a stem, in how many columns it stands."""
    counts: Counter[str] = Counter()
    for stem, count in lexed.stems.items():
        for form in forms(stem):
            counts[form] += count
    return counts


def _schema(lexed: LexedDesign) -> list[float]:
    keyed = [table for table in lexed.design.tables if len(table.primary_key) == 1]
    linkable = [
        column
        for columns in lexed.columns
        for column in columns
        if column.stem and column.column.family in {"integer", "uuid"}
    ]
    return [
        _coarse(sum(table.primary_key[0].lower() == "id" for table in keyed), len(keyed)),
        _coarse(sum(column.has_id for column in linkable), len(linkable)),
    ]


def _coarse(part: int, whole: int) -> float:
    """A share in quarters: a finer one would tell the model which schema it looks at."""
    return round(4 * part / whole) / 4 if whole else 0.0


def _among(candidates: list[Candidate], single: NDArray[np.float32]) -> NDArray[np.float32]:
    """How a candidate stands among those of its column."""
    places = {name: place for place, name in enumerate(FEATURES)}
    simple = (
        single[:, places["alike"]]
        + single[:, places["stem_is_table"]]
        + 0.5 * single[:, places["stem_covered"]]
        + 0.5 * single[:, places["table_covered"]]
        + single[:, places["key_is_telling"]]
        + 0.8 * single[:, places["ends_with_key"]]
        + 0.8 * single[:, places["rest_is_source"]]
        + 0.6 * single[:, places["parent_of_self"]]
        + 0.6 * single[:, places["actor_to_user"]]
        + 0.2 * single[:, places["same_head"]]
        + 0.05 * single[:, places["key_kind"]]
        + 0.2 * single[:, places["key_is_own"]]
        - 0.2 * single[:, places["key_is_foreign"]]
        - 0.2 * single[:, places["target_refers"]]
        + 0.5 * single[:, places["stem_is_tail"]]
        - 0.6 * single[:, places["target_is_junction"]]
    )
    found = np.zeros((len(candidates), len(AMONG)), dtype=np.float32)
    start = 0
    while start < len(candidates):
        end = start
        column = candidates[start].column
        while end < len(candidates) and candidates[end].column is column:
            end += 1
        scores = simple[start:end]
        order = np.argsort(-scores, kind="stable")
        rank = np.empty(end - start)
        rank[order] = np.arange(end - start)
        best = float(scores[order[0]])
        second = float(scores[order[1]]) if end - start > 1 else 0.0
        for row in range(start, end):
            score = float(simple[row])
            leads = rank[row - start] == 0
            found[row] = (
                leads,
                rank[row - start],
                best - score,
                score - second if leads else score - best,
                float(np.sum(np.abs(scores - score) < 1e-3)) - 1,
                best,
            )
        start = end
    return found
