"""Names as each dialect spells them: reserved words, lengths, quoting, string literals."""

import re
from functools import lru_cache
from typing import Final

from renga_schema.model import Dialect

_POSTGRES: Final = """
all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
concurrently constraint create cross current_catalog current_date current_role current_schema current_time
current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit localtime
localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references returning
right select session_user similar some symmetric system_user table tablesample then to trailing true union unique user
using variadic verbose when where window with
"""

_MYSQL: Final = """
accessible add all alter analyze and as asc asensitive before between bigint binary blob both by call cascade case
change char character check collate column condition constraint continue convert create cross cube cume_dist
current_date current_role current_time current_timestamp current_user cursor database databases day_hour
day_microsecond day_minute day_second dec decimal declare default delayed delete delete_domain_id dense_rank desc
describe deterministic distinct distinctrow div do_domain_ids double drop dual each else elseif empty enclosed escaped
except exists exit explain false fetch first_value float float4 float8 for force foreign from fulltext function
generated get grant group grouping groups having high_priority hour_microsecond hour_minute hour_second if ignore
ignore_domain_ids in index infile inner inout insensitive insert int int1 int2 int3 int4 int8 integer intersect interval
into io_after_gtids io_before_gtids is iterate join json_table key keys kill lag last_value lateral lead leading leave
left like limit linear lines load localtime localtimestamp lock long longblob longtext loop low_priority manual
master_bind master_demote_to_replica master_demote_to_slave master_ssl_verify_server_cert match maxvalue mediumblob
mediumint mediumtext middleint minute_microsecond minute_second mod modifies natural no_write_to_binlog not nth_value
ntile null numeric of offset on optimize optimizer_costs option optionally or order out outer outfile over page_checksum
parallel parse_vcol_expr partition percent_rank portion precision primary procedure purge qualify range rank read
read_write reads real recursive ref_system_id references regexp release rename repeat replace require resignal restrict
return returning revoke right rlike row row_number rows schema schemas second_microsecond select sensitive separator set
show signal smallint spatial specific sql sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate
sqlwarning ssl starting stats_auto_recalc stats_persistent stats_sample_pages stored straight_join system table
tablesample terminated then tinyblob tinyint tinytext to trailing trigger true undo union unique unlock unsigned update
usage use using utc_date utc_time utc_timestamp values varbinary varchar varcharacter varying virtual when where while
window with write xor year_month zerofill
"""

_SQLITE: Final = """
add all alter and as autoincrement between case cast check collate commit constraint create current_date current_time
current_timestamp default deferrable delete distinct drop else escape except exists false foreign from group having if
in index insert intersect into is isnull join limit not nothing notnull null on or order primary raise references
returning rowid select set table then to transaction true union unique update using values when where
"""

RESERVED: Final[dict[Dialect, frozenset[str]]] = {
    "postgres": frozenset(_POSTGRES.split()),
    "mysql": frozenset(_MYSQL.split()),
    "sqlite": frozenset(_SQLITE.split()),
}
"""Dialect -> words that cannot name an object without quotes. MySQL's list is that of MySQL 8.4 and of MariaDB."""

LONGEST: Final[dict[Dialect, int]] = {"postgres": 63, "mysql": 64, "mssql": 128}
"""Dialect -> the longest name: PostgreSQL counts bytes of UTF-8, the others characters. SQLite sets no limit."""

_QUOTES: Final[dict[Dialect, str]] = {"postgres": '"', "mysql": "`", "sqlite": '"'}
_PLAIN: Final[dict[Dialect, re.Pattern[str]]] = {
    "postgres": re.compile(r"[a-z_][a-z0-9_]*"),
    "mysql": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
    "sqlite": re.compile(r"[A-Za-z_][A-Za-z0-9_]*"),
}


@lru_cache(maxsize=16384)
def quote(name: str, dialect: Dialect) -> str:
    """The name as `dialect` needs it: bare where that is safe, quoted where it is reserved, odd or would be folded."""
    if _PLAIN[dialect].fullmatch(name) and name.lower() not in RESERVED[dialect]:
        return name
    mark = _QUOTES[dialect]
    return mark + name.replace(mark, mark * 2) + mark


def quote_all(names: tuple[str, ...], dialect: Dialect) -> str:
    """The names, each quoted as needed, separated by commas."""
    return ", ".join(quote(name, dialect) for name in names)


def literal(text: str, dialect: Dialect) -> str:
    """The text as a string literal. MySQL is assumed to treat a backslash as an escape, which is its default."""
    if dialect == "mysql":
        text = text.replace("\\", "\\\\")
    return "'" + text.replace("'", "''") + "'"


def length(name: str, dialect: Dialect) -> int:
    """How much of `LONGEST` the name takes."""
    return len(name.encode()) if dialect == "postgres" else len(name)
