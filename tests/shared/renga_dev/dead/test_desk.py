"""A desk is the same by its function and by its store."""

import asyncio
from pathlib import Path

import pytest

from renga.desk.letter import Replayed
from renga_dev.dead import desk
from renga_dev.dead.desk import DeskByHttp, DeskOnDisk
from renga_dev.dead.source import Source
from renga_dev.endpoint import Endpoint, Refused
from renga_dev.wiring.trial import Hosted, hosted
from scripted import Asked, Said, scripted


def bury(function: Hosted, number: int) -> None:
    """Deliver a dead letter to the function."""
    attributes = {"specversion": "1.0", "id": str(number), "source": "/s", "type": "t"}
    failure = {"knativeerrordest": "http://post-office.default.svc.cluster.local", "knativeerrorcode": "422"}
    headers = {f"ce-{name}": value for name, value in (attributes | failure).items()}
    assert function.request("POST", "/", b"\x00", headers | {"content-type": "application/x"}).status == 200


@pytest.mark.parametrize("way", ["http", "disk"])
def test_every_letter(repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    """All pages, the newest first; one whole; what is marked and what is dropped; what is not there."""
    monkeypatch.setattr(desk, "_PAGE", 2)

    async def story(source: Source) -> None:
        letters = await source.letters(None)
        assert [letter.envelope.id for letter in letters] == ["4", "3", "2", "1", "0"]
        assert [letter.envelope.id for letter in await source.letters("id > 1")] == ["4", "3", "2"]
        whole = await source.letter(letters[0].id)
        assert whole is not None
        assert (whole.event.data, whole.failure.service) == (b"\x00", "post-office")
        assert await source.mark(whole.id, Replayed(number=1, outcome="well", said="Ja."))
        assert [(letter.replays, letter.said) for letter in await source.letters("outcome = 'well'")] == [(1, "Ja.")]
        assert await source.drop([whole.id, letters[1].id, "none"]) == 2
        assert len(await source.letters(None)) == 3
        assert await source.letter("none") is None
        assert not await source.mark("none", Replayed(number=1, outcome="well"))
        await source.close()

    with hosted(repository / "functions/platform/deadletter/main.py", state=tmp_path) as function:
        for number in range(5):
            bury(function, number)
        url = f"http://127.0.0.1:{function.port}"
        asyncio.run(
            story(
                DeskByHttp(Endpoint(url), url) if way == "http" else DeskOnDisk(f"sqlite:///{tmp_path}/deadletter.db")
            )
        )


def test_something_else() -> None:
    """What answers there and is no desk is told with its own words."""

    async def script(_: Asked) -> Said:
        return Said(404, {"content-type": "text/plain"}, b"There is nothing of the kind.")

    async def look(url: str) -> None:
        source = DeskByHttp(Endpoint(url), url)
        try:
            await source.letters(None)
        finally:
            await source.close()

    with scripted(script) as url, pytest.raises(Refused, match=r"as a desk does: There is nothing of the kind\."):
        asyncio.run(look(url))
