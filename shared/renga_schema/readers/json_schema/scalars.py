"""Types, checks and defaults of the values that fit in a column."""

from json import dumps
from typing import Final

from renga_schema.identifiers import literal, quote
from renga_schema.model import DataType, Expression
from renga_schema.readers.findings import Findings
from renga_schema.readers.json_schema.document import Node, Number
from renga_schema.readers.json_schema.shapes import Shape, Wrong
from renga_schema.readers.sql.expressions import Allowance

TYPES: Final = ("string", "number", "integer", "boolean", "array", "object", "null")

_FORMATS: Final = {
    "date-time": "timestamptz",
    "date": "date",
    "time": "timetz",
    "duration": "interval",
    "uuid": "uuid",
    "ipv4": "inet",
    "ipv6": "inet",
    "byte": "blob",
    "binary": "blob",
    "decimal": "numeric",
    "int8": "smallint",
    "int16": "smallint",
    "int32": "integer",
    "int64": "bigint",
    "float": "real",
    "double": "double",
}
_LENGTHS: Final = {"email": 254, "idn-email": 254, "hostname": 253, "idn-hostname": 253}
"""Formats whose standard bounds the length, in characters."""
_TEXTS: Final = frozenset({
    "uri", "uri-reference", "iri", "iri-reference", "uri-template", "url", "json-pointer", "relative-json-pointer",
    "regex", "password",
})  # fmt: skip
"""Formats of plain texts."""
_IMPLIED: Final = {
    "string": ("pattern", "format", "minLength", "maxLength", "contentEncoding"),
    "number": ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf"),
    "object": ("properties", "additionalProperties", "patternProperties"),
    "array": ("items", "prefixItems", "minItems", "maxItems", "uniqueItems"),
}
"""The type that a schema means which does not name one."""


def json_types(shape: Shape) -> tuple[set[str], bool]:
    """The types that a schema allows, null aside, and whether it allows null; taken.

    Raises:
        Wrong: it names a type that there is not.
    """
    node = shape.take("type")
    named = node.value if node is not None and isinstance(node.value, list) else [node] if node is not None else []
    types: set[str] = set()
    for item in named:
        if not isinstance(item.value, str) or item.value not in TYPES:
            written = item.value if isinstance(item.value, str) else "this"
            raise Wrong(f"JSON has no type {written!r}.", item, f"There are {', '.join(TYPES)}.")
        types.add(item.value)
    nullable = "null" in types
    allowed = shape.take("nullable")  # OpenAPI 3.0
    nullable = nullable or (allowed is not None and allowed.value is True)
    types.discard("null")
    if not types and not nullable:
        types = _implied(shape)
    return types, nullable


def _implied(shape: Shape) -> set[str]:
    if shape.properties:
        return {"object"}
    for name in ("enum", "const"):
        node = shape.keywords.get(name)
        values = node.value if node is not None and isinstance(node.value, list) else [node] if node else []
        kinds = {_type_of(value) for value in values if value.value is not None}
        if kinds:
            return kinds
    return {name for name, keywords in _IMPLIED.items() if any(keyword in shape.keywords for keyword in keywords)}


def _type_of(node: Node) -> str:
    match node.value:
        case bool():
            return "boolean"
        case Number():
            return "integer" if node.value.integer is not None else "number"
        case str():
            return "string"
        case dict():
            return "object"
    return "array"


def data_type(kind: str, shape: Shape, where: str, findings: Findings) -> DataType:
    """The type of a column for one JSON type; the keywords that it expresses are taken."""
    format_ = shape.take("format")
    written = format_.value if format_ is not None and isinstance(format_.value, str) else None
    spelled = f"{kind} ({written})" if written else kind
    if kind == "boolean":
        return DataType(name="boolean", written=spelled)
    if kind in {"integer", "number"}:
        name = _FORMATS.get(written or "", "bigint" if kind == "integer" else "numeric")
        return DataType(name=name, written=spelled)
    encoding = shape.text("contentEncoding")
    if encoding in {"base64", "base64url", "base16", "base32"}:
        return DataType(name="blob", written=f"string ({encoding})")
    if written in _FORMATS:
        return DataType(name=_FORMATS[written], written=spelled)
    if format_ is not None and written not in _LENGTHS and written not in _TEXTS:
        findings.lose(where, f"the format {written!r}", "It is a text.", format_.offset)
    longest = shape.take("maxLength")
    length = longest.value.integer if longest is not None and isinstance(longest.value, Number) else None
    if longest is not None and (length is None or length < 1):
        raise Wrong("maxLength is a whole number above 0.", longest)
    length = length or _LENGTHS.get(written or "")
    return DataType(name="varchar" if length else "text", arguments=(length,) if length else (), written=spelled)


