"""What a shadow computes is compared with what was answered, and thrown away."""

from renga_infer.card import Card
from renga_infer.engine.statistics import Statistics
from renga_infer.protocol.datatypes import Array
from renga_infer.registry.golden import beyond, largest_difference


def compare(card: Card, counted: Statistics, answered: dict[str, Array], shadowed: dict[str, Array]) -> None:
    """Count an answer of a shadow, `card` being the shadow's, against the one that was given."""
    counted.shadow_compared += 1
    if answered.keys() != shadowed.keys():
        counted.shadow_different += 1
        return
    if any(beyond(card.tolerance, shadowed[name], array) is not None for name, array in answered.items()):
        counted.shadow_different += 1
    differences = [largest_difference(shadowed[name], array) for name, array in answered.items()]
    counted.shadow_largest = max(counted.shadow_largest, *differences)
