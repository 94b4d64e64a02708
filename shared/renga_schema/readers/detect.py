"""Guess the format and the dialect of a description, and say what the guess rests on."""

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Literal

from renga_schema.model import Dialect

Format = Literal["sql", "yaml", "xml", "prisma", "dbml", "jsonschema"]

_SAMPLES: Final = (32_000, 400_000)
"""Characters that are looked at, from the start of the text: the second number where the first leaves doubt."""

_DOUBT: Final = 0.6

_ENOUGH: Final = 15
"""So many hits of one sign are counted, and they weigh by the logarithm: more of the same proves little more."""


@dataclass(frozen=True, slots=True)
class Detection:
    """A guess."""

    format: Format
    dialect: Dialect | None
    """None where the format belongs to no dialect."""
    evidence: tuple[str, ...]
    """What speaks for it, in words to show: `backticks`, `ENGINE=`."""
    confidence: float
    """From 0 (nothing speaks for it) to 1 (everything does, and much of it)."""


_SAYS: Final = r"^\s*(?:--|\*|/\*|#|DB Server:)[^\n]*(?:{})"
"""A comment that names the engine."""


def _sign(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE | re.MULTILINE)


# Dialect -> sign -> (weight of one hit, pattern).
_SIGNS: Final[dict[Dialect, dict[str, tuple[float, re.Pattern[str]]]]] = {
    "postgres": {
        "pg_dump": (20, _sign(r"PostgreSQL database dump")),
        "pg_catalog": (4, _sign(r"\bpg_catalog\.")),
        ":: casts": (1, _sign(r"[\w')\]]\s*::\s*[a-z\"]")),
        "serial": (1, _sign(r"\b(?:big|small)?serial\b")),
        "character varying": (1, _sign(r"\bcharacter varying\b")),
        "time zone": (1, _sign(r"\bwith(?:out)? time zone\b|\btimestamptz\b")),
        "dollar quotes": (2, _sign(r"\$\w*\$")),
        "COMMENT ON": (2, _sign(r"^\s*COMMENT ON\b")),
        "OWNER TO": (2, _sign(r"\bOWNER TO\b")),
        "ALTER TABLE ONLY": (3, _sign(r"\bALTER TABLE ONLY\b")),
        "search_path": (4, _sign(r"\bsearch_path\b")),
        "CREATE EXTENSION": (3, _sign(r"\bCREATE EXTENSION\b")),
        "nextval": (2, _sign(r"\bnextval\s*\(")),
        "PostgreSQL types": (1, _sign(r"\b(?:jsonb|bytea|inet|cidr|tsvector|uuid|int8|int4)\b")),
        "arrays": (1, _sign(r"\b\w+\[\]")),
        "ENUM types": (4, _sign(r"\bCREATE (?:TYPE|DOMAIN)\b")),
        "index methods": (2, _sign(r"\bUSING (?:btree|gin|gist|brin)\s*\(")),
        "identity": (2, _sign(r"\bAS IDENTITY\b")),
        "DROP ... CASCADE": (1, _sign(r"\bDROP [^;]*\bCASCADE\b")),
        "says PostgreSQL": (9, _sign(_SAYS.format("postgres|pgsql"))),
    },
    "mysql": {
        "mysqldump": (20, _sign(r"^-- (?:MySQL|MariaDB) dump")),
        "backticks": (1, _sign(r"`[^`\n]+`")),
        "ENGINE=": (4, _sign(r"\b(?:ENGINE|TYPE)\s*=\s*\w+")),
        "AUTO_INCREMENT": (3, _sign(r"\bAUTO_INCREMENT\b")),
        "version comments": (4, _sign(r"/\*M?!\d")),
        "UNSIGNED": (1, _sign(r"\bUNSIGNED\b(?! BIG)")),
        "charset": (2, _sign(r"\b(?:CHARSET|CHARACTER SET)\b")),
        "DELIMITER": (4, _sign(r"^DELIMITER\b")),
        "KEY lists": (2, _sign(r"^\s*(?:UNIQUE |FULLTEXT )?KEY\s+\S+\s*\(")),
        "MySQL types": (
            1,
            _sign(r"\btinyint\s*\(|\b(?:mediumint|tinytext|mediumtext|longtext|tinyblob|mediumblob|longblob)\b"),
        ),
        "display widths": (1, _sign(r"\b(?:big)?int\s*\(\d+\)")),
        "DATETIME(n)": (2, _sign(r"\bdatetime\s*\(\d\)")),
        "ON UPDATE CURRENT_TIMESTAMP": (4, _sign(r"\bON UPDATE (?:CURRENT_TIMESTAMP|now\s*\()")),
        "BLOB": (0.5, _sign(r"\bBLOB\b")),
        "inline ENUM": (2, _sign(r"\b(?:enum|set)\s*\('")),
        "USE": (1, _sign(r"^USE\s+\w+\s*;")),
        "says MySQL": (9, _sign(_SAYS.format("mysql|mariadb"))),
    },
    "sqlite": {
        "PRAGMA": (5, _sign(r"^\s*PRAGMA\b")),
        "AUTOINCREMENT": (5, _sign(r"\bAUTOINCREMENT\b")),
        "WITHOUT ROWID": (8, _sign(r"\)\s*(?:STRICT\s*,\s*)?WITHOUT ROWID\b")),
        "STRICT": (8, _sign(r"\)\s*STRICT\s*[;,]")),
        "sqlite_ tables": (8, _sign(r"\bsqlite_(?:sequence|master|schema|stat1)\b")),
        "VIRTUAL TABLE": (8, _sign(r"\bCREATE VIRTUAL TABLE\b")),
        "INTEGER PRIMARY KEY": (1, _sign(r"\bINTEGER\s+(?:NOT NULL\s+)?PRIMARY KEY\b")),
        "ON CONFLICT": (2, _sign(r"\bON CONFLICT (?:REPLACE|IGNORE|FAIL|ABORT|ROLLBACK)\b")),
        "SQLite functions": (
            3,
            _sign(r"\b(?:strftime|randomblob|julianday|unixepoch|json_valid)\s*\(|\bdatetime\s*\(\s*['a-z]"),
        ),
        "COLLATE NOCASE": (5, _sign(r"\bCOLLATE\s+NOCASE\b")),
        "INSERT OR": (4, _sign(r"\bINSERT OR (?:REPLACE|IGNORE|ABORT|FAIL|ROLLBACK)\b")),
        "RAISE": (4, _sign(r"\bRAISE\s*\(\s*(?:ABORT|FAIL|IGNORE|ROLLBACK)\b")),
        "rebuilt tables": (3, _sign(r"\bDROP TABLE\s[^;]{1,100};\s*ALTER TABLE\s[^;]{1,100}\sRENAME TO\b")),
        "BLOB": (0.5, _sign(r"\bBLOB\b")),
        "trigger bodies": (3, _sign(r"\bON\s+\S+\s+(?:FOR EACH ROW\s+)?(?:WHEN [^;]+)?BEGIN\b")),
        "brackets": (1, _sign(r"\bTABLE\s+(?:IF NOT EXISTS\s+)?\[\w+\]")),
        "says SQLite": (9, _sign(_SAYS.format("sqlite"))),
    },
    "mssql": {
        "GO": (15, _sign(r"^\s*GO\s*$")),
        "[dbo]": (4, _sign(r"\[?\bdbo\]?\s*\.")),
        "brackets": (1, _sign(r"\[\w+\]\s+\[\w+\]|\[\w+\]\s*\(")),
        "IDENTITY": (4, _sign(r"(?<!\bAS )\bIDENTITY\s*\(|\b(?:int(?:eger)?|numeric\s*\([^()\n]*\)) identity\b")),
        "SQL Server types": (
            2,
            _sign(
                r"\b(?:datetime2|datetimeoffset|uniqueidentifier|smalldatetime|ntext|smallmoney|sql_variant"
                r"|hierarchyid|rowversion)\b|\b(?:n?varchar|varbinary)\s*\(\s*max\s*\)"
            ),
        ),
        "filegroups": (5, _sign(r"\bON \[PRIMARY\]")),
        "N'...'": (1, _sign(r"(?<![\w'])N'")),
        "sys catalogue": (5, _sign(r"\bsys\.(?:objects|tables|columns|indexes|schemas)\b|\bOBJECT_ID\s*\(")),
        "system procedures": (5, _sign(r"\bsp_(?:rename|addextendedproperty|executesql|bindefault)\b")),
        "bracketed columns": (1, _sign(r"^\s*\[\w+\]\s+\w+")),
        "NVARCHAR": (0.5, _sign(r"\bnvarchar\b")),
        "says SQL Server": (9, _sign(_SAYS.format("sql ?server|mssql|t-sql"))),
        "CLUSTERED": (3, _sign(r"\b(?:NON)?CLUSTERED\b")),
        "GETDATE": (3, _sign(r"\bgetdate\s*\(")),
        "SET options": (4, _sign(r"^\s*SET (?:ANSI_NULLS|QUOTED_IDENTIFIER|NOCOUNT)\b")),
    },
}

