"""The same numbers in Prometheus' form, read when they are asked for."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client import CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from renga_infer.engine.statistics import Histogram, Statistics
from renga_infer.registry.registry import Registry
from renga_infer.registry.states import State, Version

_OF = ("model", "version")
_ROWS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096)
_COUNTERS: tuple[tuple[str, str, Callable[[Statistics], float]], ...] = (
    ("rows", "Rows computed, padding not counted.", lambda counted: counted.rows),
    ("padded_rows", "Rows computed, padding counted: rows by padded_rows is how full the buckets are.",
     lambda counted: counted.padded_rows),
    ("fallbacks", "Calls of the model computed eagerly, where compiled code or a graph was to be used.",
     lambda counted: counted.fallbacks),
    ("dropped", "Requests whose client left before they were computed.", lambda counted: counted.dropped),
    ("shadow_compared", "Answers as a shadow that were compared.", lambda counted: counted.shadow_compared),
    ("shadow_different", "Those beyond the card's tolerance.", lambda counted: counted.shadow_different),
    ("shadow_failed", "Requests that a shadow did not answer.", lambda counted: counted.shadow_failed),
)  # fmt: skip


class _Models(Collector):
    def __init__(self, registry: Registry, refused: Counter[int]) -> None:
        self._registry = registry
        self._refused = refused

    def describe(self) -> Iterable[Metric]:
        # Nothing is collected when this is registered: there may be nothing yet.
        return ()

    def collect(self) -> Iterator[Metric]:
        versions = list(self._registry.versions())
        yield self._requests(versions)
        for name, help_, read in _COUNTERS:
            family = CounterMetricFamily(f"renga_infer_{name}", help_, labels=_OF)
            for version in versions:
                family.add_metric(_labels(version), read(version.statistics))
            yield family
        yield _histograms("request_seconds", "From the queue to the answer.", versions, lambda one: one.latency_s)
        yield _histograms("queue_seconds", "In the queue.", versions, lambda one: one.queue_s)
        yield _histograms("batch_rows", "Rows of a call of the model, padding not counted.", versions, _batches)
        yield self._compute(versions)
        for name, help_, value in (
            ("ready", "1 while the version is in memory.", lambda one: float(one.state is State.READY)),
            ("memory_bytes", "What its weights take.", lambda one: float(one.memory_bytes)),
            ("queue_length", "Requests that wait.", lambda one: float(one.batcher.waiting if one.batcher else 0)),
            ("shadow_largest_difference", "Of a number, so far.", lambda one: one.statistics.shadow_largest),
        ):
            gauge = GaugeMetricFamily(f"renga_infer_{name}", help_, labels=_OF)
            for version in versions:
                gauge.add_metric(_labels(version), value(version))
            yield gauge
        refused = CounterMetricFamily(
            "renga_infer_refused", "Refusals of any request, by status of HTTP.", labels=("status",)
        )
        for status, count in sorted(self._refused.items()):
            refused.add_metric([str(status)], count)
        yield refused

    @staticmethod
    def _requests(versions: Iterable[Version]) -> Metric:
        family = CounterMetricFamily("renga_infer_requests", "Requests by HTTP status.", labels=(*_OF, "status"))
        for version in versions:
            family.add_metric([*_labels(version), "200"], version.statistics.success.count)
            for status, count in sorted(version.statistics.failures.items()):
                family.add_metric([*_labels(version), str(status)], count)
        return family

    @staticmethod
    def _compute(versions: Iterable[Version]) -> Metric:
        family = CounterMetricFamily(
            "renga_infer_compute_seconds", "In the model's thread, by what it did.", labels=(*_OF, "phase")
        )
        for version in versions:
            compute = version.statistics.compute
            for phase, duration in (("input", compute.input), ("infer", compute.infer), ("output", compute.output)):
                family.add_metric([*_labels(version), phase], duration.ns / 1e9)
        return family


def _labels(version: Version) -> list[str]:
    return [version.name, version.version]


def _batches(counted: Statistics) -> Histogram:
    histogram = Histogram(_ROWS)
    for rows, calls in counted.batches.items():
        histogram.add(rows, calls.infer.count)
    return histogram


def _histograms(name: str, help_: str, versions: Iterable[Version], read: Callable[[Statistics], Histogram]) -> Metric:
    family = HistogramMetricFamily(f"renga_infer_{name}", help_, labels=_OF)
    for version in versions:
        histogram = read(version.statistics)
        running, buckets = 0, []
        for end, count in zip((*histogram.ends, float("inf")), histogram.counts, strict=True):
            running += count
            buckets.append(("+Inf" if end == float("inf") else repr(float(end)), float(running)))
        family.add_metric(_labels(version), buckets, histogram.total)
    return family


def exposition(registry: Registry, refused: Counter[int]) -> CollectorRegistry:
    """What `/metrics` writes, with the process's own numbers beside the models'."""
    collected = CollectorRegistry()
    collected.register(_Models(registry, refused))
    ProcessCollector(registry=collected)
    return collected


def write(collected: CollectorRegistry) -> bytes:
    """The text of `/metrics`."""
    return generate_latest(collected)
