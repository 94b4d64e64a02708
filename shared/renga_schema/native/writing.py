"""Write a schema in Renga's own format, as YAML: in the short forms where they say everything, in the long ones else.

What was written is read again at once, and what does not come back as it was is in the ledger: an empty one is proof.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import takewhile
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel

from renga_schema.model import (
    Column,
    Constraint,
    DataType,
    Dialect,
    Exclusion,
    Expression,
    ForeignKey,
    Identity,
    Index,
    IndexPart,
    Key,
    Object,
    Partition,
    Partitioning,
    Schema,
    Table,
    Unique,
)
from renga_schema.native import definition as d
from renga_schema.native import shorthand
from renga_schema.native.comparison import changes
from renga_schema.native.names import quoted, written
from renga_schema.report import Document, Loss
from renga_schema.types import parse

_WIDTH: Final = 120
_LINES: Final = "\n"
_UNSPEAKABLE: Final = frozenset("\r\x85\u2028\u2029\ufeff")
"""What a reader of YAML takes for another line end, or for none: only an escape between double quotes keeps it."""

Long = dict[str, Any]
_K = TypeVar("_K", Unique, ForeignKey)


def write_native(schema: Schema, name: str = "schema") -> Document:
    """Write the schema; `name` becomes the document's file name.

    Returns:
        The text, and a loss for everything that does not come back from it as it was; places in files are no part of
        a schema and go unmentioned.
    """
    from renga_schema.readers.yaml import read_yaml

    text = dump(schema)
    again = read_yaml(text).schema if not schema.is_empty else schema
    losses = tuple(
        Loss(object=path, feature=what, instead="It is written as near as can be.")
        for path, what in changes(schema, again)
    )
    return Document(path=f"{name}.yaml", media_type="application/yaml", text=text, losses=losses)


def dump(schema: Schema) -> str:
    """The text alone."""
    data = _Writing(schema.dialect).schema(schema)
    return yaml.dump(data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False)


class _Dumper(yaml.SafeDumper):
    """Lists of words on one line, texts of several lines as they are."""

    def ignore_aliases(self, data: Any) -> bool:
        """Nothing is written as a reference to what stood before."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _UNSPEAKABLE.intersection(text) else "|" if _LINES in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    words = all(isinstance(item, str) and _LINES not in item for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=words)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)