_XML = re.compile(r"\s*(<[?!]?[\w:-]+)")
_YAML = _sign(r"^(?:---|%YAML|\{|[a-z_$][\w$-]*\s*:(?:\s|$))")
_SQL = _sign(r"^\s*(?:CREATE|ALTER|DROP|INSERT|SET|COMMENT|BEGIN|PRAGMA|USE|GO|SELECT|GRANT)\b")
_BLOCKS: Final[dict[Format, re.Pattern[str]]] = {
    "prisma": _sign(r"^(?:datasource|generator|model)[ \t]+\w+[ \t]*\{"),
    "dbml": _sign(
        r"^[ \t]*(?:(?:table|tablepartial|tablegroup|enum|project)[ \t]+[\w\"][^\n;(]*\{|ref\b[^\n:;]*:[^\n;]*[<>-])"
    ),
}
"""What a format's blocks begin with."""
_JSON_SCHEMA: Final = {
    "$schema": (_sign(r'"\$schema"\s*:\s*"[^"\n]*json-schema\.org'),),
    "properties of an object": (_sign(r'"properties"\s*:\s*\{'), _sign(r'"type"\s*:\s*"object"')),
    "definitions": (_sign(r'"(?:definitions|\$defs)"\s*:\s*\{'), _sign(r'"type"\s*:\s*"\w+"')),
}
"""Sign -> what must all be in a JSON text."""
_YAML_SCHEMA: Final = {
    "$schema": (_sign(r"^[\"']?\$schema[\"']?[ \t]*:[ \t]*\S*json-schema\.org"),),
    "properties of an object": (_sign(r"^properties[ \t]*:"), _sign(r"^type[ \t]*:[ \t]*[\"']?object\b")),
    "definitions": (_sign(r"^(?:definitions|\$defs)[ \t]*:"), _sign(r"^[ \t]+type[ \t]*:[ \t]*[\"']?\w+")),
}
"""The same for YAML."""
_API: Final = _sign(
    r"(?:^[ \t]*+|[{,]\s*+)[\"']?(?P<key>openapi|swagger)[\"']?[ \t]*:[ \t]*[\"']?(?P<version>[23]\.\d+)"
)
_SCHEMA_ENDING: Final = re.compile(r"\.schema\.(?:json|ya?ml)\Z", re.IGNORECASE)
ENDINGS: Final[dict[str, Format]] = {
    ".sql": "sql", ".ddl": "sql", ".psql": "sql", ".pgsql": "sql", ".mysql": "sql", ".sqlite": "sql",
    ".yaml": "yaml", ".yml": "yaml", ".json": "yaml",
    ".xml": "xml",
    ".prisma": "prisma",
    ".dbml": "dbml",
}  # fmt: skip
"""What a file's ending says of its format."""


