"""Who is asked for the foreign keys that a schema does not declare: the model here, a service, or the rules."""

import time
from pathlib import Path
from typing import Final

from renga_infer.relating import MODEL, Answer, Question, by_service, in_process
from renga_infer.settings import InferenceSettings

_PATIENCE_S: Final = 60.0


class NoServiceUrl(Exception):  # noqa: N818 - it says what was named
    """What was named is no URL of an inference service."""


async def ask(question: Question, url: str | None, *, at_least: float | None = None) -> Answer:
    """Ask the model `links`: that of an inference service, or the newest one in the folder of models, here.

    Args:
        question: of a schema.
        url: where the service is; None: here.
        at_least: the lowest probability of an answer; None: the model's own threshold.

    Raises:
        InferenceError: the service did not answer.
        ModelRefusedError: there is no model here, or it is not what its card says.
        ModuleNotFoundError: an extra is not installed.
        NoServiceUrl: `url` is none; nothing was computed for it.
    """
    given = {} if at_least is None else {"at_least": at_least}
    if url is None:
        models = Path(InferenceSettings.from_environment().models)
        return await question.by_model(question.inquiry(), in_process(models), **given)
    from renga_infer.client import InferenceClient

    try:
        service = InferenceClient(url)
    except ValueError as error:
        raise NoServiceUrl(str(error)) from None
    async with service as client:
        inquiry = question.inquiry()
        until = time.monotonic() + _PATIENCE_S
        return await question.by_model(inquiry, by_service(client, lambda: until - time.monotonic()), **given)


def teller(answer: Answer, *, rules: bool) -> str:
    """Who answered, for a sentence: `the model links, version 2`."""
    if rules:
        return "the rules"
    return f"the model {MODEL}, version {answer.version}" if answer.version else "the model"
