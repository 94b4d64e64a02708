"""The version of `links` that comes with Renga, on schemas that nobody learned from."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest

import renga_infer
from renga_infer.links import Design, Inquiry, Proposal
from renga_infer.links.features import FEATURES
from renga_infer.registry.versions import Checked, read_version
from undeclared import Case, design, read_case

_FOLDER = Path(renga_infer.__file__).parent / "models" / "links"
_CASES: Mapping[str, Case] = {
    path.stem: read_case(path) for path in sorted((Path(__file__).parent / "cases").glob("*.sql"))
}
_LARGEST = 1_000_000


@pytest.fixture(scope="module")
def version() -> Checked:
    """The newest version, which reproduced its golden set on the way in."""
    newest = max(_FOLDER.iterdir(), key=lambda path: int(path.name))
    return read_version(newest, "links", newest.name)


def _proposals(version: Checked, tables: Design) -> list[Proposal]:
    inquiry = Inquiry(tables)
    answers = version.model.compute({"features": inquiry.rows})
    return inquiry.proposals(answers["probability"], answers["contributions"])


def test_the_version_is_small_and_says_what_it_takes(version: Checked) -> None:
    """Less than a megabyte; as many features as are computed, by the same names; how it was made and how good it is."""
    assert (_FOLDER / version.card.version / "model.safetensors").stat().st_size < _LARGEST
    assert version.card.inputs[0].shape == (-1, len(FEATURES))
    assert version.card.options["features"] == list(FEATURES)
    assert version.card.data_sha256
    assert version.card.trained_by
    assert {metric.name for metric in version.card.metrics} >= {"complete_micro_f1", "complete_micro_precision"}
    assert all(metric.baselines for metric in version.card.metrics if metric.name.endswith("f1"))


@pytest.mark.parametrize("name", _CASES)
def test_obvious_links_are_found_and_absurd_ones_are_not(version: Checked, name: str) -> None:
    """Rails, MyISAM, Moodle and WordPress: what a person sees at once is proposed, and no column that counts things."""
    case = _CASES[name]
    found = {str(proposal.link) for proposal in _proposals(version, case.design)}
    assert case.links - found == set()
    assert case.never & {link.partition(" -> ")[0] for link in found} == set()


def test_reasons_are_facts_that_can_be_looked_up(version: Checked) -> None:
    """The stem, the key and the type are named as they stand in the schema, the weightiest first."""
    (proposal,) = _proposals(version, design(customers="id!:big name:text", orders="id!:big customer_id:big note:text"))
    assert str(proposal.link) == "orders.customer_id -> customers.id"
    assert 0.5 <= proposal.probability <= 1
    assert "the name's stem 'customer' is the table customers" in proposal.reasons
    assert len(proposal.reasons) == len(set(proposal.reasons))


def test_a_higher_threshold_proposes_a_part_of_what_a_lower_one_does(version: Checked) -> None:
    """Proposals that are less probable fall away, and nothing else changes."""
    inquiry = Inquiry(_CASES["wordpress"].design)
    chances = version.model.compute({"features": inquiry.rows})["probability"]
    low = inquiry.proposals(chances, at_least=0.2)
    high = inquiry.proposals(chances, at_least=0.8)
    assert high == [proposal for proposal in low if proposal.probability >= 0.8]
    assert len(high) < len(low)


def test_answers_that_are_not_the_rows_are_refused() -> None:
    """As many answers as rows, or none of them means anything."""
    with pytest.raises(ValueError, match="rows were asked"):
        Inquiry(_CASES["rails"].design).proposals(np.zeros(1))
