"""Read Renga's own format in XML: the keys of the YAML form as elements and attributes.

    <schema dialect="postgres">
      <enums>
        <enum name="order_status"><values><value>cart</value><value>placed</value></values></enum>
      </enums>
      <tables>
        <table name="order" comment="What was bought">
          <columns>
            <column name="id">bigint identity key</column>
            <column name="customer_id" type="bigint" nullable="false" references="customer(id) on delete cascade"/>
          </columns>
          <key columns="id"/>
          <indexes>
            <index name="order_customer_idx">customer_id, id desc</index>
          </indexes>
        </table>
      </tables>
    </schema>

- A key is an attribute or a child element of its name, as one likes; a bare text is what the YAML form writes bare.
- A mapping of names (`tables`, `columns`, `indexes`, `options`...) holds one element for each, whose attribute `name`
  is the name. What these elements are called does not matter; the singular reads best.
- A list (`values`, `parts`, `references` of a table...) holds one element for each item. A list of names may be written
  with commas: `columns="a, b"`.

It becomes the same document that YAML becomes, and is read by the same reader, with its places.
"""

import re
from typing import Final

from renga_schema.model import Origin
from renga_schema.native import shorthand
from renga_schema.native.document import Data, Document, Path
from renga_schema.readers.source import Source
from renga_schema.readers.sql.cursor import Unparsed
from renga_schema.readers.xml.account import Account
from renga_schema.readers.xml.tree import Element
from renga_schema.readers.yaml import read_document
from renga_schema.report import Diagnostic, Reading

_NAMED: Final = frozenset({
    "namespaces", "extensions", "enums", "domains", "composite_types", "sequences", "tables", "views", "columns",
    "attributes", "indexes", "checks", "options", "prefix_lengths",
})  # fmt: skip
"""What maps names to something."""
_PERHAPS_LISTS: Final = frozenset({"columns", "checks", "indexes"})
"""Which of these are lists where nothing in them has a name."""
_NAME_LISTS: Final = frozenset({"columns", "include", "to", "on_delete_columns", "roles", "inherits", "key"})
"""What may list names between commas."""
_LISTS: Final = (_NAME_LISTS - {"key"}) | {
    "values", "parts", "operators", "events", "exclusions", "partitions", "subpartitions", "routines", "triggers",
    "policies", "others",
}  # fmt: skip
_MAIN: Final = {
    "check": "expression",
    "domain": "type",
    "attribute": "type",
    "view": "query",
    "generated": "expression",
    "index": "parts",
    "routine": "definition",
    "trigger": "definition",
    "other": "definition",
}
"""What the text of an element means that has attributes too."""
_YAML_KEY: Final = re.compile(r"`(\w+):`")


def read_native(source: Source, root: Element) -> Reading:
    """Read a document whose root is schema."""
    conversion = _Conversion(source)
    data = conversion.record(root, ())
    conversion.document.data = data
    reading = read_document(conversion.document)
    found = conversion.account.result(reading.schema)
    diagnostics = (*found.diagnostics, *map(_in_xml, reading.diagnostics))
    return Reading(reading.schema, diagnostics, reading.losses, reading.statements)


def _in_xml(diagnostic: Diagnostic) -> Diagnostic:
    """What the reader says about keys, said about elements."""
    code = re.sub(r"^YAML-|-YAML$", "XML-", diagnostic.code)
    advice = diagnostic.help and _YAML_KEY.sub(r"<\1>", diagnostic.help)
    return diagnostic.model_copy(update={"code": code, "help": advice})


class _Conversion:
    """Turns elements into the data of a document; what has no meaning there is a diagnostic."""

    def __init__(self, source: Source) -> None:
        self.account = Account(source)
        self.document = Document(source)
        self._source = source

    def record(self, element: Element, path: Path, *, without: str | None = None) -> dict[str, Data]:
        """Attributes and children by their names."""
        data: dict[str, Data] = {}
        for name, text in element.attributes.items():
            if name != without:
                data[name] = _names(text) if name in _NAME_LISTS and "," in text else text
        for child in element.children:
            here = (*path, child.name)
            origin = self._place(child)
            if child.name in data:
                self.document.duplicates.append((here, origin))
                continue
            self.document.places[here] = origin
            data[child.name] = self._part(child, here)
        self._text(element, data)
        return data

    def _part(self, element: Element, path: Path) -> Data:
        """The value of a key."""
        if not element.children:
            if element.name in _LISTS and not element.attributes and not element.text.strip():
                return []
            return self._value(element, path)
        named = any("name" in child.attributes for child in element.children)
        if element.name in _NAMED and (named or element.name not in _PERHAPS_LISTS):
            return self._named(element, path)
        if element.name in _LISTS or _holds_items(element):
            self._nothing_else(element)
            items: list[Data] = []
            for index, child in enumerate(element.children):
                here = (*path, index)
                self.document.places[here] = self._place(child)
                value = self._value(child, here)
                items.append("" if value is None else value)
            return items
        return self.record(element, path)

    def _named(self, element: Element, path: Path) -> Data:
        self._nothing_else(element)
        data: dict[str, Data] = {}
        for child in element.children:
            name = child.attributes.get("name")
            if name is None:
                advice = f'Write <{child.name} name="...">.'
                self._complain(child, f"{child.name} lacks the attribute name.", advice)
                continue
            here = (*path, name)
            origin = self._place(child)
            if name in data:
                self.document.duplicates.append((here, origin))
                continue
            self.document.places[here] = origin
            value = self._value(child, here, without="name")
            data[name] = {} if value is None and element.name != "options" else value
        return data

    def _value(self, element: Element, path: Path, *, without: str | None = None) -> Data:
        """A text, where there is only that; else a record."""
        has_more = element.children or any(name != without for name in element.attributes)
        if has_more:
            return self.record(element, path, without=without)
        text = element.text.strip()
        if not text:
            return None
        is_list = "," in text and "(" not in text and element.name in {"index", *_NAME_LISTS}
        return _names(text) if is_list else text

    def _text(self, element: Element, data: dict[str, Data]) -> None:
        """Put the text of an element with attributes or children where it belongs."""
        text = element.text.strip()
        if not text:
            return
        if element.name == "column":
            try:
                long = shorthand.column(text)
            except ValueError as error:
                self._complain(element, f"This is no column: {error}.", "Write the type first.")
                return
            for key, value in long.items():
                data.setdefault(key, value)
            return
        key = _MAIN.get(element.name)
        if key is None or key in data:
            self._complain(element, f"The text {text[:40]!r} has no meaning in {element.name}.", "Leave it out.")
        else:
            data[key] = text

    def _nothing_else(self, element: Element) -> None:
        """Complain of text and attributes of an element that only holds others."""
        for name in element.attributes:
            self._complain(element, f"{element.name} has no attribute {name}.", "Leave it out.")
        if element.text.strip():
            text = element.text.strip()
            self._complain(element, f"The text {text[:40]!r} has no meaning in {element.name}.", "Leave it out.")

    def _complain(self, element: Element, message: str, advice: str) -> None:
        self.account.complain(Unparsed(message, element.offset, code="XML-VALUE", help_=advice))

    def _place(self, element: Element) -> Origin:
        return self._source.origin(element.offset)


def _holds_items(element: Element) -> bool:
    """Whether it is the list of that name, and not the single thing: `references` of a table, `unique` of a table."""
    expected = {"references": "reference", "unique": "key", "indexes": "index", "checks": "check"}.get(element.name)
    return expected is not None and all(child.name == expected for child in element.children)


def _names(text: str) -> list[Data]:
    return [name.strip() for name in text.split(",") if name.strip()]
