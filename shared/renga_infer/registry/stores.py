"""Where versions of models come from: a folder, or a bucket by its URL with a cache on this machine's disk."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from renga_infer.card import read_card
from renga_infer.errors import UnavailableError

CARD = "card.json"
WEIGHTS = "model.safetensors"
GOLDEN = "golden.json"
ROUTING = "routing.json"
_BLOCK = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Kept(Protocol):
    """A version on this machine's disk."""

    @property
    def path(self) -> Path:
        """A folder with its three files, or with those that are there."""
        ...

    def release(self) -> None:
        """It is needed no longer; until then it stays."""
        ...


class Store(Protocol):
    """The methods block: they are called in a thread."""

    def models(self) -> dict[str, list[str]]:
        """The versions of every model that has any, in their order: see `in_order`.

        Raises:
            UnavailableError: the store does not answer.
        """
        ...

    def fetch(self, name: str, version: str) -> Kept:
        """A version on this machine's disk, until it is released.

        Raises:
            ModelRefusedError: its card is none.
            UnavailableError: the store does not answer.
        """
        ...

    def routing(self, name: str) -> bytes | None:
        """The content of a model's `routing.json`, where there is one.

        Raises:
            UnavailableError: the store does not answer.
        """
        ...


def in_order(versions: Iterable[str]) -> list[str]:
    """Versions from the oldest to the newest: numbers within them count as numbers, so that 10 comes after 9."""
    return sorted(
        versions,
        key=lambda version: [
            (len(part), part) if part.isdigit() else (0, part) for part in re.split(r"(\d+)", version)
        ],
    )


def store_at(place: str, cache: Path, cache_bytes: int = 0) -> Store:
    """The store at a folder or a URL that obstore knows: gs://, s3://, az://, http(s)://, memory://.

    What a URL holds is kept in the folder `cache`, within `cache_bytes`; 0: no limit.

    Raises:
        ValueError: there is no such folder, or the URL is none.
    """
    if "://" in place and not place.startswith("file://"):
        return Bucket(place, cache, cache_bytes)
    folder = Path(place.removeprefix("file://"))
    if not folder.is_dir():
        raise ValueError(f"There is no folder of models at {folder}: set RENGA_INFER_MODELS to one, or to a URL.")
    return Folder(folder)


@dataclass(frozen=True, slots=True)
class _There:
    """A version that is on disk whether it is needed or not."""

    path: Path

    def release(self) -> None:
        """See `Kept`."""


class Folder:
    """Models in a folder, `<name>/<version>/`; names that are none, such as `.cache`, are passed over."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def models(self) -> dict[str, list[str]]:
        """See `Store`."""
        found = {
            model.name: in_order(version.name for version in _folders(model) if (version / CARD).is_file())
            for model in _folders(self._path)
        }
        return {name: versions for name, versions in found.items() if versions}

    def fetch(self, name: str, version: str) -> Kept:
        """See `Store`."""
        return _There(self._path / name / version)

    def routing(self, name: str) -> bytes | None:
        """See `Store`."""
        path = self._path / name / ROUTING
        return path.read_bytes() if path.is_file() else None


def _folders(path: Path) -> list[Path]:
    return sorted(entry for entry in path.iterdir() if entry.is_dir() and _NAME.fullmatch(entry.name))


class Bucket:
    """Models under a URL. What was fetched once is fetched again only if the card says that it is another."""

    def __init__(self, url: str, cache: Path, cache_bytes: int = 0) -> None:
        import obstore.store

        from renga_infer.registry.cache import Cache  # its locks are those of POSIX, and a folder wants none

        self._url = url
        try:
            self._store = obstore.store.from_url(url)
        except obstore.exceptions.BaseError as error:
            reason = str(error).partition("\n")[0]
            raise ValueError(f"RENGA_INFER_MODELS is {url!r}, which cannot be a store of models: {reason}.") from None
        self._cache = Cache(cache, cache_bytes)
        self._key = sha256(url.encode()).hexdigest()[:16]

    def models(self) -> dict[str, list[str]]:
        """See `Store`."""
        import obstore

        found: dict[str, set[str]] = {}
        try:
            for page in obstore.list(self._store):
                for entry in page:
                    parts = entry["path"].split("/")
                    if len(parts) == 3 and parts[2] == CARD and all(_NAME.fullmatch(part) for part in parts[:2]):
                        found.setdefault(parts[0], set()).add(parts[1])
        except (obstore.exceptions.BaseError, OSError) as error:
            raise self._away(error) from None
        return {name: in_order(versions) for name, versions in sorted(found.items())}

    def fetch(self, name: str, version: str) -> Kept:
        """See `Store`."""
        card = self._read(f"{name}/{version}/{CARD}")
        golden = self._read(f"{name}/{version}/{GOLDEN}")
        held = self._cache.hold(self._key, name, version)
        try:
            with self._cache.fetching(held):
                weights = held.path / WEIGHTS
                if card is not None and not _is(weights, read_card(card).weights_sha256):
                    self._download(f"{name}/{version}/{WEIGHTS}", weights)
                _place(held.path / GOLDEN, golden)
                _place(held.path / CARD, card)
        except BaseException:
            held.release()
            raise
        return held

    def _download(self, path: str, to: Path) -> None:
        """Put an object there as it comes, whole or not at all; what the store has not is taken away there too."""
        import obstore

        try:
            found = obstore.get(self._store, path)
            self._cache.make_room(found.meta["size"])
            part = _part(to)
            with part.open("wb") as file:
                for block in found.stream(min_chunk_size=_BLOCK):
                    file.write(block)
        except (obstore.exceptions.NotFoundError, FileNotFoundError):
            to.unlink(missing_ok=True)
        except obstore.exceptions.BaseError as error:
            raise self._away(error) from None
        except OSError as error:
            raise UnavailableError(f"{self._url}/{path} could not be kept in {to.parent}: {error}") from None
        else:
            part.replace(to)

    def routing(self, name: str) -> bytes | None:
        """See `Store`."""
        return self._read(f"{name}/{ROUTING}")

    def _read(self, path: str) -> bytes | None:
        import obstore

        try:
            return bytes(obstore.get(self._store, path).bytes())
        except (obstore.exceptions.NotFoundError, FileNotFoundError):
            return None
        except (obstore.exceptions.BaseError, OSError) as error:
            raise self._away(error) from None

    def _away(self, error: Exception) -> UnavailableError:
        return UnavailableError(f"The store of models at {self._url} does not answer: {str(error)[:200]}")


def digest(path: Path) -> str:
    """The sha256 of a file, in hexadecimal.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        running = sha256()
        while block := file.read(_BLOCK):
            running.update(block)
    return running.hexdigest()


def _is(path: Path, wanted: str) -> bool:
    return path.is_file() and digest(path) == wanted


def _place(path: Path, content: bytes | None) -> None:
    """Put a file there whole, or take it away: a reader never sees half of it."""
    if content is None:
        path.unlink(missing_ok=True)
    elif not path.is_file() or path.read_bytes() != content:
        part = _part(path)
        part.write_bytes(content)
        part.replace(path)


def _part(path: Path) -> Path:
    """Where a file is until it is whole; a process that dies meanwhile leaves no more than this one behind."""
    return path.with_name(f"{path.name}.part")
