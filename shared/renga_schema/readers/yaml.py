"""Read Renga's own format: YAML, or JSON, which is YAML too.

    dialect: postgres          # optional
    enums:
      order_status: [cart, placed, paid]
    tables:
      customer:
        comment: A person who has an account
        columns:
          id: bigint identity key
          email: varchar(200)! unique
      order:
        columns:
          id: bigint identity key
          customer_id: bigint! -> customer(id) on delete cascade
          status: order_status! = 'cart'
        indexes:
          order_customer_idx: [customer_id, id desc]

As in SQL a column may be null; `!` says that it may not. `schemas/native.schema.json` has every key, for editors.
Each object is checked by itself: one that is wrong becomes diagnostics, and the others are read.
"""

from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from functools import cache
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter, ValidationError

from renga_schema import serialization
from renga_schema.errors import Unreadable
from renga_schema.model import Dialect, Origin, Schema
from renga_schema.native import definition as d
from renga_schema.native.build import Build
from renga_schema.native.document import Data, Document, Path, load
from renga_schema.readers.findings import MOST_SAID, too_much
from renga_schema.readers.source import Source, decode
from renga_schema.report import Diagnostic, Reading, Statements
from renga_schema.types import CATEGORIES, NEUTRAL, SYNONYMS

_BY_NAME: Final = (
    "namespaces",
    "extensions",
    "enums",
    "domains",
    "composite_types",
    "sequences",
    "tables",
    "views",
)
_EXPECTED: Final = {
    "dict_type": "a mapping is expected",
    "model_type": "a mapping is expected",
    "list_type": "a list is expected",
    "tuple_type": "a list is expected",
    "string_type": "a text is expected",
}
_MOST_COMPARISONS: Final = 20_000
"""Names that are compared, all together, to find what was meant: more takes seconds, and nobody reads it."""
_LONGEST_NAME: Final = 100
_LONGEST_READ: Final = 10_000
"""Characters of an object's name, which is in all that is said of its parts."""
_LISTED: Final = ("routines", "triggers", "policies", "others")


def read_yaml(text: str, *, file: str | None = None, dialect: Dialect | None = None) -> Reading:
    """Read a schema in Renga's own format; each top-level object counts as a statement.

    Args:
        text: The document.
        file: Its name, for the origins of what is read.
        dialect: Whose types and expressions these are, where the document does not say.

    Raises:
        Unreadable: the text is not YAML, is no mapping, or is nested or repeats itself beyond reason; or it is the
            model as JSON, of a version that is not known.
    """
    source = decode(text, file)
    document = load(source)
    if isinstance(document.data, dict) and serialization.KEY in document.data:
        return _read_model(source)
    return read_document(document, dialect)


def _read_model(source: Source) -> Reading:
    """What `renga read --as json` wrote; each object counts as a statement."""
    schema = serialization.from_json(source.text, file=source.file)
    objects = sum(len(getattr(schema, kind)) for kind in Schema.model_fields if kind != "dialect")
    return Reading(schema=schema, statements=Statements(applied=objects, total=objects))


def read_document(document: Document, dialect: Dialect | None = None) -> Reading:
    """Read a schema in the structure of the format, whatever notation its document was written in.

    Raises:
        Unreadable: the document is no mapping.
    """
    return _Reader(document).read(dialect)


@cache
def _adapter(kind: str) -> TypeAdapter[Any]:
    """What checks the value of a top-level key."""
    return TypeAdapter(d.SchemaDef.model_fields[kind].rebuild_annotation())


