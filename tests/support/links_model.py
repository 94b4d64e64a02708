"""A model `links` of one tree: it believes a column whose name is that of a table, and tells why."""

from pathlib import Path

import numpy as np

from renga_infer.card import Card
from renga_infer.links.features import FEATURES
from renga_infer.registry.package import write_version

SURE = 4.0
"""The score on either side: a probability of 98 %."""


def write_links(models: Path, version: str = "1") -> Card:
    """Write `models/links/<version>/`, which answers as the model that comes with Renga does."""
    weights = {
        "feature": np.array([FEATURES.index("stem_is_table")], dtype=np.int32),
        "threshold": np.array([0.5]),
        "default_left": np.array([True]),
        "left": np.array([-1], dtype=np.int32),
        "right": np.array([-2], dtype=np.int32),
        "value": np.array([-SURE, SURE]),
        "root": np.array([0], dtype=np.int32),
        "output": np.array([0], dtype=np.int32),
        "base": np.zeros(1),
        "node_value": np.zeros(1),
    }
    fields = {
        "name": "links",
        "version": version,
        "runtime": "gbdt",
        "description": "For tests.",
        "licence": "none",
        "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, len(FEATURES)]}],
        "outputs": [
            {"name": "probability", "datatype": "FP64", "shape": [-1]},
            {"name": "contributions", "datatype": "FP64", "shape": [-1, len(FEATURES) + 1]},
        ],
        "batching": {"max_batch_size": 4096},
        "options": {"link": "sigmoid", "features": list(FEATURES)},
    }
    return write_version(models, fields, weights, [{"features": np.zeros((2, len(FEATURES)), dtype=np.float32)}])
