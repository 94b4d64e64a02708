"""A model's card: what it is, what it takes and gives, how it was made and how good it is.

A version of a model is a folder `models/<name>/<version>/` of three files:

- `model.safetensors`: the weights, and nothing that runs;
- `card.json`: a `Card`;
- `golden.json`: requests with the answers that this version must give, checked each time it is loaded: see `golden`.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints, ValidationError, model_validator

from renga_infer.errors import ModelRefusedError
from renga_infer.protocol.datatypes import Datatype

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
"""Of a model, a version or a tensor: it goes into a path as it is."""
Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
BATCH = "batch"
"""The free axis along which requests are put together."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)


class TensorSpec(_Part):
    """One input or output."""

    name: Name
    datatype: Datatype
    shape: tuple[Annotated[int, Field(ge=-1)], ...]
    """-1 is a free axis."""
    axes: tuple[str, ...] = ()
    """The names of the free axes, in order; by default the first free axis, if it is axis 0, is `batch`."""
    nan: bool = False
    """Whether an input may hold NaN or infinities; the model then knows what they mean."""

    @model_validator(mode="after")
    def _axes_name_the_free_ones(self) -> Self:
        free = self.shape.count(-1)
        if not self.axes and free == 1 and self.shape[0] == -1:
            object.__setattr__(self, "axes", (BATCH,))
        if len(self.axes) != free:
            raise ValueError(f"{self.name!r} has {free} free axes and {len(self.axes)} names for them in `axes`")
        if BATCH in self.axes and (self.axes[0] != BATCH or self.shape[0] != -1):
            raise ValueError(f"the axis `batch` of {self.name!r} must be its first")
        return self

    @property
    def batched(self) -> bool:
        """Whether axis 0 is the batch."""
        return bool(self.axes) and self.axes[0] == BATCH


class Batching(_Part):
    """How requests are put together; Triton's terms."""

    max_batch_size: Annotated[int, Field(ge=0)] = 64
    """The most rows that the model computes at once, and the most of one request; 0: requests are never batched."""
    max_queue_delay_microseconds: Annotated[int, Field(ge=0, le=10_000_000)] = 0
    """How long the first request of a batch waits for others; 0: it takes what is there."""
    max_queue_size: Annotated[int, Field(ge=1)] = 1024
    """Requests that may wait; beyond it the answer is 429."""
    buckets: dict[str, tuple[Annotated[int, Field(ge=1)], ...]] = {}
    """Lengths, by the name of a free axis, that it is padded up to, with zeros; one without buckets is not padded."""

    @model_validator(mode="after")
    def _buckets_rise_to_the_limit(self) -> Self:
        for axis, lengths in self.buckets.items():
            if not lengths or list(lengths) != sorted(set(lengths)):
                raise ValueError(f"the buckets of {axis!r} must rise: {list(lengths)}")
        batch = self.buckets.get(BATCH)
        if batch and batch[-1] != self.max_batch_size:
            raise ValueError(f"the last bucket of `batch` is {batch[-1]} and max_batch_size is {self.max_batch_size}")
        return self


class Metric(_Part):
    """One number about the version, beside what it is to beat."""

    name: str
    value: float
    low: float | None = None
    """The lower end of the interval, where there is one."""
    high: float | None = None
    baselines: dict[str, float] = {}
    """The same number of others on the same data, by their names."""
    note: str = ""
    """On what it was measured, and how."""


class Tolerance(_Part):
    """How far an answer may be from the golden one: `absolute + relative * |golden|`."""

    absolute: Annotated[float, Field(ge=0)] = 1e-6
    relative: Annotated[float, Field(ge=0)] = 1e-5


class Card(_Part):
    """What `card.json` holds."""

    name: Name
    version: Name
    runtime: str
    """A name of `runtimes.RUNTIMES`."""
    description: str
    licence: str
    weights_sha256: Sha256
    """Of `model.safetensors`."""
    data_sha256: Sha256 | None = None
    """Of what it was trained on, as its training says."""
    seed: int | None = None
    trained_by: str = ""
    """The command that made it."""
    metrics: tuple[Metric, ...] = ()
    limits: str = ""
    """Where it is weak, and what it is not for."""
    inputs: Annotated[tuple[TensorSpec, ...], Field(min_length=1)]
    outputs: Annotated[tuple[TensorSpec, ...], Field(min_length=1)]
    batching: Batching = Batching()
    tolerance: Tolerance = Tolerance()
    options: dict[str, JsonValue] = {}
    """What the runtime wants to know: see its module."""

    @model_validator(mode="after")
    def _tensors_agree(self) -> Self:
        for kind, specs in (("inputs", self.inputs), ("outputs", self.outputs)):
            names = [spec.name for spec in specs]
            if len(set(names)) != len(names):
                raise ValueError(f"two of the {kind} have one name: {names}")
        axes = {axis for spec in self.inputs for axis in spec.axes}
        for spec in self.outputs:
            strange = set(spec.axes) - axes
            if strange:
                raise ValueError(f"the output {spec.name!r} has the axes {sorted(strange)}, which no input has")
        strange = set(self.batching.buckets) - axes
        if strange:
            raise ValueError(f"there are buckets of {sorted(strange)}, which is no free axis of an input")
        if self.batching.max_batch_size:
            unbatched = [spec.name for spec in (*self.inputs, *self.outputs) if not spec.batched]
            if unbatched:
                raise ValueError(
                    f"{unbatched} have no axis `batch`, so nothing can be batched: set max_batch_size to 0"
                )
        return self

    @property
    def platform(self) -> Literal["renga_linear", "renga_gbdt", "renga_torch"] | str:  # noqa: PYI051 - the known ones
        """What the protocol calls the runtime."""
        return f"renga_{self.runtime}"


def read_card(text: bytes) -> Card:
    """The card that `card.json` holds.

    Raises:
        ModelRefusedError: it is no card; the message names the first field that is wrong.
    """
    try:
        return Card.model_validate_json(text)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_context=False)[0]
        field = ".".join(str(step) for step in fault["loc"]) or "the card"
        raise ModelRefusedError(f"card.json: {field}: {fault['msg'].lower()}.") from None
