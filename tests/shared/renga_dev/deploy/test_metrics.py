"""What queue-proxies tell of their requests, and what is made of it when pods come and go."""

from math import inf
from pathlib import Path

import pytest

from renga_dev.deploy.metrics import Counts, Sample, Tally, counts

CASES = Path(__file__).parent / "cases"
NEWER = """\
# TYPE http_server_request_duration_seconds histogram
http_server_request_duration_seconds_bucket{http_request_method="POST",http_response_status_code="200",le="0.005"} 3
http_server_request_duration_seconds_bucket{http_request_method="POST",http_response_status_code="200",le="+Inf"} 4
http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="200",le="0.005"} 0
http_server_request_duration_seconds_bucket{http_request_method="GET",http_response_status_code="200",le="+Inf"} 1
http_server_request_duration_seconds_sum{http_request_method="GET",http_response_status_code="200"} 0.2
"""


def test_what_a_real_queue_proxy_tells() -> None:
    """Every status with its ranges, in seconds; what the process alone took, and Go's own figures, are left out."""
    found = counts((CASES / "queue-proxy.prom").read_text())
    assert {code for code, _ in found} == {200, 422}
    tally = Tally()
    tally.add("pod", found)
    told = tally.sample()
    assert (told.requests, told.failures) == (360, 1)
    assert (told.bounds_s[:3], told.bounds_s[-1]) == ((0.005, 0.01, 0.02), inf)
    assert sum(told.counts) == told.requests
    assert 0.004 < told.quantile_s(0.95) < 0.02


def test_what_newer_ones_tell() -> None:
    """OpenTelemetry's names, in seconds; methods are added up."""
    assert counts(NEWER) == {(200, 0.005): 3, (200, inf): 5}
    assert counts("") == {}


def answered(fast: int, slow: int = 0, failed: int = 0) -> Counts:
    """Cumulated counts: 200s of up to 10 ms and of more, and 500s."""
    good = {(200, 0.01): fast, (200, inf): fast + slow}
    return good | ({(500, 0.01): 0, (500, inf): failed} if failed else {})


def test_what_was_before_does_not_count() -> None:
    """A pod that is there already begins with what it tells first; one that comes begins with nothing."""
    tally = Tally({"old"})
    tally.add("old", answered(100))
    tally.add("old", answered(104, 1))
    tally.add("new", answered(7, failed=2))
    assert tally.sample() == Sample(14, 2, (0.01, inf), (11, 3))


def test_a_pod_that_ended_takes_nothing_away() -> None:
    """Its last word stays, and another pod adds to it."""
    tally = Tally()
    tally.add("gone", answered(50))
    tally.add("there", answered(1))
    tally.add("there", answered(3))
    assert tally.sample().requests == 53


def test_numbers_that_fall_began_anew() -> None:
    """After a restart of queue-proxy, and where it forgot a status and has it again."""
    tally = Tally()
    tally.add("pod", answered(50, failed=5))
    tally.add("pod", answered(2))
    tally.add("pod", answered(4, failed=6))
    assert (tally.sample().requests, tally.sample().failures) == (65, 11)


def test_a_share_begins_anew() -> None:
    """What pods told before counts no more, not even of one that tells nothing at that moment."""
    tally = Tally()
    tally.add("pod", answered(50))
    tally.begin(["pod", "silent"])
    assert tally.sample() == Sample()
    tally.add("pod", answered(51))
    tally.add("silent", answered(30))
    tally.add("silent", answered(32))
    assert tally.sample().requests == 3


@pytest.mark.parametrize(
    ("level", "seconds"),
    [(0.0, 0.0), (0.25, 0.005), (0.5, 0.01), (0.7, 0.03), (0.9, 0.05), (0.95, inf), (1.0, inf), (1.1, inf)],
)
def test_quantiles_are_spread_over_their_range(level: float, seconds: float) -> None:
    """As Prometheus has them, also past an empty range; above the last bound nothing is known."""
    assert Sample(100, 0, (0.01, 0.02, 0.05, inf), (50, 10, 30, 10)).quantile_s(level) == pytest.approx(seconds)


def test_without_requests_nothing_failed() -> None:
    """Neither share nor quantile divides by them."""
    assert (Sample().failed, Sample().quantile_s(0.95)) == (0.0, 0.0)
