"""What is counted of each version, kept as numbers; the server writes them in Triton's form and in Prometheus'."""

from bisect import bisect_left
from collections import Counter, defaultdict
from dataclasses import dataclass, field

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper ends of the histograms of time."""


class Histogram:
    """Counts of values up to each of a row of ends, as Prometheus has it."""

    __slots__ = ("counts", "ends", "total")

    def __init__(self, ends: tuple[float, ...]) -> None:
        self.ends = ends
        self.counts = [0] * (len(ends) + 1)
        self.total = 0.0

    def add(self, value: float, times: int = 1) -> None:
        """Count a value, so many times."""
        self.counts[bisect_left(self.ends, value)] += times
        self.total += value * times


@dataclass(slots=True)
class Duration:
    """How often something happened, and for how long altogether."""

    count: int = 0
    ns: int = 0

    def add(self, ns: int) -> None:
        """It happened once more, for so long."""
        self.count += 1
        self.ns += ns


@dataclass(slots=True)
class Phases:
    """What the model's thread did in calls of the model."""

    input: Duration = field(default_factory=Duration)
    """Putting a batch together."""
    infer: Duration = field(default_factory=Duration)
    """The model itself."""
    output: Duration = field(default_factory=Duration)
    """Taking a batch apart."""

    def add(self, input_ns: int, infer_ns: int, output_ns: int) -> None:
        """There was one call more."""
        self.input.add(input_ns)
        self.infer.add(infer_ns)
        self.output.add(output_ns)


@dataclass(slots=True)
class Statistics:
    """One version of a model, since the server began."""

    success: Duration = field(default_factory=Duration)
    """Requests answered, from their arrival in the queue to their answer."""
    failures: Counter[int] = field(default_factory=Counter)
    """Requests refused, by HTTP status."""
    failure: Duration = field(default_factory=Duration)
    queue: Duration = field(default_factory=Duration)
    compute: Phases = field(default_factory=Phases)
    """All calls of the model."""
    rows: int = 0
    """Rows computed, padding not counted."""
    padded_rows: int = 0
    """Rows computed, padding counted."""
    fallbacks: int = 0
    """Calls of the model that were computed eagerly, where faster code was to be used."""
    batches: defaultdict[int, Phases] = field(default_factory=lambda: defaultdict(Phases))
    """Calls of the model, by how many rows they had before padding."""
    dropped: int = 0
    """Requests whose client left before they were computed."""
    last_inference_ms: int = 0
    """When a request was last answered, in milliseconds since 1970."""
    latency_s: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    queue_s: Histogram = field(default_factory=lambda: Histogram(SECONDS))
    shadow_compared: int = 0
    """Answers of this version, as a shadow, that were compared with those that were given."""
    shadow_different: int = 0
    """Those of them beyond the tolerance of this version's card."""
    shadow_failed: int = 0
    """Requests that this version, as a shadow, did not answer."""
    shadow_largest: float = 0.0
    """The largest difference of a number, so far."""

    @property
    def executions(self) -> int:
        """Calls of the model."""
        return self.compute.infer.count
