"""Which databases a part of a changelog is for: the attribute `dbms`."""

from collections.abc import Iterable
from typing import Final

from renga_schema.model import Dialect
from renga_schema.readers.xml.tree import Element

DIALECTS: Final[dict[str, Dialect]] = {
    "postgresql": "postgres",
    "edb": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
    "mssql": "mssql",
}
"""Liquibase's short name -> dialect; the other databases that it knows are none of ours."""


def _split(dbms: str) -> list[str]:
    return [name.strip().lower() for name in dbms.split(",") if name.strip()]


def applies(dbms: str | None, dialect: Dialect | None) -> bool | None:
    """Whether what is marked so is for the dialect; None where the dialect is not known and it would matter."""
    listed = _split(dbms or "all")
    excluded = {DIALECTS.get(name[1:]) for name in listed if name.startswith("!")}
    if "all" in listed:
        return True
    if dialect is None:
        return None if len(excluded) < len(listed) and "none" not in listed else bool(excluded)
    if dialect in excluded:
        return False
    included = {DIALECTS.get(name) for name in listed if not name.startswith("!")}
    return dialect in included if included else bool(excluded)


def only_dialect(roots: Iterable[Element]) -> Dialect | None:
    """The dialect of changelogs that name one of ours as a target, and no other."""
    found: set[Dialect] = set()
    waiting = list(roots)
    while waiting:
        element = waiting.pop()
        waiting += element.children
        if element.name == "property":
            continue
        for name in _split(element.attributes.get("dbms", "")):
            if (dialect := DIALECTS.get(name.removeprefix("!"))) is not None:
                found.add(dialect)
            if name.startswith("!") and dialect is not None:
                return None
    return found.pop() if len(found) == 1 else None
