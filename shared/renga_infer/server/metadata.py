"""What the server says of itself and its models, in the protocol's and Triton's forms."""

from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from typing import Any

from renga_infer.card import Card, TensorSpec
from renga_infer.engine.statistics import Duration, Phases
from renga_infer.registry.registry import Registry
from renga_infer.registry.states import State, Version

NAME = "renga_infer"
EXTENSIONS = ("binary_tensor_data", "model_repository", "statistics", "renga_routing")


def server_metadata() -> dict[str, Any]:
    """Of the server."""
    return {"name": NAME, "version": _version(), "extensions": list(EXTENSIONS)}


def model_metadata(registry: Registry, card: Card) -> dict[str, Any]:
    """Of a version of a model."""
    return {
        "name": card.name,
        "versions": [
            one.version
            for one in registry.models[card.name].versions.values()
            if one.on_demand or one.state is State.READY
        ],
        "platform": card.platform,
        "inputs": [_tensor(spec) for spec in card.inputs],
        "outputs": [_tensor(spec) for spec in card.outputs],
        "properties": {
            "version": card.version,
            "description": card.description,
            "licence": card.licence,
            "weights_sha256": card.weights_sha256,
            "max_batch_size": str(card.batching.max_batch_size),
        },
    }


def _tensor(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "datatype": spec.datatype.value, "shape": list(spec.shape)}


def index(registry: Registry, *, ready_only: bool) -> list[dict[str, str]]:
    """Of the repository."""
    return [
        {"name": line.name, "version": line.version, "state": line.state.value, "reason": line.reason}
        for line in registry.index()
        if line.state is State.READY or not ready_only
    ]


def statistics(registry: Registry, name: str | None = None, version: str | None = None) -> dict[str, Any]:
    """Triton's statistics: of every version, of those of one model, or of one of them.

    Raises:
        UnknownModelError: there is none.
    """
    versions: Iterable[Version]
    if name is None:
        versions = registry.versions()
    elif version is None:
        versions = registry.model(name).versions.values()
    else:
        versions = [registry.find(name, version)]
    return {"model_stats": [_statistics(one) for one in versions]}


def _statistics(version: Version) -> dict[str, Any]:
    counted = version.statistics
    return {
        "name": version.name,
        "version": version.version,
        "last_inference": counted.last_inference_ms,
        "inference_count": counted.rows,
        "execution_count": counted.executions,
        "inference_stats": {
            "success": _duration(counted.success),
            "fail": _duration(counted.failure),
            "queue": _duration(counted.queue),
            **_phases(counted.compute),
            # There is no cache of answers, so nothing ever hit or missed it.
            "cache_hit": _duration(Duration()),
            "cache_miss": _duration(Duration()),
        },
        "batch_stats": [{"batch_size": rows, **_phases(calls)} for rows, calls in sorted(counted.batches.items())],
    }


def _phases(phases: Phases) -> dict[str, dict[str, int]]:
    return {
        "compute_input": _duration(phases.input),
        "compute_infer": _duration(phases.infer),
        "compute_output": _duration(phases.output),
    }


def _duration(duration: Duration) -> dict[str, int]:
    return {"count": duration.count, "ns": duration.ns}


def _version() -> str:
    """Of the distribution; images hold its code and nothing that says which it is."""
    try:
        return installed("renga")
    except PackageNotFoundError:
        return "unpackaged"
