"""Index keys, and CREATE INDEX."""

import itertools
import re
from collections.abc import Sequence
from typing import Final

from renga_schema.model import Dialect, Index, IndexPart, Options, Ref, View
from renga_schema.readers.sql import sqlserver_indexes
from renga_schema.readers.sql.builder import Builder
from renga_schema.readers.sql.cursor import Cursor
from renga_schema.readers.sql.drafts import TableDraft
from renga_schema.readers.sql.expressions import expression
from renga_schema.readers.sql.lexer import END, NUMBER
from renga_schema.readers.sql.modifiers import Modifiers
from renga_schema.readers.sql.names import DEFAULT_NAMESPACES, implied_name, object_key
from renga_schema.readers.sql.outcome import Outcome

_CALL = re.compile(r"\(*(?:\w+\.)?(?P<function>[A-Za-z_]\w*)\s*\(")
_METHODS: Final = ("FULLTEXT", "SPATIAL", "COLUMNSTORE", "CLUSTERED", "XML")
_ORDERS: Final = {"ASC", "DESC"}
_AFTER_KEY: Final = {"ASC", "DESC", "NULLS", "COLLATE", "AUTOINCREMENT", END}


def index_parts(group: Cursor) -> tuple[IndexPart, ...]:
    """The keys of an index, from what is inside its parentheses."""
    return tuple(index_part(item) for item in group.items())


def index_part(item: Cursor) -> IndexPart:
    """One key: a column or an expression, with all that may follow it. What is left belongs to the caller."""
    mark = item.here
    found: dict[str, object] = {}
    if item.dialect == "sqlite":
        found = _sqlite_key(item)
    elif item.key == "(":
        item.skip_group()
        found["expression"] = expression(item.since(mark), item.dialect)
    else:
        if not item.at_name:
            raise item.error("a column or an expression is expected")
        name = item.dotted()[-1]
        if item.key == "(" and item.peek(1) == NUMBER and item.peek(2) == ")" and item.dialect == "mysql":
            found["column"], found["length"] = name, item.integer()
        elif item.key == "(":
            item.skip_group()
            found["expression"] = expression(item.since(mark), item.dialect)
        else:
            found["column"] = name
    _after_key(item, found)
    return IndexPart.model_validate(found)


def _sqlite_key(item: Cursor) -> dict[str, object]:
    """A name, or any expression, which needs no parentheses; a name in parentheses is still a name."""
    mark = item.here
    if item.key == "(" and item.peek(2) == ")":
        return _sqlite_key(item.group())
    named = item.at_name
    item.step()
    while item.key not in _AFTER_KEY or (item.key == "COLLATE" and item.peek(2) not in _AFTER_KEY):
        item.step()
    if named and item.here == mark + 1:
        item.back_to(mark)
        return {"column": item.name()}
    return {"expression": expression(item.since(mark), item.dialect)}


def _after_key(item: Cursor, found: dict[str, object]) -> None:
    if item.accept("COLLATE"):
        found["collation"] = ".".join(item.dotted())
    if item.dialect == "postgres" and item.at_name and item.key not in {"ASC", "DESC", "NULLS", "WITH", "WITHOUT"}:
        mark = item.here
        item.dotted()
        if item.key == "(":
            item.skip_group()
        found["operator_class"] = item.since(mark).removeprefix(f"{DEFAULT_NAMESPACES['postgres']}.")
    if item.dialect == "mssql":
        sqlserver_indexes.take_language(item)
    if (order := item.accept_any(_ORDERS)) is not None:
        found["order"] = order.lower()
    if item.accept("NULLS"):
        nulls = item.accept_any({"FIRST", "LAST"})
        if nulls is None:
            raise item.error("FIRST or LAST is expected")
        found["nulls"] = nulls.lower()


def spelled(part: IndexPart) -> str:
    """The key of a constraint with its collation and order, for the constraint's own columns have neither."""
    collation = f" COLLATE {part.collation}" if part.collation else ""
    return f"{part.column}{collation}{' DESC' if part.order == 'desc' else ''}"


def index_options(cursor: Cursor) -> tuple[str | None, str | None, bool, Options]:
    """Take MySQL's options after an index: method, comment, visibility, and the rest by name."""
    method: str | None = None
    comment: str | None = None
    visible = True
    options: Options = {}
    while True:
        if cursor.accept("USING"):
            method = cursor.name().lower()
        elif cursor.accept("COMMENT"):
            comment = cursor.string()
        elif cursor.accept_any({"INVISIBLE", "IGNORED"}):
            visible = False
        elif cursor.accept_any({"VISIBLE"}) or cursor.accept("NOT", "IGNORED"):
            visible = True
        elif cursor.accept("WITH", "PARSER"):
            options["parser"] = cursor.name()
        elif (key := cursor.accept_any({"KEY_BLOCK_SIZE", "ALGORITHM", "LOCK", "CLUSTERING"})) is not None:
            cursor.accept("=")
            value = cursor.value()
            if key == "KEY_BLOCK_SIZE":
                options["key_block_size"] = value
        else:
            return method, comment, visible, options


def is_there(cursor: Cursor, table: TableDraft) -> bool:
    """Whether what comes next is a key or constraint that MariaDB makes IF NOT EXISTS, and that exists."""
    mark = cursor.here
    while cursor.accept_any({"CONSTRAINT", "UNIQUE", "FULLTEXT", "SPATIAL", "FOREIGN", "KEY", "INDEX"}):
        pass
    name = cursor.name() if cursor.accept("IF", "NOT", "EXISTS") and cursor.at_name else ""
    cursor.back_to(mark)
    return name != "" and (table.index(name) is not None or table.constraint(name) is not None)


