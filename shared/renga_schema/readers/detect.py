"""Guess the format and the dialect of a description, and say what the guess rests on."""

import re
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final, Literal

from renga_schema.model import Dialect

Format = Literal["sql", "yaml"]

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

# Dialect -> sign -> (weight of one hit, pattern).
_SIGNS: Final[dict[Dialect, dict[str, tuple[float, re.Pattern[str]]]]] = {
    "postgres": {
        "pg_dump": (20, re.compile(r"PostgreSQL database dump")),
        "pg_catalog": (4, re.compile(r"\bpg_catalog\.")),
        ":: casts": (1, re.compile(r"[\w')\]]\s*::\s*[a-z\"]")),
        "serial": (1, re.compile(r"\b(?:big|small)?serial\b", re.I)),
        "character varying": (1, re.compile(r"\bcharacter varying\b", re.I)),
        "time zone": (1, re.compile(r"\bwith(?:out)? time zone\b|\btimestamptz\b", re.I)),
        "dollar quotes": (2, re.compile(r"\$\w*\$")),
        "COMMENT ON": (2, re.compile(r"^\s*COMMENT ON\b", re.I | re.M)),
        "OWNER TO": (2, re.compile(r"\bOWNER TO\b", re.I)),
        "ALTER TABLE ONLY": (3, re.compile(r"\bALTER TABLE ONLY\b", re.I)),
        "search_path": (4, re.compile(r"\bsearch_path\b", re.I)),
        "CREATE EXTENSION": (3, re.compile(r"\bCREATE EXTENSION\b", re.I)),
        "nextval": (2, re.compile(r"\bnextval\s*\(", re.I)),
        "PostgreSQL types": (1, re.compile(r"\b(?:jsonb|bytea|inet|cidr|tsvector|uuid|int8|int4|bool)\b", re.I)),
        "arrays": (1, re.compile(r"\b\w+\[\]")),
        "ENUM types": (4, re.compile(r"\bCREATE (?:TYPE|DOMAIN)\b", re.I)),
        "index methods": (2, re.compile(r"\bUSING (?:btree|gin|gist|brin)\s*\(", re.I)),
        "identity": (2, re.compile(r"\bAS IDENTITY\b", re.I)),
        "DROP ... CASCADE": (1, re.compile(r"\bDROP [^;]*\bCASCADE\b", re.I)),
        "says PostgreSQL": (9, re.compile(_SAYS.format("postgres|pgsql"), re.I | re.M)),
    },
    "mysql": {
        "mysqldump": (20, re.compile(r"^-- (?:MySQL|MariaDB) dump", re.M)),
        "backticks": (1, re.compile(r"`[^`\n]+`")),
        "ENGINE=": (4, re.compile(r"\b(?:ENGINE|TYPE)\s*=\s*\w+", re.I)),
        "AUTO_INCREMENT": (3, re.compile(r"\bAUTO_INCREMENT\b", re.I)),
        "version comments": (4, re.compile(r"/\*M?!\d")),
        "UNSIGNED": (2, re.compile(r"\bUNSIGNED\b(?! BIG)", re.I)),
        "charset": (2, re.compile(r"\b(?:CHARSET|CHARACTER SET)\b", re.I)),
        "DELIMITER": (4, re.compile(r"^DELIMITER\b", re.I | re.M)),
        "KEY lists": (2, re.compile(r"^\s*(?:UNIQUE |FULLTEXT )?KEY\s+\S+\s*\(", re.I | re.M)),
        "MySQL types": (1, re.compile(r"\b(?:tinyint|mediumint|mediumtext|longtext|tinyblob|longblob)\b", re.I)),
        "inline ENUM": (2, re.compile(r"\b(?:enum|set)\s*\('", re.I)),
        "USE": (1, re.compile(r"^USE\s+\w+\s*;", re.I | re.M)),
        "says MySQL": (9, re.compile(_SAYS.format("mysql|mariadb"), re.I | re.M)),
    },
    "sqlite": {
        "PRAGMA": (5, re.compile(r"^\s*PRAGMA\b", re.I | re.M)),
        "AUTOINCREMENT": (5, re.compile(r"\bAUTOINCREMENT\b", re.I)),
        "WITHOUT ROWID": (8, re.compile(r"\)\s*(?:STRICT\s*,\s*)?WITHOUT ROWID\b", re.I)),
        "STRICT": (8, re.compile(r"\)\s*STRICT\s*[;,]", re.I)),
        "sqlite_ tables": (8, re.compile(r"\bsqlite_(?:sequence|master|schema|stat1)\b", re.I)),
        "VIRTUAL TABLE": (8, re.compile(r"\bCREATE VIRTUAL TABLE\b", re.I)),
        "INTEGER PRIMARY KEY": (1, re.compile(r"\bINTEGER\s+(?:NOT NULL\s+)?PRIMARY KEY\b", re.I)),
        "ON CONFLICT": (2, re.compile(r"\bON CONFLICT (?:REPLACE|IGNORE|FAIL|ABORT|ROLLBACK)\b", re.I)),
        "SQLite functions": (2, re.compile(r"\b(?:datetime|strftime|randomblob|julianday)\s*\(", re.I)),
        "trigger bodies": (3, re.compile(r"\bON\s+\S+\s+(?:FOR EACH ROW\s+)?(?:WHEN [^;]+)?BEGIN\b", re.I)),
        "brackets": (1, re.compile(r"\bTABLE\s+(?:IF NOT EXISTS\s+)?\[\w+\]", re.I)),
        "says SQLite": (9, re.compile(_SAYS.format("sqlite"), re.I | re.M)),
    },
    "mssql": {
        "GO": (15, re.compile(r"^\s*GO\s*$", re.I | re.M)),
        "[dbo]": (4, re.compile(r"\[?\bdbo\]?\s*\.", re.I)),
        "brackets": (1, re.compile(r"\[\w+\]\s+\[\w+\]|\[\w+\]\s*\(")),
        "IDENTITY": (4, re.compile(r"\bIDENTITY\s*\(|\bint(?:eger)? identity\b", re.I)),
        "SQL Server types": (2, re.compile(r"\b(?:datetime2|uniqueidentifier|smalldatetime|ntext)\b", re.I)),
        "NVARCHAR": (0.5, re.compile(r"\bnvarchar\b", re.I)),
        "says SQL Server": (9, re.compile(_SAYS.format("sql ?server|mssql|t-sql"), re.I | re.M)),
        "CLUSTERED": (3, re.compile(r"\b(?:NON)?CLUSTERED\b", re.I)),
        "GETDATE": (3, re.compile(r"\bgetdate\s*\(", re.I)),
        "SET options": (4, re.compile(r"^\s*SET (?:ANSI_NULLS|QUOTED_IDENTIFIER|NOCOUNT)\b", re.I | re.M)),
    },
}

