"""What functions-framework asks of a trivial CloudEvent function."""

import functions_framework.aio
from cloudevents.http import CloudEvent


@functions_framework.aio.cloud_event
async def handle(event: CloudEvent) -> None:
    """Do nothing."""
