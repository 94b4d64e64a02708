"""Where versions of models come from: a folder, or a bucket by its URL with a cache on this machine's disk."""

import re
import shutil
import tempfile
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path
from typing import Protocol

from renga_infer.card import read_card
from renga_infer.errors import UnavailableError

CARD = "card.json"
WEIGHTS = "model.safetensors"
GOLDEN = "golden.json"
ROUTING = "routing.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")


class Store(Protocol):
    """The methods block: they are called in a thread."""

    def models(self) -> dict[str, list[str]]:
        """The versions of every model that has any, in their order: see `in_order`.

        Raises:
            UnavailableError: the store does not answer.
        """
        ...

    def folder(self, name: str, version: str) -> Path:
        """A folder with the three files of a version, or with those that are there.

        Raises:
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


def store_at(place: str, cache: Path) -> Store:
    """The store at a folder or a URL that obstore knows: gs://, s3://, az://, http(s)://, memory://.

    Raises:
        ValueError: there is no such folder, or the URL is none.
    """
    if "://" in place and not place.startswith("file://"):
        return Bucket(place, cache)
    folder = Path(place.removeprefix("file://"))
    if not folder.is_dir():
        raise ValueError(f"There is no folder of models at {folder}: set RENGA_INFER_MODELS to one, or to a URL.")
    return Folder(folder)


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

    def folder(self, name: str, version: str) -> Path:
        """See `Store`."""
        return self._path / name / version

    def routing(self, name: str) -> bytes | None:
        """See `Store`."""
        path = self._path / name / ROUTING
        return path.read_bytes() if path.is_file() else None


def _folders(path: Path) -> list[Path]:
    return sorted(entry for entry in path.iterdir() if entry.is_dir() and _NAME.fullmatch(entry.name))


class Bucket:
    """Models under a URL. What was fetched once is fetched again only if the card says that it is another."""

    def __init__(self, url: str, cache: Path) -> None:
        import obstore.store

        self._url = url
        self._store = obstore.store.from_url(url)
        self._cache = cache / sha256(url.encode()).hexdigest()[:16]

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

    def folder(self, name: str, version: str) -> Path:
        """See `Store`."""
        kept = self._cache / name / version
        card = self._read(f"{name}/{version}/{CARD}")
        golden = self._read(f"{name}/{version}/{GOLDEN}")
        kept.mkdir(parents=True, exist_ok=True)
        weights = kept / WEIGHTS
        if card is not None and not _is(weights, read_card(card).weights_sha256):
            _place(weights, self._read(f"{name}/{version}/{WEIGHTS}"))
        _place(kept / GOLDEN, golden)
        _place(kept / CARD, card)
        return kept

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
        while block := file.read(1 << 20):
            running.update(block)
    return running.hexdigest()


def _is(path: Path, wanted: str) -> bool:
    return path.is_file() and digest(path) == wanted


def _place(path: Path, content: bytes | None) -> None:
    """Put a file there whole, or take it away: a reader never sees half of it."""
    if content is None:
        path.unlink(missing_ok=True)
        return
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    shutil.move(file.name, path)
