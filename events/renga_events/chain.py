"""Who consumes what, and what each may answer: what a run is waiting for follows from it.

The table in `chain.json` is written by `renga wiring` from the annotations of the functions.
"""

import functools
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import cast

from pydantic_core import from_json

_NOBODY: Mapping[str, tuple[str, ...]] = MappingProxyType({})


def consumers(ce_type: str) -> Mapping[str, tuple[str, ...]]:
    """The functions that an event of this type wakes, each with the types that one of must come; none if none must.

    Functions that hear everything are left out: nobody waits for them.
    """
    return _table().get(ce_type, _NOBODY)


@functools.cache
def _table() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    written = cast("dict[str, dict[str, list[str]]]", from_json(Path(__file__).with_name("chain.json").read_bytes()))
    return {
        ce_type: MappingProxyType({function: tuple(answers) for function, answers in takers.items()})
        for ce_type, takers in written.items()
    }
