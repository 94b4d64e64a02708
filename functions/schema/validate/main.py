"""Check a parsed design against every rule, so that only sound designs go on."""

from typing import Literal

from renga import Settings, function
from renga_events.schema import SchemaParsed, SchemaRejected, SchemaValidated
from renga_schema import lint


class ValidateSettings(Settings, env_prefix="SCHEMA_VALIDATE_"):
    """Read once, at cold start."""

    fail_on: Literal["error", "warning", "info", "never"] = "error"
    """The lowest severity that makes a design invalid."""


settings = ValidateSettings()


@function(concurrency=4)
def handle(parsed: SchemaParsed) -> SchemaValidated | SchemaRejected:
    """Findings below the threshold travel on with the design; one at or above it ends the run."""
    report = lint.check(parsed.model, losses=parsed.losses)
    findings = parsed.diagnostics + report.findings
    if report.at_least(settings.fail_on):
        return SchemaRejected(
            schema_id=parsed.schema_id,
            name=parsed.name,
            stage="validate",
            diagnostics=findings,
            losses=parsed.losses,
        )
    return SchemaValidated(
        schema_id=parsed.schema_id,
        name=parsed.name,
        model=parsed.model,
        findings=findings,
        losses=parsed.losses,
        targets=parsed.targets,
    )