_BLANK_LINES: Final = re.compile(r"\n(?:[ \t\r\f\v]*+\n)++")
"""They say nothing, and each sign would be looked for from every one of them to the last."""


def detect(text: str, file: str | None = None, known: Format | None = None) -> Detection:
    """Guess the format, unless it is known, by the file's ending or else by how the text looks; and the dialect."""
    sample = _BLANK_LINES.sub("\n", text[: _SAMPLES[0]])
    guess = Detection(known, None, (), 1.0) if known else _guessed_format(sample, file)
    if guess.format != "sql":
        return guess
    found = _dialect(sample)
    return found if found.confidence >= _DOUBT else _dialect(_BLANK_LINES.sub("\n", text[: _SAMPLES[1]]))


def detect_format(text: str, file: str | None = None) -> Format:
    """Guess the format alone, which costs a fraction of what the dialect does."""
    return _guessed_format(_BLANK_LINES.sub("\n", text[: _SAMPLES[0]]), file).format


def _guessed_format(sample: str, file: str | None) -> Detection:
    suffix = PurePath(file).suffix.lower() if file else ""
    if suffix in {".json", ".yaml", ".yml", ""} and (says := _json_schema(sample, file)) is not None:
        return Detection("jsonschema", None, (says,), 1.0 if says.startswith(".") else 0.9)
    if (ending := ENDINGS.get(suffix)) is not None:
        return Detection(ending, None, (suffix,), 1.0)
    return Detection(*_by_its_looks(sample), 0.8)


