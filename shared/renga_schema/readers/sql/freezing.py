"""The schema after the last statement of a script."""

import re

from renga_schema.model import CompositeType, Domain, Enum, ForeignKey, Identity, Ref, Schema, Sequence, Table
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.shelf import same

_NEXTVAL = re.compile(r"""\(*\s*(?:"?pg_catalog"?\.)?"?nextval"?\s*\(\s*\(?'(?P<name>[^']+)'""", re.IGNORECASE)
_NAME_PART = re.compile(r'"((?:[^"]|"")+)"|([^".]+)')


def freeze(builder: Builder) -> Schema:
    """What statements have made, as the model knows it; nothing more is to be done with the builder."""
    builder.reveal()
    for sequence in builder.sequences:
        _recognise_serial(builder, sequence)
    return Schema(
        dialect=builder.dialect,
        namespaces=tuple(builder.namespaces.values()),
        extensions=tuple(builder.extensions.values()),
        enums=tuple(type_ for type_ in builder.types if isinstance(type_, Enum)),
        domains=tuple(type_ for type_ in builder.types if isinstance(type_, Domain)),
        composite_types=tuple(type_ for type_ in builder.types if isinstance(type_, CompositeType)),
        sequences=tuple(builder.sequences),
        tables=tuple(_frozen(builder, table) for table in builder.tables),
        views=tuple(builder.views),
        routines=tuple(builder.routines),
        triggers=tuple(builder.triggers),
        policies=tuple(builder.policies),
        others=tuple(builder.others),
    )


def _frozen(builder: Builder, table: TableDraft) -> Table:
    table.foreign_keys = [_resolved(builder, key) for key in table.foreign_keys]
    return table.freeze()


def _resolved(builder: Builder, key: ForeignKey) -> ForeignKey:
    """A foreign key whose target is spelled as the target is; a script may refer to a table before it makes it."""
    found = builder.find(builder.tables, key.target)
    if found is None:
        return key
    referred = tuple(map(found.spelled, key.referred_columns))
    if same(found, key.target) and referred == key.referred_columns:
        return key
    return key.model_copy(update={"target": found.ref, "referred_columns": referred})


def _recognise_serial(builder: Builder, sequence: Sequence) -> None:
    """A column whose default counts up a sequence that it owns is what `serial` makes."""
    if sequence.owned_by is None:
        return
    table = builder.find(builder.tables, sequence.owned_by[0])
    column = table.column(sequence.owned_by[1]) if table else None
    if table is None or column is None or column.default is None:
        return
    match = _NEXTVAL.match(column.default.text)
    if match is None:
        return
    parts = [quoted.replace('""', '"') or bare.lower() for quoted, bare in _NAME_PART.findall(match["name"])]
    counted = builder.find(builder.sequences, Ref(name=parts[-1], namespace=parts[-2] if len(parts) > 1 else None))
    if counted is not None and counted.ref == sequence.ref:
        identity = Identity(style="serial", sequence=sequence.ref)
        table.put(column.model_copy(update={"identity": identity, "default": None}))
