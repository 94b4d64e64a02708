"""Propose the foreign keys that a parsed design does not declare: by the model `links`, or else by rules."""

import asyncio
import time
from functools import cache
from typing import TYPE_CHECKING

from renga import Settings, function
from renga_events.schema import Relation, SchemaParsed, SchemaRelated
from renga_schema import lint

if TYPE_CHECKING:
    from renga_infer.client import InferenceClient
    from renga_infer.relating import Answer

TIMEOUT_S = 60
_SERVICE_SHARE = 0.8
"""Of that time: in the rest the rules answer, where the service has not."""


class RelateSettings(Settings, env_prefix="SCHEMA_RELATE_"):
    """Read once, at cold start."""

    inference_url: str = ""
    """Where the inference service is; empty: the rules answer."""
    patience_s: float = 20.0
    """How long the service is waited for, its start included, from when it is asked."""


settings = RelateSettings()
# Candidates of some hundred tables take some hundred MB while they are computed: one design at a time.
_computing = asyncio.Lock()


@function(concurrency=10, max_scale=4, timeout_s=TIMEOUT_S, memory="1Gi")
async def handle(parsed: SchemaParsed) -> SchemaRelated:
    """Features of candidates go to the model, no name does; without it the rules answer, and the event says why."""
    # Imported with the first event: numpy is not what a cold start waits for.
    from renga_infer.errors import InferenceError
    from renga_infer.relating import MODEL, Question, by_service

    last_call = time.monotonic() + _SERVICE_SHARE * TIMEOUT_S
    question = Question(parsed.model)
    if not settings.inference_url:
        return _related(parsed, question.by_rules(), because="SCHEMA_RELATE_INFERENCE_URL names no inference service.")
    async with _computing:
        inquiry = await asyncio.to_thread(question.inquiry)
    until = min(time.monotonic() + settings.patience_s, last_call)
    try:
        answer = await question.by_model(inquiry, by_service(_service(), lambda: until - time.monotonic()))
    except InferenceError as error:
        return _related(parsed, question.by_rules(), because=str(error))
    return _related(parsed, answer, model=MODEL)


@cache
def _service() -> "InferenceClient":
    """One for the process, made on its event loop: it keeps its connections, and knows when the service is away."""
    from renga_infer.client import InferenceClient

    return InferenceClient(settings.inference_url)


def _related(
    parsed: SchemaParsed, answer: "Answer", *, model: str | None = None, because: str | None = None
) -> SchemaRelated:
    proposals = Relation.of_links(parsed.model, answer.relations)
    return SchemaRelated(
        schema_id=parsed.schema_id,
        name=parsed.name,
        proposals=proposals,
        findings=lint.check(parsed.model, rules=["DSN-FK-MISSING"], proposals=proposals).findings,
        found_by="model" if model else "rules",
        model=model,
        version=answer.version,
        because=because,
    )
