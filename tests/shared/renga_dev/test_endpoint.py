"""What every request to a runtime says of who sends it."""

import asyncio

import pytest

from renga_dev.endpoint import Endpoint
from scripted import Asked, Said, scripted


@pytest.mark.parametrize(("token", "said"), [("secret\n", "Bearer secret"), ("", None), (None, None)])
def test_authorization(monkeypatch: pytest.MonkeyPatch, token: str | None, said: str | None) -> None:
    """A token of RENGA_TOKEN is sent with each request, whole or streamed; where there is none, nothing is."""
    if token is None:
        monkeypatch.delenv("RENGA_TOKEN", raising=False)
    else:
        monkeypatch.setenv("RENGA_TOKEN", token)
    asked: list[Asked] = []

    async def script(request: Asked) -> Said:
        asked.append(request)
        return Said(200, {})

    async def story(url: str) -> None:
        endpoint = Endpoint(url)
        await endpoint.request("POST", endpoint.of("a"), headers=[("accept", "x")])
        (await endpoint.stream(endpoint.of("b"), headers=[("accept", "x")])).close()
        endpoint.close()

    with scripted(script) as url:
        asyncio.run(story(url))
    assert [(request.headers["accept"], request.headers.get("authorization")) for request in asked] == [("x", said)] * 2
