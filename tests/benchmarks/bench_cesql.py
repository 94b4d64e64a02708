"""Trigger filters in CloudEvents SQL against the `exact`, `prefix` and `all` filters that say the same."""

import statistics
import timeit

import pytest

from measuring import say
from renga_dev.eventing.filters import compile_filter
from renga_dev.manifests.model import All, CeSql, Exact, Filter, Prefix
from renga_events.envelope import Envelope

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(600)]

EVENT = Envelope("1", "/shop", "dev.shop.order.v1", extensions={"region": "eu"})
SAME = [
    ("type = 'dev.shop.order.v1'", Exact({"type": "dev.shop.order.v1"})),
    ("region = 'eu'", Exact({"region": "eu"})),
    ("absent = 'eu'", Exact({"absent": "eu"})),
    ("type LIKE 'dev.shop.%'", Prefix({"type": "dev.shop."})),
    ("source = '/shop' AND region = 'eu'", All((Exact({"source": "/shop"}), Exact({"region": "eu"})))),
]


def seconds(wanted: Filter) -> float:
    """Seconds of one evaluation."""
    passes = compile_filter(wanted)
    assert passes is not None
    return timeit.timeit(lambda: passes(EVENT), number=20_000) / 20_000


@pytest.mark.parametrize(("expression", "plain"), SAME)
def test_expression_against_plain_filter(expression: str, plain: Filter) -> None:
    """Rounds are interleaved, medians compared."""
    rounds = [(seconds(CeSql(expression)), seconds(plain)) for _ in range(15)]
    ours, theirs = (statistics.median(column) for column in zip(*rounds, strict=True))
    say(f"cesql {expression!r}", per_second=1 / ours, multiple_of_the_plain_filter=ours / theirs)
