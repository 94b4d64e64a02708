"""How a statement ended."""

from typing import Literal

Outcome = Literal["applied", "kept", "noted", "ledger", "failed"]
"""The names of the counters in `renga_schema.report.Statements`."""
