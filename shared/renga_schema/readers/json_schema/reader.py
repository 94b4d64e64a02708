"""Read a JSON Schema document (draft 4 to 2020-12), or the schemas of an OpenAPI or Swagger document, as tables.

The document is written in JSON or in YAML.

- An object with `properties` is a table: the root by its `title`, `$id` or file, those under `$defs` and `definitions`
  by their key, one that stands inside another as `parent_property`.
- A property is a column; it is NOT NULL where it is `required` and does not allow null. `format`, `maxLength` and
  `contentEncoding` choose the type (`integer` is `bigint`, `number` is `numeric`), bounds and patterns become checks,
  an `enum` of texts becomes an enumerated type, a mixture of types JSON.
- The property `id`, where there is one, is the primary key. A table without it that others refer to gets a column that
  counts up, and an entry in the loss ledger.
- A property that is or refers to an object is a foreign key column: `customer` becomes `customer_id`.
- A list of objects is a table `parent_property` with the columns `parent_id` and `position`: it holds the objects
  themselves where they are described on the spot, and a reference to each where they are described elsewhere. A list
  of single values is an array.
- `allOf` is merged; `anyOf` or `oneOf` of something and null is that something, or null. What is left, such as other
  `oneOf`, `patternProperties` or `if`, is in the loss ledger.

The root and each definition count as a statement; a definition that is only a part of others is noted.
"""

import re
from collections import Counter
from pathlib import PurePath
from typing import Final

from renga_schema.model import Schema
from renga_schema.readers.findings import Findings
from renga_schema.readers.json_schema import notation, openapi
from renga_schema.readers.json_schema.document import Node, load, unreadable
from renga_schema.readers.json_schema.drafts import Draft
from renga_schema.readers.json_schema.shapes import ANNOTATIONS, Shapes, Wrong
from renga_schema.readers.json_schema.tables import Tables
from renga_schema.readers.source import check_characters, decode
from renga_schema.readers.sql.outcome import Outcome
from renga_schema.report import Reading, Statements

_ENDING: Final = re.compile(r"(?:\.schema)?\.(?:json|ya?ml)$|[#/]+$", re.IGNORECASE)
_CHOICES: Final = ("oneOf", "anyOf", "not", "if", "patternProperties")
"""Keywords by which a definition is more than a part of others, though no table."""


def read_json_schema(text: str, *, file: str | None = None) -> Reading:
    """Read a JSON Schema document, or the schemas of an API.

    Raises:
        Unreadable: the text is neither JSON nor YAML, is no object, or is nested or repeats itself beyond reason.
    """
    source = decode(text, file)
    check_characters(source)
    document = load(source) if source.text.lstrip().startswith(("{", "[")) else notation.load(source)
    root = document.root
    if not isinstance(root.value, dict):
        raise unreadable(source, root.offset, "This describes no schema.", 'Begin with {"type": "object", ...}.')
    findings = Findings(source)
    for key, offset in document.duplicates:
        message = f"The key {key!r} is given twice; the first is used."
        findings.say("JSON-DUPLICATE-KEY", message, offset, help_="Remove one of the two.")
    shapes = Shapes(source, root, findings)
    tables = Tables(source, shapes, findings)
    outcomes: Counter[Outcome] = Counter()
    drafts: list[Draft] = []
    itself = [] if openapi.is_api(root) else [(_root_name(root, file), root)]
    for name, node in [*itself, *shapes.definitions]:
        try:
            draft = _announce(tables, shapes, name, node, is_root=node is root)
            if draft is not None:
                drafts.append(draft)
            elif tables.announce_enum(node, name):
                outcomes["applied"] += 1
            else:
                outcomes[_rest(findings, name, node, is_root=node is root)] += 1
        except Wrong as wrong:
            tables.say(wrong, name)
            outcomes["failed"] += 1
    for draft in drafts:
        try:
            tables.build(draft)
            outcomes["applied"] += 1
        except Wrong as wrong:
            tables.say(wrong, draft.name)
            outcomes["failed"] += 1
    tables.build_waiting()
    schema = Schema(tables=tables.freeze(), enums=tuple(tables.enums.values()))
    if schema.is_empty and not findings.diagnostics:
        advice = 'Describe one: {"type": "object", "properties": {...}}.'
        findings.say("JSON-SCHEMA", "No object with properties is described here.", root.offset, help_=advice)
    counts = {outcome: outcomes[outcome] for outcome in ("applied", "noted", "ledger", "failed")}
    statements = Statements(**counts, total=outcomes.total())
    return Reading(schema, findings.diagnostics, findings.losses, statements)


def _announce(tables: Tables, shapes: Shapes, name: str, node: Node, *, is_root: bool) -> Draft | None:
    """The table of an object, or of the objects that the root lists."""
    if tables.is_object(node):
        return tables.announce(node, name)
    items = node.get("items") if is_root else None
    if items is not None and "$ref" not in (items.value if isinstance(items.value, dict) else ()):
        return tables.announce(items, name) if tables.is_object(items) else None
    shapes.resolve(node)
    return None


def _rest(findings: Findings, name: str, node: Node, *, is_root: bool) -> Outcome:
    """What becomes of a schema that is neither a table nor an enumerated type."""
    if not isinstance(node.value, dict):
        return "noted"
    handled = ANNOTATIONS | {"$ref", "type", "items", "default"}
    lost = [key for key in node.value if (key not in handled if is_root else key in _CHOICES)]
    for key in lost:
        instead = "It is left out." if is_root else "It makes no table; where it is used, the column is JSON."
        findings.lose(name, key, instead, node.value[key].offset)
    return "ledger" if lost else "noted"


def _root_name(root: Node, file: str | None) -> str:
    for keyword in ("title", "$id", "id"):
        node = root.get(keyword)
        if node is not None and isinstance(node.value, str) and node.value.strip():
            name = node.value.strip()
            return name if keyword == "title" else _ENDING.sub("", _ENDING.sub("", name)).rsplit("/", 1)[-1]
    return _ENDING.sub("", PurePath(file).name) if file else "root"
