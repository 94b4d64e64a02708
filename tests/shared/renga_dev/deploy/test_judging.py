"""Whether a new revision is worse, as good, or not known yet: with numbers that were worked out another way."""

from fractions import Fraction
from math import comb, inf

import numpy as np
import pytest

from renga_dev.deploy.judging import ALPHA, Judge, as_good, fisher, least, most_more, p95_s, told, worse
from renga_dev.deploy.metrics import Sample

BOUNDS = (0.005, 0.01, 0.02, 0.04, 0.06, 0.1, 0.5, inf)


def sample(requests: int, failures: int = 0, *, slow: int = 0) -> Sample:
    """Requests of 5 to 10 ms, some of them of 100 to 500 ms."""
    return Sample(requests, failures, BOUNDS, (0, requests - slow, 0, 0, 0, 0, slow, 0))


@pytest.mark.parametrize(
    ("old", "new"), [((90, 0), (10, 3)), ((180, 2), (20, 2)), ((50, 5), (50, 5)), ((30, 30), (10, 9)), ((0, 0), (5, 2))]
)
def test_fishers_test_is_exact(old: tuple[int, int], new: tuple[int, int]) -> None:
    """The tail of the hypergeometric distribution, as fractions say it."""
    failures, requests = old[1] + new[1], old[0] + new[0]
    ways = [comb(failures, x) * comb(requests - failures, new[0] - x) for x in range(new[1], min(failures, new[0]) + 1)]
    exact = Fraction(sum(ways), comb(requests, new[0]))
    assert fisher(sample(*old), sample(*new)) == pytest.approx(float(exact), rel=1e-9)


def test_the_interval_is_newcombes() -> None:
    """His own example: 56 of 70 against 48 of 80, 0.2 with 95 % between 0.0524 and 0.3339 (method 10)."""
    assert most_more(sample(80, 48), sample(70, 56), 0.025) == pytest.approx(0.3339, abs=5e-5)
    assert most_more(sample(70, 56), sample(80, 48), 0.025) == pytest.approx(-0.0524, abs=5e-5)


def test_p95_lies_within_its_interval_as_often_as_promised() -> None:
    """By the binomial distribution, exactly: how often the rank at either end is on the wrong side."""
    alpha = 0.025
    for requests in (100, 381, 400, 1600):
        # Each request in a range of its own, so that quantiles are ranks.
        ranks = Sample(requests, 0, tuple(float(i + 1) for i in range(requests)), (1,) * requests)
        low, high = map(int, p95_s(ranks, alpha))
        chances = [float(comb(requests, k) * Fraction(19**k, 20**requests)) for k in range(requests)]
        assert 1 - sum(chances[:high]) < 1.1 * alpha
        assert sum(chances[:low]) < 1.1 * alpha
    assert p95_s(sample(20), alpha)[1] == inf


def test_the_least_sample_is_what_shows_the_margin() -> None:
    """Without a failure: so many requests show it, one less does not."""
    for margin in (0.01, 0.05):
        enough = least(margin)
        assert most_more(sample(9 * enough), sample(enough), ALPHA / 2) <= margin
        assert most_more(sample(9 * enough), sample(enough - 1), ALPHA / 2) > margin
    assert least(0.01) == 381


def test_errors_are_worse_at_the_first_look() -> None:
    """A revision that only fails goes back after 20 requests, with the figures."""
    judge = Judge(0.01)
    assert judge.look(sample(171), sample(19, 19)) is None
    verdict = judge.look(sample(180), sample(20, 20))
    assert verdict is not None
    assert verdict.outcome == "worse"
    assert verdict.reasons[0].startswith("20 of 20 failed, of the old one's 0 of 180: with probability ")


def test_what_the_old_one_does_too_is_not_worse() -> None:
    """Half of both fail: that is the function, or its callers."""
    assert worse(sample(180, 90), sample(20, 11), 0.025).outcome == "open"


def test_a_slow_one_is_worse() -> None:
    """Where its p95 is shown to be above the limit, and told against it; one slow request of 20 shows nothing."""
    verdict = worse(sample(180), sample(20, slow=20), 0.025)
    assert verdict == ("worse", ("Its p95 is at least 440 ms (32 ms allowed).",))
    assert worse(sample(180), sample(20, slow=1), 0.025).outcome == "open"


def test_as_good_has_to_be_shown() -> None:
    """Nothing wrong with too few is not enough; nor are failures within the margin where that is not yet certain."""
    good = as_good(sample(3429), sample(381), 0.01, ALPHA / 2)
    assert good == (
        "as good",
        ("It fails at most 1.00 points more often (1 allowed).", "Its p95 is at most 10 ms (32 ms allowed)."),
    )
    few = as_good(sample(180), sample(60), 0.01, ALPHA / 2)
    assert few.outcome == "open"
    assert few.reasons[0].startswith("Not shown: It fails at most 6.02 points more often")
    assert as_good(sample(3429), sample(381, 2), 0.01, ALPHA / 2).outcome == "open"
    slow = as_good(sample(3429), sample(381, slow=15), 0.01, ALPHA / 2)
    assert slow == ("open", ("Not shown: Its p95 is at most 233 ms (32 ms allowed).",))


def test_it_looks_when_requests_have_doubled() -> None:
    """Not at every poll: each look may err."""
    judge, looks = Judge(0.01), []
    for new in range(0, 1000, 7):
        if verdict := judge.look(sample(9 * new), sample(new)):
            looks.append((new, verdict.outcome))
            if verdict.outcome != "open":
                break
    assert looks == [(21, "open"), (42, "open"), (84, "open"), (161, "open"), (322, "open"), (385, "as good")]


@pytest.mark.parametrize("share", [0.1, 0.5])
@pytest.mark.parametrize(("failing", "wrong"), [(0.02, "worse"), (0.032, "as good")])
def test_the_promised_probabilities_hold(share: float, failing: float, wrong: str) -> None:
    """Of canaries with drawn requests, few of the good go back, and few of those that fail too often are promoted."""
    drawn = np.random.default_rng(20)
    outcomes: list[str] = []
    for _ in range(200):
        judge, old, new = Judge(0.01), np.zeros(2, int), np.zeros(2, int)
        verdict = None
        while new[0] < 5000 and (verdict is None or verdict.outcome == "open"):
            requests = drawn.binomial(200, share)
            new += requests, drawn.binomial(requests, failing)
            old += 200 - requests, drawn.binomial(200 - requests, 0.02)
            verdict = judge.look(sample(*map(int, old)), sample(*map(int, new))) or verdict
        outcomes.append(verdict.outcome if verdict else "open")
    assert outcomes.count(wrong) <= 200 * ALPHA


def test_the_figures_are_told() -> None:
    """Both revisions', with the share that the new one had."""
    assert told(sample(1802, 1), sample(198)) == (
        "198 of 2000 requests (9.9 %); failed 0 of 198, old 1 of 1802; p95 10 ms, old 10 ms"
    )
    assert told(sample(0), sample(0)).startswith("0 of 0 requests (0.0 %)")
