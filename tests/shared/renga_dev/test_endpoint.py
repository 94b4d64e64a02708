"""What every request to a runtime says of who sends it."""

import asyncio

import pytest

from renga_dev.endpoint import Endpoint, NoRuntime, find, routed
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


@pytest.mark.parametrize(
    ("url", "ledger", "door"),
    [
        ("http://h:1", "http://h:1/platform/ledger/runs/a%20b", "http://h:1/schema/submit"),
        ("https://{service}.f.org", "https://platform-ledger.f.org/runs/a%20b", "https://schema-submit.f.org/"),
    ],
)
def test_functions_are_paths_or_hosts(url: str, ledger: str, door: str) -> None:
    """A runtime has them below its own address; in a cluster each has one of its own."""
    endpoint = Endpoint(url)
    assert endpoint.of("platform/ledger", "runs", "a b") == ledger
    assert endpoint.of("schema/submit") == door


def test_a_cluster_is_reached_by_its_ingress(monkeypatch: pytest.MonkeyPatch) -> None:
    """With RENGA_VIA the connection goes there, whole or streamed, and the Host header is the function's."""
    asked: list[Asked] = []

    async def script(request: Asked) -> Said:
        asked.append(request)
        return Said(200, {})

    async def story() -> None:
        endpoint = Endpoint("http://{service}.functions.no-such-domain.invalid:81")
        await endpoint.request("POST", endpoint.of("schema/submit"), body=b"x")
        (await endpoint.stream(endpoint.of("platform/ledger", "runs"), headers=[])).close()
        endpoint.close()

    with scripted(script) as url:
        monkeypatch.setenv("RENGA_VIA", url.removeprefix("http://"))
        asyncio.run(story())
    assert [(request.target, request.headers["host"]) for request in asked] == [
        ("/", "schema-submit.functions.no-such-domain.invalid:81"),
        ("/runs", "platform-ledger.functions.no-such-domain.invalid:81"),
    ]


def test_an_ingress_where_nothing_listens_is_named() -> None:
    """Not the runtime, which nobody asked for."""

    async def story() -> None:
        with pytest.raises(
            NoRuntime, match=r"^Nothing answers at 127\.0\.0\.1:1, which RENGA_VIA names as the way to http:"
        ):
            await Endpoint("http://{service}.f.org", "127.0.0.1:1").request("GET", "http://a.f.org/")

    asyncio.run(story())


@pytest.mark.parametrize(
    ("url", "via", "said"),
    [
        ("http://a.org", "ingress", "RENGA_VIA=ingress is no address such as"),
        ("http://a.org", "ingress:http", "RENGA_VIA=ingress:http is no address such as"),
        ("https://a.org", "ingress:80", "nobody has the certificate of https://a.org"),
        ("ftp://a.org", "", "is no http or https URL"),
    ],
)
def test_a_way_that_leads_nowhere(url: str, via: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused before anything is sent."""
    with pytest.raises(ValueError, match=said):
        routed(url, via)
    monkeypatch.setenv("RENGA_VIA", via)
    with pytest.raises(ValueError, match=said):
        find(url)
