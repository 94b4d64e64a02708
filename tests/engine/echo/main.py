"""Say which revision answers: well, with errors, slowly, or not at all."""

import os
import sys
import time
from typing import ClassVar

from renga import function
from renga_events.base import Event

MOOD = os.environ["ECHO_MOOD"]
if MOOD == "dead":
    sys.exit("probe/echo: it was told not to start")


class Asked(Event):
    """Somebody asks."""

    ce_type: ClassVar[str] = "dev.renga.probe.asked.v1"


class Answered(Event):
    """Somebody answers."""

    ce_type: ClassVar[str] = "dev.renga.probe.answered.v1"

    revision: str
    """Whose answer it is."""


@function
def handle(_: Asked) -> Answered:
    """Answer as this revision does."""
    if MOOD == "errors":
        raise RuntimeError("it was told to fail")
    if MOOD == "slow":
        time.sleep(0.3)
    return Answered(revision=os.environ["K_REVISION"])
