"""Any 200 kB are answered within 5 s of CPU and 300 MiB: each class of hostile input, in each reader.

The times are CPU times, and nearly all of them are far below the limit.
"""

from functools import partial

import pytest

import renga_schema
from bounded import Cost, costs
from hostile import blocks, descriptions, lexical, scripts
from hostile.pieces import SIZE
from renga_schema import Unreadable
from renga_schema.model import Dialect
from renga_schema.readers.dbml import read_dbml
from renga_schema.readers.json_schema.reader import read_json_schema
from renga_schema.readers.prisma import read_prisma
from renga_schema.readers.sql import _canonical_form
from renga_schema.readers.sql.reader import read_sql
from renga_schema.readers.xml.reader import read_xml
from renga_schema.readers.yaml import read_yaml

MOST_CPU_S = 5
MOST_MEMORY_MIB = 300
LOADED = (read_dbml, read_json_schema, read_prisma, read_sql, read_xml, read_yaml, _canonical_form)
"""Imported here, so that no measured process pays for it."""

DESCRIPTIONS = {
    "yaml": ("yaml", descriptions.yaml),
    "xml": ("xml", descriptions.xml),
    "liquibase": ("xml", descriptions.liquibase),
    "xmldb": ("xml", descriptions.xmldb),
    "json schema": ("jsonschema", descriptions.json_schema),
    "prisma": ("prisma", blocks.prisma),
    "dbml": ("dbml", blocks.dbml),
}


def offences(texts: dict[str, str], **told: str) -> list[str]:
    """What is wrong with the answers to some texts, in words."""
    assert [name for name, text in texts.items() if len(text) > SIZE] == []
    calls = {name: partial(renga_schema.read, text, **told) for name, text in texts.items()}  # type: ignore[arg-type]  # checked by read
    measured = costs(calls, most_cpu_s=MOST_CPU_S, expected=Unreadable)
    suspects = {name: calls[name] for name, spent in measured if _beyond(spent)}
    # Threads of one core slow each other down: what seems to take too long is measured once more, by itself.
    again = costs(suspects, most_cpu_s=MOST_CPU_S, expected=Unreadable, at_once=1)
    return [
        f"{name}: {spent.cpu_s:.1f} s, {spent.memory_mib:.0f} MiB, {spent.problem or 'answered'}"
        for name, spent in again
        if _beyond(spent)
    ]


def _beyond(spent: Cost) -> bool:
    return spent.problem is not None or spent.cpu_s > MOST_CPU_S or spent.memory_mib > MOST_MEMORY_MIB


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("dialect", scripts.DIALECTS)
def test_every_script_is_answered_in_time(dialect: Dialect) -> None:
    """What nests, what repeats, and what makes a statement look at all before it, costs at most the limits."""
    found = offences(scripts.spoken(dialect) | scripts.chains(dialect), dialect=dialect)
    assert not found


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("dialect", scripts.DIALECTS)
def test_every_run_is_answered_in_time(dialect: str) -> None:
    """200 kB of one thing cost at most the limits in every dialect."""
    found = offences(lexical.runs(), dialect=dialect)
    assert not found


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("name", DESCRIPTIONS)
def test_every_description_is_answered_in_time(name: str) -> None:
    """Descriptions that mean harm, and 200 kB of one thing, cost at most the limits in every other format."""
    format_, made = DESCRIPTIONS[name]
    found = offences(lexical.runs() | made(), format=format_)
    assert not found


@pytest.mark.timeout(600)
def test_every_encoding_is_answered_in_time() -> None:
    """Bytes of any kind are answered, whatever they are taken for."""
    calls = {name: partial(renga_schema.read, content) for name, content in lexical.encoded().items()}
    for name, spent in costs(calls, most_cpu_s=MOST_CPU_S, expected=Unreadable):
        assert spent.problem is None, f"{name}: {spent.problem}"
        assert spent.cpu_s <= MOST_CPU_S, f"{name}: {spent.cpu_s:.1f} s"