_YAML = re.compile(r"^(?:---|%YAML|\{|[A-Za-z_$][\w$-]*\s*:(?:\s|$))", re.M)
_SQL = re.compile(r"^\s*(?:CREATE|ALTER|DROP|INSERT|SET|COMMENT|BEGIN|PRAGMA|USE|GO|SELECT|GRANT)\b", re.I | re.M)
_FORMATS: Final[dict[str, Format]] = {
    ".sql": "sql", ".ddl": "sql", ".psql": "sql", ".pgsql": "sql", ".mysql": "sql", ".sqlite": "sql",
    ".yaml": "yaml", ".yml": "yaml", ".json": "yaml",
}  # fmt: skip


def detect(text: str, file: str | None = None) -> Detection:
    """Guess the format by the file's ending, else by how the text looks; and the dialect by the signs it shows."""
    sample = text[: _SAMPLES[0]]
    suffix = PurePath(file).suffix.lower() if file else ""
    format_ = _FORMATS.get(suffix)
    evidence: tuple[str, ...] = (suffix,) if format_ else ()
    if format_ is None:
        format_, evidence = _format(sample)
    if format_ == "yaml":
        return Detection("yaml", None, evidence, 1.0 if suffix else 0.8)
    found = _dialect(sample)
    return found if found.confidence >= _DOUBT else _dialect(text[: _SAMPLES[1]])


def _format(sample: str) -> tuple[Format, tuple[str, ...]]:
    sql = _SQL.search(sample)
    yaml = _YAML.search(sample)
    if yaml is not None and (sql is None or yaml.start() < sql.start()):
        return "yaml", (f"begins with {yaml[0].strip()!r}",)
    return "sql", ()


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