class _Reader:
    """Reads one document, object by object."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._diagnostics: list[Diagnostic] = []
        self._comparisons = _MOST_COMPARISONS

    def read(self, otherwise: Dialect | None) -> Reading:
        data = self._document.data
        if not isinstance(data, dict):
            raise Unreadable(
                self._diagnostic((), "READ-YAML", "This describes no schema.", "Begin with a key such as `tables:`.")
            )
        for path, origin in self._document.duplicates:
            message = f"The key {path[-1]} is given twice; the first is used."
            self._say(path, "YAML-DUPLICATE-KEY", message, "Remove one of the two.", origin=origin)
        for key in data:
            if key not in d.SchemaDef.model_fields:
                self._unknown_key((key,), key, d.SchemaDef.model_fields)
        dialect = self._checked("dialect", data.get("dialect"), ("dialect",)) or otherwise
        build = Build(dialect, self._document.place)
        fields: dict[str, Any] = {}
        failed = total = 0
        for kind, name, value, make in self._objects(data, build):
            total += 1
            built = self._object(kind, name, value, make)
            if built is None:
                failed += 1
            else:
                fields.setdefault(kind, []).append(built)
        schema = Schema(dialect=dialect, **{kind: tuple(items) for kind, items in fields.items()})
        self._check_types(schema)
        statements = Statements(applied=total - failed, failed=failed, total=total)
        return Reading(schema=schema, diagnostics=tuple(self._diagnostics), statements=statements)

    def _objects(
        self, data: dict[str, Data], build: Build
    ) -> Iterator[tuple[str, str | int, Data, Callable[..., Any]]]:
        """Each object's kind, name or number, data, and what builds it."""
        for kind in _BY_NAME:
            found = data.get(kind)
            if isinstance(found, list) and kind in {"namespaces", "extensions"}:
                found = {str(name): None for name in found if isinstance(name, str)}
            if isinstance(found, dict):
                make = getattr(build, kind.removesuffix("s"))
                yield from ((kind, name, value, make) for name, value in found.items())
            elif found:
                self._say(
                    (kind,), "YAML-VALUE", f"{kind} is a mapping of names.", f"Write `{kind}:` and a name below it."
                )
        for kind in _LISTED:
            found = data.get(kind)
            if isinstance(found, list):
                make = getattr(build, "policy" if kind == "policies" else kind.removesuffix("s"))
                yield from ((kind, index, value, make) for index, value in enumerate(found))
            elif found:
                self._say((kind,), "YAML-VALUE", f"{kind} is a list.", "Begin each item with a hyphen.")

    def _object(self, kind: str, name: str | int, value: Data, make: Callable[..., Any]) -> Any:
        """The object, or None where it is wrong: a second try leaves out the parts that are."""
        if isinstance(name, str) and len(name) > _LONGEST_READ:
            message = f"This name has {len(name)} characters; at most {_LONGEST_READ} are read."
            self._say((kind, name), "YAML-VALUE", message, "Name it shorter.")
            return None
        wrapped: Any = {name: value} if isinstance(name, str) else [value]
        path: Path = (kind,) if isinstance(name, str) else (kind, name)
        checked = self._checked(kind, wrapped, path)
        if checked is None:
            return None
        return make(name, checked[name] if isinstance(name, str) else checked[0])

    def _checked(self, kind: str, value: Any, path: Path) -> Any:
        """The value as that key's definition has it, or None after saying what is wrong with it."""
        try:
            return _adapter(kind).validate_python(value)
        except ValidationError as errors:
            for error in errors.errors(include_url=False):
                self._explain(error, value, path)
            return None

    def _explain(self, error: Any, value: Any, path: Path) -> None:
        location = error["loc"]
        if path and isinstance(path[-1], int):
            location = location[1:]
        here = (*path, *_written_path(value, location))
        last = here[-1] if here else "the schema"
        if error["type"] == "extra_forbidden":
            self._unknown_key(here, str(last), _siblings(location, path))
            return
        message = _EXPECTED.get(error["type"], error["msg"].removeprefix("Value error, "))
        if error["type"] == "missing":
            message, advice = f"{_name(here[:-1])} lacks {last}.", f"Add `{last}:`."
        else:
            message = f"{_name(here)}: {message[0].lower()}{message[1:]}."
            advice = "See the format's JSON Schema for what may stand here."
        self._say(here, "YAML-VALUE", message, advice)

    def _unknown_key(self, path: Path, key: str, known: Any) -> None:
        close = self._alike(key, known, 0.5)
        advice = f"Did you mean {close[0]}?" if close else f"Known here: {', '.join(known)}." if known else None
        self._say(path, "YAML-UNKNOWN-KEY", f"{key} is not a key of {_name(path[:-1])}.", advice)

    def _alike(self, name: str, known: Collection[str], cutoff: float) -> list[str]:
        """The known name that is most like it, if any is; after many comparisons none is looked for."""
        self._comparisons -= len(known)
        return get_close_matches(name[:_LONGEST_NAME], known, n=1, cutoff=cutoff) if self._comparisons > 0 else []

    def _check_types(self, schema: Schema) -> None:
        """Warn of a type that is neither built in nor described and looks like a slip."""
        described = {item.name for item in (*schema.enums, *schema.domains, *schema.composite_types, *schema.tables)}
        known = {*CATEGORIES, *(SYNONYMS[schema.dialect] if schema.dialect else NEUTRAL)}
        for table in schema.tables:
            for column in table.columns:
                name = column.type.name
                if name in known or name in described or column.type.namespace:
                    continue
                close = self._alike(name, [*known, *described], 0.7)
                self._diagnostics.append(
                    Diagnostic(
                        severity="warning",
                        code="YAML-TYPE",
                        message=f"{table.ref}.{column.name} has the type {name}, which is not described here.",
                        object=f"{table.ref}.{column.name}",
                        origin=column.origin,
                        text=self._document.line(column.origin) if column.origin else None,
                        help=f"Did you mean {close[0]}?" if close else "Describe it, or name the extension it is from.",
                    )
                )

    def _say(self, path: Path, code: str, message: str, advice: str | None, *, origin: Origin | None = None) -> None:
        said = len(self._diagnostics)
        if said <= MOST_SAID:
            found = self._diagnostic(path, code, message, advice, origin=origin)
            self._diagnostics.append(found if said < MOST_SAID else too_much(found))

    def _diagnostic(
        self, path: Path, code: str, message: str, advice: str | None, *, origin: Origin | None = None
    ) -> Diagnostic:
        origin = origin or self._document.place(path)
        return Diagnostic(
            severity="error",
            code=code,
            message=message,
            object=_object(path),
            origin=origin,
            text=self._document.line(origin),
            help=advice,
        )