def _by_its_looks(sample: str) -> tuple[Format, None, tuple[str, ...]]:
    if (tag := _XML.match(sample)) is not None:
        return "xml", None, (f"begins with {tag[1]}",)
    sql = _SQL.search(sample)
    for format_, pattern in _BLOCKS.items():
        block = pattern.search(sample)
        if block is not None and (sql is None or block.start() < sql.start()):
            return format_, None, (f"begins with {' '.join(block[0].split())!r}",)
    yaml = _YAML.search(sample)
    if yaml is not None and (sql is None or yaml.start() < sql.start()):
        return "yaml", None, (f"begins with {yaml[0].strip()!r}",)
    return "sql", None, ()


def _json_schema(sample: str, file: str | None) -> str | None:
    """What says that a text in JSON or YAML is a JSON Schema or an API that has some, if anything does."""
    if file is not None and (ending := _SCHEMA_ENDING.search(file)) is not None:
        return ending[0].lower()
    is_json = sample.lstrip().startswith("{")
    if (api := _API.search(sample)) is not None and (is_json or api.start() == sample.rfind("\n", 0, api.end()) + 1):
        return f"{api['key']} {api['version']}"
    signs = _JSON_SCHEMA if is_json else _YAML_SCHEMA
    return next((sign for sign, patterns in signs.items() if all(each.search(sample) for each in patterns)), None)


def _dialect(sample: str) -> Detection:
    scores: dict[Dialect, float] = {}
    seen: dict[Dialect, list[tuple[float, str]]] = {}
    for dialect, signs in _SIGNS.items():
        seen[dialect] = []
        for sign, (weight, pattern) in signs.items():
            hits = sum(1 for _ in zip(range(_ENOUGH), pattern.finditer(sample), strict=False))
            if hits:
                seen[dialect].append((weight * hits.bit_length(), sign))
        scores[dialect] = sum(score for score, _ in seen[dialect])
    best = max(scores, key=lambda dialect: scores[dialect])  # the first of equals: PostgreSQL
    total = sum(scores.values())
    # One lonely sign is no certainty, however alone it stands: three of weight one make it a half.
    confidence = scores[best] / (total + 3) if total else 0.0
    evidence = tuple(sign for _, sign in sorted(seen[best], reverse=True)[:5])
    return Detection("sql", best, evidence, round(confidence, 3))
