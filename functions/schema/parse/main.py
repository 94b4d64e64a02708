"""Read a submitted design into the canonical model, statement by statement."""

from renga import function
from renga_events.schema import SchemaParsed, SchemaRejected, SchemaSubmitted
from renga_schema import Diagnostic, Loss, Unreadable, read

NOTHING = Diagnostic(
    severity="error",
    code="READ-NOTHING",
    message="Nothing in this text describes a schema.",
    help="Hand in CREATE statements or the YAML format; a wrong guess is set right with --format and --dialect.",
)


@function(concurrency=4)
def handle(submitted: SchemaSubmitted) -> SchemaParsed | SchemaRejected:
    """A design is rejected when nothing in it could be read; otherwise what could not is a diagnostic."""
    try:
        reading = read(submitted.text, dialect=submitted.dialect, format=submitted.format, file=submitted.name)
    except Unreadable as unreadable:
        return rejected(submitted, (unreadable.diagnostic,), ())
    if reading.schema.is_empty:
        return rejected(submitted, reading.diagnostics or (NOTHING,), reading.losses)
    return SchemaParsed(
        schema_id=submitted.schema_id,
        name=submitted.name,
        model=reading.schema,
        diagnostics=reading.diagnostics,
        losses=reading.losses,
        statements=reading.statements,
        targets=submitted.targets,
    )


def rejected(
    submitted: SchemaSubmitted, diagnostics: tuple[Diagnostic, ...], losses: tuple[Loss, ...]
) -> SchemaRejected:
    """The end of a run whose design could not be read."""
    return SchemaRejected(
        schema_id=submitted.schema_id,
        name=submitted.name,
        stage="parse",
        diagnostics=diagnostics,
        losses=losses,
    )
