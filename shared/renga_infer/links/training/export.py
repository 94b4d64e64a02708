"""A booster as the arrays of the runtime `gbdt`."""

from typing import Any

import lightgbm
import numpy as np

from renga_infer.protocol.datatypes import Array


def arrays(booster: lightgbm.Booster, calibration: tuple[Array, Array]) -> dict[str, Array]:
    """The weights that `renga_infer.runtimes.trees` reads, with the expected values that contributions need."""
    nodes: dict[str, list[Any]] = {name: [] for name in ("feature", "threshold", "left", "right", "node_value")}
    leaves: list[float] = []
    roots = [_add(tree["tree_structure"], nodes, leaves) for tree in booster.dump_model()["tree_info"]]
    count = len(nodes["feature"])
    x, y = calibration
    return {
        "feature": np.array(nodes["feature"], dtype=np.int32),
        "threshold": np.array(nodes["threshold"], dtype=np.float64),
        "default_left": np.zeros(count, dtype=np.bool_),
        "left": np.array(nodes["left"], dtype=np.int32),
        "right": np.array(nodes["right"], dtype=np.int32),
        "value": np.array(leaves, dtype=np.float64),
        "root": np.array(roots, dtype=np.int32),
        "output": np.zeros(len(roots), dtype=np.int32),
        "base": np.zeros(1),
        "node_value": np.array(nodes["node_value"], dtype=np.float64),
        "calibration_x": np.asarray(x, dtype=np.float64),
        "calibration_y": np.asarray(y, dtype=np.float64),
    }


def _add(node: dict[str, Any], nodes: dict[str, list[Any]], leaves: list[float]) -> int:
    """Add a node and what is below it, parents first; its index, or `~index` of a leaf."""
    if "split_feature" not in node:
        leaves.append(float(node["leaf_value"]))
        return ~(len(leaves) - 1)
    at = len(nodes["feature"])
    nodes["feature"].append(node["split_feature"])
    nodes["threshold"].append(node["threshold"])
    nodes["node_value"].append(node["internal_value"])
    nodes["left"].append(0)
    nodes["right"].append(0)
    nodes["left"][at] = _add(node["left_child"], nodes, leaves)
    nodes["right"][at] = _add(node["right_child"], nodes, leaves)
    return at