class _Writing:
    """Turns the parts of a schema into what its definitions accept."""

    def __init__(self, dialect: Dialect | None) -> None:
        self._dialect = dialect

    def schema(self, schema: Schema) -> Long:
        found: Long = {"dialect": schema.dialect} if schema.dialect else {}
        by_name: dict[str, Callable[[Any], Any]] = {
            "namespaces": lambda each: _given(each, "comment options"),
            "extensions": lambda each: _given(each, "comment version namespace"),
            "enums": lambda each: _bare(_given(each, "comment values"), "values"),
            "domains": self._domain,
            "composite_types": self._composite_type,
            "sequences": self._sequence,
            "tables": self._table,
            "views": self._view,
        }
        for kind, make in by_name.items():
            plain = kind in {"namespaces", "extensions"}
            items = {each.name if plain else written(each.ref): make(each) for each in getattr(schema, kind)}
            if items:
                found[kind] = items
        listed: dict[str, Callable[[Any], Long]] = {
            "routines": lambda each: self._named(each, "kind signature returns language comment definition"),
            "triggers": self._trigger,
            "policies": self._policy,
            "others": lambda each: self._named(each, "kind comment definition"),
        }
        for kind, make_item in listed.items():
            if items_ := [make_item(each) for each in getattr(schema, kind)]:
                found[kind] = items_
        return found

    def _named(self, item: Object, fields: str) -> Long:
        return {"name": written(item.ref), **_given(item, fields)}

    def _table(self, table: Table) -> Long:
        beside = self._beside(table)
        said = Counter(what for here in beside.values() for what in here)
        found = _given(table, "comment")
        if table.columns:
            found["columns"] = {
                column.name: self._column(column, table, beside.get(column.name, {})) for column in table.columns
            }
        found |= _unless_empty(
            key=self._key(table.primary_key) if table.primary_key and not said["key"] else None,
            unique=[self._key(key) for key in table.uniques[said["unique"] :]],
            references=[self._foreign_key(key) for key in table.foreign_keys[said["references"] :]],
            checks=[self._check(check) for check in table.checks],
            indexes=self._indexes(table.indexes),
            exclusions=[self._exclusion(each) for each in table.exclusions],
            partitioning=self._partitioning(table.partitioning) if table.partitioning else None,
            inherits=[written(parent) for parent in table.inherits],
        )
        if table.partition_of:
            found["partition_of"] = {"parent": written(table.partition_of.parent), "bound": table.partition_of.bound}
        more = "persistence row_security module strict without_rowid engine charset collation owner options"
        return found | _given(table, more)

    def _beside(self, table: Table) -> dict[str, Long]:
        """What can be said in the columns: a plain key, and those constraints that come first and in their order."""
        beside: dict[str, Long] = {column.name: {} for column in table.columns}
        primary = table.primary_key
        if primary and _is_plain(primary) and primary.columns[0] in beside:
            beside[primary.columns[0]]["key"] = True
        for name, _ in self._in_order(beside, (key for key in takewhile(_is_plain, table.uniques))):
            beside[name]["unique"] = True
        alone = takewhile(lambda key: len(key.columns) == 1, table.foreign_keys)
        for name, key in self._in_order(beside, alone):
            beside[name]["references"] = self._foreign_key(key, beside=True)
        return beside

    def _in_order(self, beside: Iterable[str], keys: Iterable[_K]) -> Iterator[tuple[str, _K]]:
        """The first keys of one column each, as long as they come in the order of the columns."""
        positions, last = {name: at for at, name in enumerate(beside)}, -1
        for key in keys:
            at = positions.get(key.columns[0], -1)
            if at <= last:
                return
            last = at
            yield key.columns[0], key

    def _column(self, column: Column, table: Table, beside: Long) -> Any:
        in_key = bool(table.primary_key and column.name in table.primary_key.columns)
        never_null = column.identity is not None or (in_key and self._dialect != "sqlite")
        found: Long = {"type": self._type(column.type)}
        if column.nullable == never_null:
            found["nullable"] = column.nullable
        found |= beside
        found |= _unless_empty(
            identity=_identity(column.identity) if column.identity else None,
            generated=_generated(column),
            **{name: _expression(getattr(column, name)) for name in ("default", "on_update")},
        )
        return _short_column(found | _given(column, "comment collation charset visible options"))

    def _type(self, type_: DataType) -> Any:
        short = type_.written
        if short == short.strip() and short and parse(short, self._dialect) == type_:
            return short
        return _given(type_, "name namespace arguments values dimensions unsigned zerofill written")

    def _constraint(self, constraint: Constraint) -> Long:
        return _given(constraint, "name comment deferrable validated enforced options")

    def _key(self, key: Key) -> Any:
        fields = "columns include prefix_lengths without_overlaps"
        fields += " nulls_not_distinct" if isinstance(key, Unique) else ""
        return _bare(self._constraint(key) | _given(key, fields), "columns")

    def _foreign_key(self, key: ForeignKey, *, beside: bool = False) -> Any:
        found = self._constraint(key)
        found |= {} if beside else {"columns": list(key.columns)}
        found |= {"table": written(key.target)} | _unless_empty(to=list(key.referred_columns))
        found |= _given(key, "on_delete on_update on_delete_columns match ignored")
        return _short_reference(found) if beside else found

    def _check(self, check: Any) -> Any:
        found = self._constraint(check) | {"expression": check.expression.text} | _given(check, "no_inherit")
        return _bare(found, "expression")

    def _indexes(self, indexes: Iterable[Index]) -> Long:
        return {index.name: self._index(index) for index in indexes}

    def _index(self, index: Index) -> Any:
        found = {"parts": [_part(part) for part in index.parts]}
        found |= _given(index, "comment unique method include nulls_not_distinct only visible options")
        found |= _unless_empty(where=_expression(index.predicate))
        return _bare(found, "parts")

    def _exclusion(self, exclusion: Exclusion) -> Long:
        found = self._constraint(exclusion) | _given(exclusion, "method")
        found |= {"parts": [_part(part) for part in exclusion.parts], "operators": list(exclusion.operators)}
        return found | _unless_empty(where=_expression(exclusion.predicate))

    def _partitioning(self, how: Partitioning) -> Long:
        found: Long = {"strategy": how.strategy} | _unless_empty(parts=[_part(part) for part in how.keys])
        found |= _given(how, "count")
        return found | _unless_empty(
            subpartitioning=self._partitioning(how.subpartitioning) if how.subpartitioning else None,
            partitions=[_partition(each) for each in how.partitions],
        )

    def _domain(self, domain: Any) -> Any:
        found: Long = {"type": self._type(domain.type)} | _given(domain, "comment nullable collation")
        found |= _unless_empty(
            default=_expression(domain.default), checks=[self._check(each) for each in domain.checks]
        )
        return _bare(found, "type")

    def _composite_type(self, given: Any) -> Long:
        fields = {
            each.name: _bare({"type": self._type(each.type)} | _given(each, "comment collation"), "type")
            for each in given.attributes
        }
        return _given(given, "comment") | {"attributes": fields}

    def _sequence(self, given: Any) -> Long:
        found = _unless_empty(type=self._type(given.type) if given.type else None)
        found |= _given(given.options, "start increment minimum maximum cache cycle")
        if given.owned_by:
            table, column = given.owned_by
            found["owned_by"] = f"{written(table)}.{quoted(column)}"
        return found | _given(given, "comment")

    def _view(self, view: Any) -> Any:
        found = _given(view, "comment columns materialized with_data check_option options")
        found |= _unless_empty(indexes=self._indexes(view.indexes)) | {"query": view.query}
        return _bare(found, "query")

    def _trigger(self, trigger: Any) -> Long:
        found = {"name": trigger.name, "table": written(trigger.table), "timing": trigger.timing}
        found |= {"events": list(trigger.events)} | _given(trigger, "level comment")
        return found | _unless_empty(condition=_expression(trigger.condition)) | {"definition": trigger.definition}

    def _policy(self, policy: Any) -> Long:
        found = {"name": policy.name, "table": written(policy.table)} | _given(
            policy, "comment command permissive roles"
        )
        return found | _unless_empty(using=_expression(policy.using), check=_expression(policy.check))


