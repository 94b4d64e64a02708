"""A version from its folder into memory: nothing is served that was not checked."""

from dataclasses import dataclass
from pathlib import Path

from renga_infer.card import Card, read_card
from renga_infer.engine.shapes import rehearsals
from renga_infer.errors import ModelRefusedError
from renga_infer.registry import golden
from renga_infer.registry.stores import CARD, GOLDEN, WEIGHTS, digest
from renga_infer.runtimes import Model, load


@dataclass(frozen=True, slots=True)
class Checked:
    """A version that agrees with its card and its golden set, and has computed once in every shape."""

    card: Card
    model: Model


def read_version(folder: Path, name: str, version: str) -> Checked:
    """Load a version and check it: the card, the hash of the weights, their form, the golden set. It blocks.

    Raises:
        ModelRefusedError: something does not agree; the message says what.
    """
    card = read_card(_content(folder, CARD))
    if (card.name, card.version) != (name, version):
        raise ModelRefusedError(
            f"card.json is that of {card.name!r}, version {card.version}, and lies in the folder {name}/{version}."
        )
    try:
        found = digest(folder / WEIGHTS)
    except OSError as error:
        raise ModelRefusedError(f"{WEIGHTS} cannot be read: {error.strerror}.") from None
    if found != card.weights_sha256:
        raise ModelRefusedError(
            f"{WEIGHTS} has the sha256 {found}; card.json says {card.weights_sha256}: one of them is another's."
        )
    cases = golden.read_golden(_content(folder, GOLDEN))
    model = load(card, folder / WEIGHTS)
    for inputs in rehearsals(card):
        try:
            model.compute(inputs)
        except Exception as error:  # noqa: BLE001 - a model that cannot compute zeros is refused, whatever it raises
            shapes = {tensor: list(array.shape) for tensor, array in inputs.items()}
            raise ModelRefusedError(
                f"The model failed on zeros of the shapes {shapes}: {type(error).__name__}: {error}"[:500]
            ) from None
    golden.check(card, model, cases)
    return Checked(card, model)


def size_of(folder: Path) -> int:
    """What the weights take on disk, in bytes; 0 where there are none. An estimate of what they take in memory."""
    path = folder / WEIGHTS
    return path.stat().st_size if path.is_file() else 0


def _content(folder: Path, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except OSError as error:
        raise ModelRefusedError(f"{name} cannot be read: {error.strerror}.") from None
