"""Write a valid design in every form that was asked for."""

from renga import Reject, function
from renga_events.schema import SchemaGenerated, SchemaValidated
from renga_schema import writers


@function(concurrency=4)
def handle(validated: SchemaValidated) -> SchemaGenerated:
    """One document for each target; what a target cannot hold is in that document's losses."""
    try:
        documents = tuple(
            writers.write(validated.model, target, name=validated.name, losses=validated.losses)
            for target in validated.targets
        )
    except writers.UnknownTargetError as unknown:
        raise Reject(str(unknown)) from None
    return SchemaGenerated(
        schema_id=validated.schema_id,
        name=validated.name,
        documents=documents,
        findings=validated.findings,
        losses=validated.losses,
    )
