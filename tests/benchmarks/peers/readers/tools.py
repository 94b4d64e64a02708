"""What one tool makes of one file, and what that costs.

- `tools.py tables TOOL DIALECT FILE` prints the number of tables, or fails with the reason. Each tool is used as its
  own documentation says for a whole script; nothing is cut away for it.
- `tools.py time DIALECT FILE` prints the seconds of our reading with its model, and of sqlglot's parsing of the same
  text with the same build, as JSON: one list of rounds each, interleaved.
- `tools.py memory ours|theirs DIALECT FILE` prints the peak of this process in MB, imports included.
"""

import importlib
import json
import logging
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

DIALECTS = {"mssql": "tsql"}
"""What sqlglot calls a dialect, where it has another name for it."""
OUTPUTS = {"postgres": "postgres", "mysql": "mysql", "mssql": "mssql", "sqlite": "sql"}
"""What simple-ddl-parser calls them."""


def renga(content: bytes, dialect: Any) -> int:
    """Ours: every statement without a diagnostic of severity error."""
    from renga_schema import read
    from renga_schema.counts import count

    reading = read(content, dialect=dialect)
    wrong = [each for each in reading.diagnostics if each.severity == "error"]
    if wrong:
        raise ValueError(f"{len(wrong)} statements not read: {wrong[0].message}")
    return count(reading).tables


def sqlglot(content: bytes, dialect: str) -> int:
    """The whole file at once; it raises at the first statement that it cannot parse."""
    from sqlglot import exp, parse

    trees = parse(content.decode("utf-8-sig"), read=DIALECTS.get(dialect, dialect))
    made = [tree for tree in trees if isinstance(tree, exp.Create) and tree.kind == "TABLE"]
    names = {tree.find(exp.Table) for tree in made if not tree.find(exp.TemporaryProperty)}
    return len({str(name) for name in names})


def simple_ddl_parser(content: bytes, dialect: str) -> int:
    """Not silent: it raises where it cannot parse."""
    parser = importlib.import_module("simple_ddl_parser").DDLParser(content.decode("utf-8-sig"), silent=False)
    found = parser.run(group_by_type=True, output_mode=OUTPUTS[dialect])
    return len({(table.get("schema"), table["table_name"]) for table in found["tables"]})


def pglast(content: bytes, _dialect: str) -> int:
    """PostgreSQL's own grammar, which takes no commands of psql and no data of COPY."""
    statements = importlib.import_module("pglast").parse_sql(content.decode("utf-8-sig"))
    made = [each.stmt for each in statements if type(each.stmt).__name__ == "CreateStmt"]
    return len({(each.relation.schemaname, each.relation.relname) for each in made})


TOOLS = {"renga": renga, "sqlglot": sqlglot, "simple-ddl-parser": simple_ddl_parser, "pglast": pglast}


ROUNDS = 5


def ours(content: bytes, dialect: Any) -> object:
    """Read into the model."""
    from renga_schema import read

    return read(content, dialect=dialect)


def theirs(content: bytes, dialect: str) -> object:
    """Parse everything; what cannot be parsed is passed over, so that the whole text costs something."""
    from sqlglot import parse
    from sqlglot.errors import ErrorLevel, SqlglotError

    try:
        return parse(content.decode("utf-8-sig"), read=DIALECTS.get(dialect, dialect), error_level=ErrorLevel.IGNORE)
    except SqlglotError:
        return None


def seconds(work: Callable[[bytes, str], object], content: bytes, dialect: str) -> float:
    """Of one go."""
    began = time.perf_counter()
    work(content, dialect)
    return time.perf_counter() - began


def tables(tool: str, dialect: str, file: str) -> str:
    """The number of tables."""
    try:
        return str(TOOLS[tool](Path(file).read_bytes(), dialect))
    except Exception as error:  # noqa: BLE001 - whatever a tool raises says that it did not read the file
        sys.exit(f"{type(error).__name__}: {' '.join(str(error).split())[:200]}")


def rounds(dialect: str, file: str) -> str:
    """Seconds by side and round."""
    content = Path(file).read_bytes()
    for work in (ours, theirs):  # imports, and caches that fill once
        work(content[:20_000].rpartition(b";")[0] or content, dialect)
    took = [(seconds(ours, content, dialect), seconds(theirs, content, dialect)) for _ in range(ROUNDS)]
    return json.dumps({"ours": [a for a, _ in took], "theirs": [b for _, b in took]})


def memory(side: str, dialect: str, file: str) -> str:
    """The peak of this process."""
    {"ours": ours, "theirs": theirs}[side](Path(file).read_bytes(), dialect)
    # Not getrusage: its peak begins with that of the process that started this one.
    status = Path("/proc/self/status").read_text()
    return str(int(status.partition("VmHWM:")[2].split()[0]) / 1024)


WHAT: dict[str, Callable[..., str]] = {"tables": tables, "time": rounds, "memory": memory}

if __name__ == "__main__":
    logging.disable()
    sys.stdout.write(WHAT[sys.argv[1]](*sys.argv[2:]) + "\n")
