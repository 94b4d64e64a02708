"""The foreign keys that a schema does not declare: by the model `links`, here or behind a service, or by rules."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

from renga_infer.links import Inquiry, by_equality, by_naming
from renga_infer.links.design import Design, Link
from renga_infer.links.proposals import PROBABLE
from renga_infer.protocol.datatypes import Array
from renga_infer.schemas import SchemaLike, declared_columns, design_of

if TYPE_CHECKING:
    from renga_infer.client import InferenceClient

MODEL: Final = "links"
ROWS: Final = 4096
"""Candidates that the model is asked about at once: its `max_batch_size`."""
Output = Literal["probability", "contributions"]

Infer = Callable[[Array, Output], Awaitable[tuple[Array, str]]]
"""Features [rows, F] to the model's `probability` [rows] or `contributions` [rows, F + 1], and its version."""


@dataclass(frozen=True, slots=True)
class Relation:
    """A column that refers to a key, though the schema does not say so."""

    link: Link
    probability: float | None
    """None where the rules said it: they know no degrees."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, and by whom."""

    relations: tuple[Relation, ...]
    """In the order of the schema's columns; one at most for each."""
    version: str | None
    """Of the model; None where the rules answered, and where there was nothing to ask."""


class Question:
    """A schema, made ready to be asked about: it takes some seconds of work for a thousand tables.

    Args:
        schema: what was read; columns with a declared foreign key are left out of the answers.
    """

    def __init__(self, schema: SchemaLike) -> None:
        self._design = design_of(schema)
        self._declared = declared_columns(schema)

    def inquiry(self) -> Inquiry:
        """What the model is asked: the work."""
        return Inquiry(self._design)

    async def by_model(self, inquiry: Inquiry, infer: Infer, *, at_least: float = PROBABLE) -> Answer:
        """Ask the model, `ROWS` candidates at a time.

        Args:
            inquiry: of this question.
            infer: how.
            at_least: the lowest probability of an answer.

        Raises:
            InferenceError: the model did not answer.
        """
        if not len(inquiry.rows):
            return Answer((), None)
        probability, version = await _in_parts(infer, inquiry.rows, "probability")
        # What each feature gave is much, and only tells reasons: it is asked of what may be proposed.
        likely = np.flatnonzero(probability >= at_least)
        contributions = np.zeros((len(inquiry.rows), inquiry.rows.shape[1] + 1))
        if len(likely):
            contributions[likely], _ = await _in_parts(infer, inquiry.rows[likely], "contributions")
        proposals = inquiry.proposals(probability, contributions, at_least=at_least)
        open_ones = (one for one in proposals if self._is_open(one.link))
        return Answer(tuple(Relation(one.link, one.probability, one.reasons) for one in open_ones), version)

    def by_rules(self) -> Answer:
        """What conventions of naming say; where they are silent, a key's very name and type."""
        naming = [(link, f"the column is named after the table {link.target}") for link in by_naming(self._design)]
        equality = [
            (link, f"the column has the name and the type of {link.target}.{link.key}, its table's primary key")
            for link in by_equality(self._design)
        ]
        found: dict[tuple[str, str], Relation] = {}
        for link, reason in (*naming, *equality):
            if self._is_open(link):
                found.setdefault((link.table, link.column), Relation(link, None, (_own(link) or reason,)))
        order = _places(self._design)
        return Answer(tuple(found[place] for place in sorted(found, key=order.__getitem__)), None)

    def _is_open(self, link: Link) -> bool:
        return (link.table, link.column) not in self._declared


def by_service(client: "InferenceClient", remaining_s: Callable[[], float]) -> Infer:
    """Ask an inference service for one schema; all parts go to the version that answered the first."""
    version: str | None = None

    async def infer(rows: Array, output: Output) -> tuple[Array, str]:
        nonlocal version
        given = {"features": rows}
        answer = await client.infer(MODEL, given, version=version, outputs=[output], timeout_s=remaining_s())
        version = answer.model_version
        return answer.outputs[0].data, version

    return infer


def in_process(models: Path) -> Infer:
    """Ask the newest version in a folder of models, which is loaded and checked here.

    Raises:
        ModelRefusedError: there is none, or it is not what its card says.
    """
    from renga_infer.errors import ModelRefusedError
    from renga_infer.registry.stores import Folder
    from renga_infer.registry.versions import read_version

    versions = Folder(models).models().get(MODEL) if models.is_dir() else None
    if not versions:
        raise ModelRefusedError(f"{models} holds no version of the model {MODEL}.")
    checked = read_version(models / MODEL / versions[-1], MODEL, versions[-1])

    async def infer(rows: Array, output: Output) -> tuple[Array, str]:
        return checked.model.compute({"features": rows})[output], checked.card.version

    return infer


async def _in_parts(infer: Infer, rows: Array, output: Output) -> tuple[Array, str]:
    parts = [await infer(rows[start : start + ROWS], output) for start in range(0, len(rows), ROWS)]
    return np.concatenate([part for part, _ in parts]), parts[0][1]


def _own(link: Link) -> str | None:
    return "the column points to another row of its own table" if link.table == link.target else None


def _places(design: Design) -> dict[tuple[str, str], int]:
    named = [(table.qualified, column.name) for table in design.tables for column in table.columns]
    return {name: place for place, name in enumerate(named)}
