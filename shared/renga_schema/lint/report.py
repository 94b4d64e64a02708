"""What a check returns."""

from collections import Counter
from typing import Final, Literal

from renga_schema.model import Node, Severity
from renga_schema.report import Diagnostic

_RANK: Final[dict[Severity, int]] = {"info": 0, "warning": 1, "error": 2}


class Report(Node):
    """The findings of a check, in the order of their place in the source."""

    findings: tuple[Diagnostic, ...] = ()

    def at_least(self, severity: Severity | Literal["never"]) -> bool:
        """Whether any finding is as severe as that, or more; `never` is more severe than all."""
        return severity != "never" and any(_RANK[finding.severity] >= _RANK[severity] for finding in self.findings)

    @property
    def counts(self) -> dict[Severity, int]:
        """How many findings each severity has; every severity is there."""
        found = Counter(finding.severity for finding in self.findings)
        return {severity: found[severity] for severity in ("error", "warning", "info")}
