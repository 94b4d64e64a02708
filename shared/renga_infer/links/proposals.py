"""From a design to proposals: the best candidate of each column, where it is probable enough."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from renga_infer.links import candidates, features
from renga_infer.links.candidates import Candidate
from renga_infer.links.design import Design, Link
from renga_infer.links.lexed import LexedDesign
from renga_infer.links.reasons import explain
from renga_infer.links.rules import link

PROBABLE: Final = 0.55
"""The probability from which a link is proposed, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A link that nobody declared."""

    link: Link
    probability: float
    """Of a hundred such proposals so many are right, by the schemas that training did not learn from."""
    reasons: tuple[str, ...] = ()
    """What speaks for it, the strongest first; each can be checked by looking at the schema."""


class Inquiry:
    """A design made ready for the model: the rows to ask it, and what its answers mean.

    The model is asked here or over the network, by whoever made the inquiry.
    """

    def __init__(self, design: Design) -> None:
        self._lexed = LexedDesign(design)
        self._candidates = candidates.find(self._lexed)
        self.rows: NDArray[np.float32] = features.compute(self._lexed, self._candidates)
        """The model's input `features` [candidates, FEATURES]; it may be empty."""

    def proposals(
        self,
        probability: NDArray[np.float64],
        contributions: NDArray[np.float64] | None = None,
        *,
        at_least: float = PROBABLE,
    ) -> list[Proposal]:
        """What the answers say, in the order of the design's columns; one proposal at most for each column.

        Args:
            probability: The model's output of that name [candidates].
            contributions: That of this name [candidates, FEATURES + 1]; without it there are no reasons.
            at_least: The lowest probability of a proposal.

        Raises:
            ValueError: the answers are not as many as the rows.
        """
        if probability.shape != (len(self.rows),):
            raise ValueError(f"{len(self.rows)} rows were asked, and the answers have the shape {probability.shape}.")
        found: list[Proposal] = []
        for at in best_of_each(self._candidates, probability):
            if probability[at] >= at_least:
                one = self._candidates[at]
                reasons = () if contributions is None else explain(self._lexed, one, contributions[at])
                found.append(Proposal(link(self._lexed, one.column, one.key), float(probability[at]), reasons))
        return found


def best_of_each(found: list[Candidate], chances: NDArray[np.float64]) -> list[int]:
    """The place of the most probable candidate of each column; of equals the first."""
    best: list[int] = []
    for place, candidate in enumerate(found):
        if best and found[best[-1]].column is candidate.column:
            if chances[place] > chances[best[-1]]:
                best[-1] = place
        else:
            best.append(place)
    return best