def checks(column: str, type_: DataType, shape: Shape, allowance: Allowance) -> list[tuple[Expression, int]]:
    """The conditions that a schema sets for a column, each with its place; their keywords are taken."""
    name = quote(column, "postgres")
    found: list[tuple[str, Node]] = []
    bounds = {"minimum": ">=", "maximum": "<=", "exclusiveMinimum": ">", "exclusiveMaximum": "<"}
    for keyword, operator in bounds.items():
        node = shape.keywords.get(keyword)
        if node is not None and isinstance(node.value, Number):
            strict = shape.keywords.get("exclusive" + keyword.capitalize())
            is_strict = strict is not None and strict.value is True  # draft 4
            found.append((f"{name} {operator.removesuffix('=') if is_strict else operator} {node.value.text}", node))
            del shape.keywords[keyword]
            if is_strict:
                shape.take("exclusive" + keyword.capitalize())
    for keyword, condition in (
        ("multipleOf", "mod({name}, {value}) = 0"),
        ("minLength", "length({name}) >= {value}"),
        *((("minItems", "cardinality({name}) >= {value}"), ("maxItems", "cardinality({name}) <= {value}"))
          if type_.dimensions else ()),
    ):  # fmt: skip
        node = shape.keywords.get(keyword)
        if node is not None and isinstance(node.value, Number):
            found.append((condition.format(name=name, value=node.value.text), node))
            del shape.keywords[keyword]
    pattern = shape.keywords.get("pattern")
    if pattern is not None and isinstance(pattern.value, str) and type_.name in {"text", "varchar"}:
        found.append((f"{name} ~ {literal(pattern.value, 'postgres')}", pattern))
        del shape.keywords["pattern"]
    found += _members(name, shape)
    return [(allowance.expression(text, "postgres"), node.offset) for text, node in found]


def _members(name: str, shape: Shape) -> list[tuple[str, Node]]:
    """What `enum` and `const` say of values that are no enumerated type."""
    found = []
    for keyword in ("enum", "const"):
        node = shape.keywords.get(keyword)
        if node is None:
            continue
        values = node.value if keyword == "enum" and isinstance(node.value, list) else [node]
        written = [text for value in values if (text := sql(value)) is not None]
        if len(written) == sum(value.value is not None for value in values):
            del shape.keywords[keyword]
            if written:
                condition = f"{name} IN ({', '.join(written)})" if keyword == "enum" else f"{name} = {written[0]}"
                found.append((condition, node))
    return found


def default_of(type_: DataType, shape: Shape, allowance: Allowance) -> Expression | None:
    """The default, taken; None where there is none, or where it stays among what was not understood."""
    node = shape.keywords.get("default")
    if node is None:
        return None
    written = sql(node)
    if type_.name in {"json", "jsonb"} and not type_.dimensions:
        written = literal(as_json(node), "postgres")
    elif type_.dimensions and node.value == []:
        written = "'{}'"
    if node.value is None:
        del shape.keywords["default"]
        return None
    if written is None:
        return None
    del shape.keywords["default"]
    return allowance.default(written, type_, "postgres")


def as_json(node: Node) -> str:
    """A value as JSON writes it."""
    match node.value:
        case dict():
            return "{" + ", ".join(f"{dumps(key)}: {as_json(each)}" for key, each in node.value.items()) + "}"
        case list():
            return "[" + ", ".join(map(as_json, node.value)) + "]"
        case Number():
            return node.value.text
    return dumps(node.value, ensure_ascii=False)


def sql(node: Node) -> str | None:
    """A single value as SQL writes it; None for null, lists and objects."""
    match node.value:
        case bool():
            return "TRUE" if node.value else "FALSE"
        case Number():
            return node.value.text
        case str():
            return literal(node.value, "postgres")
    return None
