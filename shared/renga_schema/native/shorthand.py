"""The short forms of the format: what they mean in long form.

`varchar(200)! unique -> customer(id) on delete cascade = 'x'`: a type, `!` for NOT NULL, what the column is (`key`,
`unique`, `identity`), what it refers to after `->`, and its default, a SQL expression, after `=`.
"""

import re
from typing import Any, Final

_COLUMN: Final = re.compile(
    r"(?P<type>\S.*?)\s*(?P<bang>!)?(?P<flags>(?:\s+(?:key|unique|identity always|identity))*)\s*", re.DOTALL
)
_REFERENCE: Final = re.compile(
    r"(?P<table>[^\s()]+)\s*(?:\((?P<to>[^()]*)\))?"
    r"(?P<actions>(?:\s+on\s+(?:delete|update)\s+(?:cascade|restrict|no action|set null|set default))*)",
    re.IGNORECASE,
)
_ACTION: Final = re.compile(
    r"on\s+(?P<event>delete|update)\s+(?P<action>cascade|restrict|no action|set null|set default)", re.IGNORECASE
)
_PART: Final = re.compile(
    r"(?P<column>[^\s()]+)(?:\((?P<length>\d+)\))?(?:\s+collate\s+(?P<collation>\S+))?"
    r"(?:\s+(?!asc\b|desc\b|nulls\b)(?P<operator_class>\w+))?"
    r"(?:\s+(?P<order>asc|desc))?(?:\s+nulls\s+(?P<nulls>first|last))?",
    re.IGNORECASE,
)
_EXPRESSION: Final = re.compile(r"(?P<expression>\(.*\))(?:\s+(?P<order>asc|desc))?", re.IGNORECASE | re.DOTALL)
_LONGEST: Final = 2_000
"""Characters of a short form; the patterns take a time that grows with the square of what they are given."""
_SQL_WORDS: Final = {
    "not null": "write `type!` for NOT NULL",
    "primary key": "write `key` for a primary key",
    "default": "write `= expression` for a default",
    "references": "write `-> table(column)` for a reference",
    "serial": "write `bigint identity` for a column that counts up",
}


def _short(text: str) -> str:
    text = text.strip()
    if len(text) > _LONGEST:
        raise ValueError(f"a short form has at most {_LONGEST} characters; this has {len(text)}: write the long form")
    return text


def column(value: Any) -> Any:
    """A column in long form."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith(("->", "=", "!")):
        raise ValueError(f"a column begins with its type; {value!r} does not")
    head, default = _split(value, "=")
    head, target = _split(head, "->")
    match = _COLUMN.fullmatch(_short(head))
    if not match:
        raise ValueError(f"a column begins with its type; {value!r} does not")
    for word, advice in _SQL_WORDS.items():
        if re.search(rf"\b{word}\b", head, re.IGNORECASE):
            raise ValueError(f"{value!r} is not a column: {advice}")
    flags = match["flags"]
    long = {
        "type": match["type"],
        "nullable": False if match["bang"] else None,
        "key": "key" in flags.split() or None,
        "unique": "unique" in flags or None,
        "identity": "always" if "identity always" in flags else "identity" in flags or None,
        "references": target or None,
        "default": default or None,
    }
    return {name: given for name, given in long.items() if given is not None}


def reference(value: Any) -> Any:
    """A reference in long form: `customer`, `sales.customer(id) on delete cascade`."""
    if not isinstance(value, str):
        return value
    match = _REFERENCE.fullmatch(_short(value))
    if not match:
        raise ValueError(f"{value!r} is not a reference; write `table(column) on delete cascade`")
    long: dict[str, Any] = {"table": match["table"]}
    if match["to"]:
        long["to"] = [name.strip() for name in match["to"].split(",")]
    for action in _ACTION.finditer(match["actions"]):
        long[f"on_{action['event'].lower()}"] = action["action"].lower()
    return long


def part(value: Any) -> Any:
    """A key of an index in long form: `placed_at desc nulls last`, `title(20)`, `(lower(name))`."""
    if not isinstance(value, str):
        return value
    if match := _EXPRESSION.fullmatch(value.strip()):
        return {"expression": match["expression"], "order": (match["order"] or "asc").lower()}
    match = _PART.fullmatch(value.strip())
    if not match:
        raise ValueError(f"{value!r} is not a key of an index; write `column desc` or `(expression)`")
    found = {name: text for name, text in match.groupdict().items() if text}
    return {name: text.lower() if name in {"order", "nulls"} else text for name, text in found.items()}


def one_or_many(value: Any) -> Any:
    """A single name for a list of one."""
    return [value] if isinstance(value, str) else value


def wrapped(name: str) -> Any:
    """What gives a bare value the key `name`: `[a, b]` for `{columns: [a, b]}`."""

    def wrap(value: Any) -> Any:
        return value if isinstance(value, dict) else {name: value}

    return wrap


def nothing_is_empty(value: Any) -> Any:
    """A key without a value means an empty mapping: `sequences: {ticket: }`."""
    return {} if value is None else value


def named(value: Any) -> Any:
    """A list of names for a mapping with nothing to say about them."""
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return dict.fromkeys(value)
    return value


def _split(text: str, mark: str) -> tuple[str, str | None]:
    """The text before and after the first mark that stands outside quotes and parentheses, between spaces."""
    depth, quoted = 0, False
    for position, character in enumerate(text):
        if character == "'":
            quoted = not quoted
        elif not quoted and character in "([":
            depth += 1
        elif not quoted and character in ")]":
            depth -= 1
        elif not quoted and not depth and text.startswith(f" {mark} ", position):
            return text[:position], text[position + len(mark) + 2 :].strip()
    return text, None