def free_index_name(owner: TableDraft | View, parts: Sequence[IndexPart], dialect: Dialect) -> str:
    """The name that the engine gives to an index without one: the first free one of a series."""
    if dialect == "mysql":
        base, separator, first = parts[0].column or "functional_index", "_", 2
    else:
        columns = tuple(part.column or _figured_name(part) for part in parts)
        base, separator, first = implied_name(owner.name, columns, "idx"), "", 1
    if isinstance(owner, TableDraft):
        return owner.free_index_name(base, separator, first)
    taken = {index.name for index in owner.indexes}
    numbered = (f"{base}{separator}{number}" for number in itertools.count(first))
    return next(name for name in itertools.chain([base], numbered) if name not in taken)


def _figured_name(part: IndexPart) -> str:
    """What PostgreSQL calls an expression in an index's name: its function, if it is the call of one."""
    match = _CALL.match(part.expression.text) if part.expression else None
    return match["function"].lower() if match else "expr"


def create_index(cursor: Cursor, builder: Builder, modifiers: Modifiers) -> Outcome:
    """CREATE [UNIQUE | FULLTEXT | SPATIAL] INDEX ... ON table (...)."""
    cursor.accept("CONCURRENTLY")
    optional = cursor.accept("IF", "NOT", "EXISTS")
    origin = cursor.origin
    named = cursor.qualified() if cursor.key != "ON" or cursor.peek(1) in {"ON", "USING"} else None
    method = _using(cursor)
    cursor.expect("ON")
    only = cursor.dialect == "postgres" and cursor.accept("ONLY")
    offset = cursor.offset
    owner = _owner(cursor, builder, named)
    method = _using(cursor) or method
    keyless = cursor.dialect == "mssql" and cursor.key != "(" and modifiers.words & {"COLUMNSTORE", "FULLTEXT"}
    parts = () if keyless else index_parts(cursor.group())
    if not parts and not keyless:
        raise cursor.error("at least one column is expected")
    name = named.name if named else free_index_name(owner, parts, builder.dialect)
    if "REPLACE" in modifiers and isinstance(owner, TableDraft):
        builder.drop_index(Ref(name=name), owner)
    if _name_taken(builder, owner, name):
        if optional:
            return "noted"
        raise builder.duplicate("index", Ref(name=name, namespace=owner.namespace), offset)
    found: dict[str, object] = {"method": next((word.lower() for word in _METHODS if word in modifiers), method)}
    _clauses(cursor, found)
    cursor.expect_end()
    index = Index(name=name, origin=origin, parts=parts, unique="UNIQUE" in modifiers, only=only)
    builder.add_index(owner, index.model_copy(update={key: value for key, value in found.items() if value is not None}))
    return "applied"


def _using(cursor: Cursor) -> str | None:
    return cursor.name().lower() if cursor.accept("USING") else None


def _owner(cursor: Cursor, builder: Builder, index: Ref | None) -> TableDraft | View:
    """The table or view that an index is on; in SQLite it is where the index's name says."""
    offset = cursor.offset
    ref = cursor.qualified()
    if cursor.dialect == "sqlite" and index is not None and index.namespace is not None:
        ref = Ref(name=ref.name, namespace=index.namespace)
    return builder.find(builder.views, ref) or builder.table(ref, offset)


def _name_taken(builder: Builder, owner: TableDraft | View, name: str) -> bool:
    """Whether an index of that name exists: on the same table in MySQL and SQL Server, in its namespace elsewhere."""
    if builder.dialect in {"mysql", "mssql"}:
        return isinstance(owner, TableDraft) and owner.index(name) is not None
    home = builder.index_home(Ref(name=name, namespace=owner.namespace))
    return home is not None and object_key(home.namespace, "", builder.dialect) == object_key(
        owner.namespace, "", builder.dialect
    )


def _clauses(cursor: Cursor, found: dict[str, object]) -> None:
    """Take what follows the keys of CREATE INDEX."""
    if cursor.dialect == "mssql":
        found |= sqlserver_indexes.clauses(cursor)
        return
    options: Options = {}
    while not cursor.at_end:
        if cursor.accept("INCLUDE"):
            found["include"] = cursor.names()
        elif cursor.accept("NULLS", "NOT", "DISTINCT"):
            found["nulls_not_distinct"] = True
        elif cursor.accept("WHERE"):
            found["predicate"] = expression(cursor.rest(), cursor.dialect)
        elif cursor.accept("WITH") and cursor.key == "(":
            options |= parameters(cursor.group())
        elif cursor.accept_any({"TABLESPACE", "ON"}):
            options["tablespace"] = ".".join(cursor.dotted())
            if cursor.key == "(":
                cursor.skip_group()
        elif not cursor.accept("NULLS", "DISTINCT"):
            _take_mysql(cursor, found, options)
    found["options"] = options


def _take_mysql(cursor: Cursor, found: dict[str, object], options: Options) -> None:
    mark = cursor.here
    method, comment, visible, more = index_options(cursor)
    if cursor.here == mark:
        raise cursor.error("the end of the statement is expected")
    options |= more
    found["method"] = method or found["method"]
    found["comment"] = comment
    found["visible"] = visible


def parameters(group: Cursor) -> Options:
    """Options of the form `name = value, ...`."""
    options: Options = {}
    for item in group.items():
        name = ".".join(item.dotted())
        options[name.lower()] = (item.rest() if item.accept("=") else "true").strip("'")
    return options