def _given(item: BaseModel, names: str) -> Long:
    """The fields that the format and the model call by one name, where they are not as usual."""
    found = {}
    for name in names.split():
        value = getattr(item, name)
        field = type(item).model_fields[name]
        if field.is_required() or value != field.get_default(call_default_factory=True):
            found[name] = list(value) if isinstance(value, tuple) else value
    return found


def _unless_empty(**found: Any) -> Long:
    return {name: value for name, value in found.items() if value is not None and value not in ([], {})}


def _bare(found: Long, key: str) -> Any:
    """The value of the one key that is there, which the format takes for the whole."""
    return found[key] if set(found) == {key} and not isinstance(found[key], dict) else found


def _is_plain(key: Key) -> bool:
    """Whether there is nothing to say of a key but its one column."""
    return len(key.columns) == 1 and key.model_copy(update={"origin": None}) == type(key)(columns=key.columns)


def _expression(given: Expression | None) -> str | None:
    return given.text if given else None


def _generated(column: Column) -> Any:
    if column.generated is None:
        return None
    return _bare({"expression": column.generated.expression.text} | _given(column.generated, "storage"), "expression")


def _identity(identity: Identity) -> Any:
    found = {"style": identity.style} | _given(identity.options, "start increment minimum maximum cache cycle")
    found |= _unless_empty(sequence=written(identity.sequence) if identity.sequence else None)
    if set(found) != {"style"}:
        return found
    return True if identity.style == "by default" else identity.style


def _part(part: IndexPart) -> Any:
    found = _unless_empty(expression=_expression(part.expression))
    found |= _given(part, "column length order nulls operator_class collation")
    words = part.column or ""
    words += f"({part.length})" if part.length is not None else ""
    words += f" collate {part.collation}" if part.collation else ""
    words += f" {part.operator_class}" if part.operator_class else ""
    words += " desc" if part.order == "desc" else ""
    words += f" nulls {part.nulls}" if part.nulls else ""
    if part.expression:
        words = part.expression.text + (" desc" if part.order == "desc" else "")
    return words if _says(d.PartDef, shorthand.part, words, found) else found


def _short_reference(found: Long) -> Any:
    words = found["table"] + (f"({', '.join(found['to'])})" if "to" in found else "")
    words += "".join(f" on {event} {found[f'on_{event}']}" for event in ("delete", "update") if f"on_{event}" in found)
    return words if _says(d.ReferenceDef, shorthand.reference, words, found) else found


def _short_column(found: Long) -> Any:
    if not isinstance(found["type"], str):
        return found
    words = found["type"] + ("!" if found.get("nullable") is False else "")
    words += " key" if "key" in found else ""
    words += " unique" if "unique" in found else ""
    identity = found.get("identity")
    words += " identity" if identity is True else " identity always" if identity == "always" else ""
    words += f" -> {found['references']}" if isinstance(found.get("references"), str) else ""
    words += f" = {found['default']}" if "default" in found else ""
    return words if _says(d.ColumnDef, shorthand.column, words, found) else found


def _says(kind: type[d.Definition], read: Callable[[str], Any], words: str, found: Long) -> bool:
    """Whether the short form says all that the long form says."""
    if _LINES in words:
        return False
    try:
        return kind.model_validate(read(words)) == kind.model_validate(found)
    except ValueError:
        return False


def _partition(partition: Partition) -> Long:
    found = {"name": partition.name} | _given(partition, "comment bound options")
    return found | _unless_empty(subpartitions=[_partition(each) for each in partition.subpartitions])