def _written_path(value: Any, location: tuple[str | int, ...]) -> Path:
    """Where the definition's location is in the text: a mapping that is read as a list of pairs is a mapping there."""
    path: list[str | int] = []
    skip = False
    for step in location:
        if skip:
            skip = False
            if step in {0, 1}:
                continue
        if isinstance(step, int) and isinstance(value, dict):
            names = list(value)
            if step >= len(names):
                break
            path.append(names[step])
            value, skip = value[names[step]], True
        else:
            path.append(step)
            value = _inside(value, step)
    return tuple(path)


def _inside(value: Any, step: str | int) -> Any:
    if isinstance(value, dict):
        return value.get(step)
    return value[step] if isinstance(value, list) and isinstance(step, int) and step < len(value) else None


def _siblings(location: tuple[str | int, ...], path: Path) -> list[str]:
    """The keys that are known where the unknown one stands."""
    field: Any = d.SchemaDef.model_fields[str(path[0])].annotation if path else d.SchemaDef
    for step in (*path[1:], *location)[:-1]:
        field = _next(field, step)
    model = _model(field)
    return list(model.model_fields) if model else []


def _next(field: Any, step: str | int) -> Any:
    model = _model(field)
    if model and step in model.model_fields:
        return model.model_fields[str(step)].annotation
    if model:
        return field
    arguments = getattr(field, "__args__", ())
    return arguments[-1] if isinstance(step, str) and arguments else arguments[0] if arguments else None


def _model(field: Any) -> type[BaseModel] | None:
    """The class of a field, inside Annotated, None unions and tuples."""
    if isinstance(field, type) and issubclass(field, BaseModel):
        return field
    origin = getattr(field, "__origin__", None)
    if origin is dict:
        return None
    candidates = [origin, *getattr(field, "__args__", ())]
    return next((model for each in candidates if each is not None and (model := _model(each))), None)


def _object(path: Path) -> str | None:
    """The path of the object: a table's column, or whatever stands at the top."""
    if len(path) > 3 and path[2] == "columns":
        return f"{path[1]}.{path[3]}"
    return str(path[1]) if len(path) > 1 else None


def _name(path: Path) -> str:
    return ".".join(str(part) for part in path) or "the document"
