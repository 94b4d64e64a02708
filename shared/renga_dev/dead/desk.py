"""The letters of a desk: of its function over HTTP, or of its store while nothing runs."""

from collections.abc import Collection
from urllib.parse import quote, urlencode

from pydantic import TypeAdapter
from pydantic_core import to_json

from renga.desk.letter import Letter, Replayed, WholeLetter
from renga.desk.service import Desk, NumberedLetter
from renga.http.client import Response
from renga_dev.endpoint import Endpoint, Refused, detail

FUNCTION = "platform/deadletter"
_PAGE = 1000
_pages = TypeAdapter(list[NumberedLetter])


class DeskByHttp:
    """The function `platform/deadletter`, in a runtime or in a cluster.

    Args:
        endpoint: how it is talked to.
        url: where it is.
    """

    def __init__(self, endpoint: Endpoint, url: str) -> None:
        self.name = f"the desk at {url}"
        self.notes: list[str] = []
        self._endpoint = endpoint
        self._url = url.rstrip("/")

    async def letters(self, filter: str | None) -> list[Letter]:  # noqa: A002 - see Source
        """See Source."""
        asked = {"limit": str(_PAGE)} | ({} if filter is None else {"filter": filter})
        found: list[Letter] = []
        while True:
            page = _pages.validate_json((await self._ask("GET", f"letters?{urlencode(asked)}")).body)
            found += page
            if len(page) < _PAGE:
                return found
            asked["before"] = str(page[-1].number)

    async def letter(self, letter: str) -> WholeLetter | None:
        """See Source."""
        answer = await self._ask("GET", f"letters/{quote(letter, safe='')}")
        return None if answer.status == 404 else WholeLetter.model_validate_json(answer.body)

    async def drop(self, letters: Collection[str]) -> int:
        """See Source."""
        answers = [await self._ask("DELETE", f"letters/{quote(letter, safe='')}") for letter in letters]
        return sum(answer.status == 200 for answer in answers)

    async def mark(self, letter: str, replay: Replayed) -> bool:
        """See Source."""
        path = f"letters/{quote(letter, safe='')}/replays/{replay.number}"
        answer = await self._ask("PUT", path, to_json({"outcome": replay.outcome, "said": replay.said}))
        return answer.status == 200

    async def close(self) -> None:
        """See Source."""
        self._endpoint.close()

    async def _ask(self, method: str, path: str, body: bytes = b"") -> Response:
        """Ask the function; 404 is an answer where it is the function's own.

        Raises:
            Refused: there is no desk, or it does not do it.
        """
        headers = [("content-type", "application/json")] if body else []
        answer = await self._endpoint.request(method, f"{self._url}/{path}", headers=headers, body=body)
        media_type = answer.header("content-type") or ""
        missing = answer.status == 404 and media_type.startswith("application/problem+json")
        if missing or (answer.status == 200 and media_type.startswith("application/json")):
            return answer
        raise Refused(f"{self.name} did not answer as a desk does", answer.status, detail(answer))


class DeskOnDisk:
    """The desk's store, read where it lies: for the time when its function does not run.

    Args:
        url: as `DEADLETTER_DATABASE`.
    """

    def __init__(self, url: str) -> None:
        self.name = "the desk's store"
        self.notes: list[str] = []
        self._desk = Desk(url)

    async def letters(self, filter: str | None) -> list[Letter]:  # noqa: A002 - see Source
        """See Source."""
        found: list[Letter] = []
        before: int | None = None
        while page := await self._desk.letters(filter, before, _PAGE):
            found += page
            before = page[-1].number
        return found

    async def letter(self, letter: str) -> WholeLetter | None:
        """See Source."""
        return await self._desk.letter(letter)

    async def drop(self, letters: Collection[str]) -> int:
        """See Source."""
        return sum([await self._desk.drop(letter) for letter in letters])

    async def mark(self, letter: str, replay: Replayed) -> bool:
        """See Source."""
        return await self._desk.replayed(letter, replay)

    async def close(self) -> None:
        """See Source."""
        self._desk.close()
