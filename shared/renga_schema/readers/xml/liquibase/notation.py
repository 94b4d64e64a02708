"""Changelogs in YAML and JSON: the elements that the same changelog has in XML.

    databaseChangeLog:
      - changeSet:
          id: 1
          author: ada
          changes:
            - createTable:
                tableName: guest
                columns:
                  - column: {name: id, type: bigint, constraints: {primaryKey: true}}

A plain value is an attribute, a mapping is an element, and a list holds elements by their names; `changes`, `columns`
and their like only hold a list, and are no elements themselves.
"""

from typing import Final

from renga_schema.native.document import Data, Document, Path, load
from renga_schema.readers.source import Source
from renga_schema.readers.xml.account import Account
from renga_schema.readers.xml.tree import Attributes, Element, unreadable

ROOT: Final = "databaseChangeLog"
_HOLDERS: Final = frozenset({"changes", "columns", "modifySql"})
"""Keys of lists whose items stand directly in the element around them."""
_TEXTS: Final = {
    "sql": ("sql",),
    "createView": ("selectQuery",),
    "createProcedure": ("procedureText", "procedureBody"),
    "createFunction": ("functionText", "functionBody", "procedureText"),
    "createTrigger": ("triggerText", "triggerBody", "procedureText"),
    "createPackage": ("packageText",),
    "createPackageBody": ("packageBodyText",),
    "sqlCheck": ("sql",),
    "comment": ("comment", "text"),
}
"""Element -> the keys of what stands between its tags in XML."""
_LISTS: Final = frozenset({"preConditions", "and", "or", "not", "constraints"})
"""Whose lists hold attributes too: `- onFail: MARK_RAN`."""


def parse(source: Source) -> Element:
    """The root element of a changelog in YAML or JSON.

    Raises:
        Unreadable: the text is not YAML, or its key `databaseChangeLog` holds no list.
    """
    document = load(source)
    data = document.data
    changes = data.get(ROOT) if isinstance(data, dict) else None
    if not isinstance(changes, list):
        message = f"The key {ROOT} holds no list of changes."
        raise unreadable(source, 0, message, f"Begin with `{ROOT}:` and a changeSet below it.", code="READ-YAML")
    conversion = _Conversion(document)
    root = conversion.element(ROOT, None, (ROOT,))
    for index, item in enumerate(changes):
        conversion.put(root, item, (ROOT, index))
    return root


class _Conversion:
    def __init__(self, document: Document) -> None:
        self._document = document
        self._account = Account(document.source)

    def element(self, name: str, value: Data, path: Path) -> Element:
        """The element of a key."""
        element = Element(name, None, Attributes({}), self._account.offset(self._document.place(path)))
        if isinstance(value, dict):
            self._fill(element, value, path)
        elif isinstance(value, list):
            for index, item in enumerate(value):
                self.put(element, item, (*path, index))
        elif value is not None:
            element.text = value
        return element

    def _fill(self, element: Element, data: dict[str, Data], path: Path) -> None:
        texts = _TEXTS.get(element.name, ())
        for key, value in data.items():
            here = (*path, key)
            if isinstance(value, str):
                if key in texts and not element.text:
                    element.text = value
                elif key in {"rollback", "comment"} and element.name == "changeSet":
                    element.children.append(self.element(key, value, here))
                else:
                    element.attributes.add(key, value)
            elif isinstance(value, list) and (key in _HOLDERS or key == element.name):
                for index, item in enumerate(value):
                    self._hold(element, key, item, (*here, index))
            elif value is not None:
                element.children.append(self.element(key, value, here))

    def _hold(self, element: Element, key: str, item: Data, path: Path) -> None:
        if key == "modifySql":
            element.children.append(self.element(key, item, path))
        else:
            self.put(element, item, path)

    def put(self, element: Element, item: Data, path: Path) -> None:
        """Put an item of a list into an element: a mapping of one name, or attributes."""
        if not isinstance(item, dict):
            if item is not None and not isinstance(item, list):
                element.children.append(self.element(item, None, path))
            return
        for key, value in item.items():
            here = (*path, key)
            if isinstance(value, str) and (element.name in _LISTS or key == "objectQuotingStrategy"):
                element.attributes.add(key, value)
            else:
                element.children.append(self.element(key, value, here))
