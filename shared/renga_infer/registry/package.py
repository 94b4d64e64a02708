"""Writes a version as a registry reads it: weights, card, golden set."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from safetensors.numpy import save

from renga_infer.admission import admit
from renga_infer.card import Card
from renga_infer.protocol.datatypes import Array
from renga_infer.protocol.requests import Request
from renga_infer.protocol.tensors import Tensor
from renga_infer.registry.golden import Case, answer_alone, write_golden
from renga_infer.registry.stores import CARD, GOLDEN, WEIGHTS
from renga_infer.registry.versions import read_version
from renga_infer.runtimes import load


def write_version(
    models: Path, fields: Mapping[str, Any], weights: Mapping[str, Array], examples: Sequence[Mapping[str, Array]]
) -> Card:
    """Write `models/<name>/<version>/` from arrays, and read it back with every check.

    `fields` are those of `Card` but for `weights_sha256`, as JSON data; `examples` are inputs by their names, one
    mapping for each case of the golden set, whose answers the model gives here.

    Raises:
        pydantic.ValidationError: the fields make no card.
        ModelRefusedError: the arrays do not fit the runtime, or the model fails on an example.
        InferenceError: an example does not fit the card.
    """
    content = save(dict(weights))
    card = Card.model_validate({**fields, "weights_sha256": sha256(content).hexdigest()})
    folder = models / card.name / card.version
    folder.mkdir(parents=True, exist_ok=True)
    (folder / WEIGHTS).write_bytes(content)
    (folder / CARD).write_text(card.model_dump_json(indent=2, exclude_defaults=True) + "\n")
    model = load(card, folder / WEIGHTS)
    datatypes = {spec.name: spec.datatype for spec in (*card.inputs, *card.outputs)}
    cases = []
    for example in examples:
        inputs = tuple(Tensor(name, datatypes[name], array) for name, array in example.items())
        answer = answer_alone(card, model, admit(card, Request(inputs)))
        cases.append(Case(inputs, tuple(Tensor(name, datatypes[name], array) for name, array in answer.items())))
    (folder / GOLDEN).write_bytes(write_golden(cases))
    read_version(folder, card.name, card.version)
    return card
