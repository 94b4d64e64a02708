"""What is known without a model: two rule sets, which answer when there is none and which a model has to beat."""

from renga_infer.links.design import Column, Design, Link
from renga_infer.links.lexed import PRIMARY, Key, LexedColumn, LexedDesign
from renga_infer.links.naming import forms
from renga_infer.links.words import GENERIC_KEYS, PARENTS


def by_naming(design: Design) -> list[Link]:
    """The conventions of Rails, Django, Laravel and their elders: a column named after a table, and a key word.

    `customer_id`, `customerId`, `id_customer`, `customer_fk` refer to the key of `customer` or `customers`, with or
    without the prefix that the schema's tables share (`wp_`, `mdl_`) or that of one application (`shop_customer`);
    of several such tables, that of the column's own application. `parent_id` refers to its own table.
    """
    lexed = LexedDesign(design)
    by_name: dict[str, list[int]] = {}
    by_tail: dict[str, list[int]] = {}
    for index, table in enumerate(lexed.tables):
        for form in forms(table.text):
            by_name.setdefault(form, []).append(index)
        for size in range(1, len(table.words)):
            for form in forms("".join(table.words[size:])):
                by_tail.setdefault(form, []).append(index)
    links: list[Link] = []
    for columns in lexed.columns:
        for column in columns:
            if not column.has_id or design.tables[column.table].primary_key == (column.column.name,):
                continue
            if len(column.stem) == 1 and column.stem[0] in PARENTS:
                _refer(lexed, column, [column.table], links)
                continue
            if not column.stem:
                continue
            exact = [index for form in forms(column.stem_text) for index in by_name.get(form, ())]
            tails = [index for form in forms(column.stem_text) for index in by_tail.get(form, ())]
            own = lexed.tables[column.table].full[:1]
            near = [index for index in tails if lexed.tables[index].full[:1] == own]
            _refer(lexed, column, exact or near or (tails if len(set(tails)) == 1 else []), links)
    return links


def by_equality(design: Design) -> list[Link]:
    """A column with the name and the type of another table's primary key refers to it, unless that name is generic.

    Where several tables have such a key, the one that it is named after has it, else none.
    """
    lexed = LexedDesign(design)
    keys: dict[tuple[str, str], list[Key]] = {}
    for of_table in lexed.keys:
        for key in of_table:
            if key.kind == PRIMARY and key.column.whole not in GENERIC_KEYS:
                keys.setdefault((key.column.whole, key.column.column.type), []).append(key)
    links: list[Link] = []
    for columns in lexed.columns:
        for column in columns:
            if design.tables[column.table].primary_key == (column.column.name,) and lexed.is_own(column):
                continue
            found = [
                key for key in keys.get((column.whole, column.column.type), ()) if key.column.table != column.table
            ]
            if len(found) > 1:
                named = [
                    key
                    for key in found
                    if not forms(lexed.tables[key.column.table].text).isdisjoint(forms(column.stem_text))
                ]
                found = named
            if len(found) == 1:
                links.append(link(lexed, column, found[0]))
    return links


def link(lexed: LexedDesign, column: LexedColumn, key: Key) -> Link:
    """The link from a column to a key, by their written names."""
    tables = lexed.design.tables
    return Link(
        tables[column.table].qualified,
        column.column.name,
        tables[key.column.table].qualified,
        key.column.column.name,
    )


def _refer(lexed: LexedDesign, column: LexedColumn, tables: list[int], links: list[Link]) -> None:
    for index in dict.fromkeys(tables):
        for key in sorted(lexed.keys[index], key=lambda key: -key.kind):
            if _fit(column.column, key.column.column) and key.column is not column:
                links.append(link(lexed, column, key))
                return


def _fit(column: Column, key: Column) -> bool:
    return column.family == key.family != "other"
