"""Whether a new revision is worse than the old one, as good, or not yet known: of requests that both had meanwhile.

Worse has to be shown, and as good has to be shown too: what is neither waits for more requests. Each is looked for when
the new revision's requests have doubled, so that looking often does not find what is not there: the k-th look (from 0)
may be wrong with probability `ALPHA` / 2^(k+1), all looks together with less than `ALPHA`.

- More failures: Fisher's exact test, one-sided. Not more than `margin`: the upper end of Newcombe's score interval of
  the difference of two shares (Statistics in Medicine 17, 1998, method 10).
- Slower: p95 above `SLOWER` times the old one's plus `SLACK_S`, where each p95 is the end of its interval that speaks
  against it: of n requests those of the ranks 0.95·n ± z·sqrt(0.95·0.05·n), the interval by order statistics.
"""

from math import ceil, exp, floor, inf, lgamma, sqrt
from statistics import NormalDist
from typing import Literal, NamedTuple

from renga_dev.deploy.metrics import Sample
from renga_dev.plural import plural

ALPHA = 0.05
"""How often one of the looks of one share is wrong, at most: for each of the four questions."""
LEVEL = 0.95
SLOWER = 1.25
SLACK_S = 0.02
"""What nobody notices, however fast the old revision is."""
_FIRST = 20
"""Requests of the new revision before the first look for what is worse."""


class Verdict(NamedTuple):
    """What one look found."""

    outcome: Literal["worse", "as good", "open"]
    reasons: tuple[str, ...]
    """Sentences with the figures and their limits; of `open`, what is not shown yet."""


class Judge:
    """Looks at the requests of one share.

    Args:
        margin: how many more of 1 may fail: 0.01 is a percentage point.
    """

    def __init__(self, margin: float) -> None:
        self._margin = margin
        self.minimum = least(margin)
        self._looks = 0
        self._proofs = 0

    def look(self, old: Sample, new: Sample) -> Verdict | None:
        """What is known now; None where it is no time to look, because too few requests have come since the last."""
        found: Verdict | None = None
        if new.requests >= _FIRST << self._looks:
            # One look, however many doublings have passed since the last: each has its own share of error.
            self._looks = _doublings(new.requests, _FIRST)
            found = worse(old, new, _share(self._looks - 1))
        if (found is None or found.outcome == "open") and new.requests >= self.minimum << self._proofs:
            self._proofs = _doublings(new.requests, self.minimum)
            found = as_good(old, new, self._margin, _share(self._proofs - 1))
        return found


def least(margin: float) -> int:
    """The least number of requests that can show a margin: those of which none fails."""
    z = _z(_share(0))
    return int(z * z * (1 - margin) / margin) + 1


def worse(old: Sample, new: Sample, alpha: float) -> Verdict:
    """Whether it is shown to fail more often, or to be slower."""
    reasons = []
    chance = fisher(old, new)
    if chance <= alpha:
        reasons.append(
            f"{_failures(new)} failed, of the old one's {_failures(old)}: with probability {chance:.2g} that is chance"
            f" (limit {alpha:.2g})."
        )
    at_least, limit = p95_s(new, alpha)[0], allowed_s(p95_s(old, alpha)[1])
    if old.requests and at_least > limit:
        reasons.append(f"Its p95 is at least {_ms(at_least)} ({_ms(limit)} allowed).")
    return Verdict("worse" if reasons else "open", tuple(reasons))


def as_good(old: Sample, new: Sample, margin: float, alpha: float) -> Verdict:
    """Whether it is shown to fail no more often than by the margin, and not to be slower."""
    more = most_more(old, new, alpha)
    failing = f"It fails at most {100 * more:.2f} points more often ({100 * margin:g} allowed)."
    at_most, limit = p95_s(new, alpha)[1], allowed_s(p95_s(old, alpha)[0])
    slow = f"Its p95 is at most {_ms(at_most)} ({_ms(limit)} allowed)."
    shown = [(more <= margin, failing), (at_most <= limit, slow)]
    if all(well for well, _ in shown):
        return Verdict("as good", tuple(text for _, text in shown))
    return Verdict("open", tuple(f"Not shown: {text}" for well, text in shown if not well))


def fisher(old: Sample, new: Sample) -> float:
    """The probability that so many of the failures, or more, are the new revision's if it fails as often as the old."""
    failures, requests = old.failures + new.failures, old.requests + new.requests
    whole = _log_choose(requests, new.requests)
    last = min(failures, new.requests)
    logs = (
        _log_choose(failures, ours) + _log_choose(requests - failures, new.requests - ours) - whole
        for ours in range(new.failures, last + 1)
        if new.requests - ours <= requests - failures
    )
    return min(1.0, sum(map(exp, logs)))


def most_more(old: Sample, new: Sample, alpha: float) -> float:
    """How much more often the new revision fails at most, as a share."""
    upper, lower = _wilson(new, alpha)[1], _wilson(old, alpha)[0]
    difference = new.failed - old.failed
    return difference + sqrt((upper - new.failed) ** 2 + (old.failed - lower) ** 2)


def p95_s(sample: Sample, alpha: float) -> tuple[float, float]:
    """The least and the most that p95 may be, each wrong with this probability."""
    if not sample.requests:
        return 0.0, inf
    n = sample.requests
    half = _z(alpha) * sqrt(LEVEL * (1 - LEVEL) * n)
    # Whole ranks, away from the middle: half a request more would promise too much.
    return sample.quantile_s(floor(LEVEL * n - half) / n), sample.quantile_s(ceil(LEVEL * n + half) / n)


def allowed_s(old_s: float) -> float:
    """What the new p95 may be where the old one is this."""
    return SLOWER * old_s + SLACK_S


def told(old: Sample, new: Sample) -> str:
    """The figures of both, for who waits."""
    whole = old.requests + new.requests
    share = 100 * new.requests / whole if whole else 0.0
    return (
        f"{new.requests} of {plural(whole, 'requests')} ({share:.1f} %); failed {_failures(new)}, old {_failures(old)};"
        f" p95 {_ms(new.quantile_s(LEVEL))}, old {_ms(old.quantile_s(LEVEL))}"
    )


def _failures(sample: Sample) -> str:
    return f"{sample.failures} of {sample.requests}"


def _ms(seconds: float) -> str:
    return "not known" if seconds == inf else f"{1000 * seconds:.0f} ms"


def _share(look: int) -> float:
    return ALPHA / float(2 << look)


def _doublings(number: int, first: int) -> int:
    """After how many the next look is due."""
    return (number // first).bit_length()


def _z(alpha: float) -> float:
    return NormalDist().inv_cdf(1 - alpha)


def _wilson(sample: Sample, alpha: float) -> tuple[float, float]:
    if not sample.requests:
        return 0.0, 1.0
    z, n, p = _z(alpha), sample.requests, sample.failed
    middle, half = p + z * z / (2 * n), z * sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    scale = 1 + z * z / n
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def _log_choose(of: int, number: int) -> float:
    return lgamma(of + 1) - lgamma(number + 1) - lgamma(of - number + 1)
