"""A Service under steady load: it grows, shrinks, is rolled out and drained, and no answer is lost."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from engine import Engine
from engine_load import Callers, calling
from engine_services import Pod, Services, manifest, services
from measuring import say

pytestmark = [pytest.mark.engine, pytest.mark.timeout(1200)]

LIMIT = 2
"""What one replica may have in flight."""
REPLICAS = 4
STEADY = {
    "autoscaling.knative.dev/max-scale": str(REPLICAS),
    # What a function of this project has: see renga_dev.wiring.manifests.
    "features.knative.dev/http-full-duplex": "Enabled",
}


@pytest.fixture(scope="module")
def here(engine: Engine) -> Iterator[Services]:
    """The namespace of these Services."""
    with services(engine, "load") as found:
        yield found


def test_no_answer_is_lost(here: Services, subject: dict[str, Any]) -> None:
    """From zero to many and back, to a new revision, and while pods are told to go; in the end nothing runs."""
    here.apply(steady(subject, "one"))
    here.ready("steady")
    asyncio.run(under_load(here, subject))
    took = here.asleep("steady")
    say("from the last answer to no pod", s=took)


def steady(subject: dict[str, Any], greeting: str) -> dict[str, Any]:
    """The Service; another greeting makes another revision."""
    env = {"GREETING": greeting}
    return manifest("steady", subject, annotations=STEADY, env=env, containerConcurrency=LIMIT, timeoutSeconds=60)


async def under_load(here: Services, subject: dict[str, Any]) -> None:
    """All of it; each part begins with the callers of the one before."""

    def able() -> list[Pod]:
        return [pod for pod in here.pods("steady") if pod.ready and not pod.ending]

    async with calling(here, "steady", "/sleep/0.2") as callers:
        await callers.be(LIMIT * REPLICAS)
        await callers.until(lambda: len(able()) == REPLICAS, "as many replicas as there may be")
        await asyncio.sleep(5)
        await callers.until(lambda: len(callers.answered_by) >= REPLICAS, "each of them has answered")
        right(callers, "scale out")

        await callers.be(1)
        await callers.until(lambda: len(here.pods("steady")) == 1, "one replica is left", 300)
        right(callers, "scale in")

        await callers.be(LIMIT)
        here_before = {pod.revision for pod in able()}
        await asyncio.to_thread(here.apply, steady(subject, "two"))
        await callers.until(lambda: {pod.revision for pod in here.pods("steady")}.isdisjoint(here_before), "rolled out")
        right(callers, "roll-out")

        for _ in range(2):
            names = [pod.name for pod in await asyncio.to_thread(able)]
            await asyncio.to_thread(here.kubectl, "delete", "pod", *names, "--wait=false")
            await callers.until(lambda gone=names: not {pod.name for pod in here.pods("steady")} & set(gone), "drained")  # type: ignore[misc]  # it is bound now
        right(callers, "drain")


def right(callers: Callers, part: str) -> None:
    """Every answer so far was whole, 200, and by a process that had no more in flight than it may."""
    say(part, answers=len(callers.seconds), processes=len(callers.answered_by))
    assert callers.failures == [], part
    assert max(int(most) for most in callers.said) <= LIMIT
