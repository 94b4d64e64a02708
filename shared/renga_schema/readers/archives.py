"""Zip and tar archives as files in memory: nothing is written to disk, and what they unfold to is bounded.

The modules that unfold are imported with the first archive.
"""

import io
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import IO, Final

from renga_schema.errors import Unreadable
from renga_schema.model import Origin
from renga_schema.readers.source import LIMIT_BYTES
from renga_schema.report import Diagnostic

MOST_MEMBERS: Final = 20_000
"""Entries that an archive may have, whatever they are."""
UNFOLDED_BYTES: Final = 2 * LIMIT_BYTES
"""What the members that are read may come to together; of a .tar.gz, what it may unfold to."""

_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_TAR_MAGIC: Final = slice(257, 262)

Wanted = Callable[[PurePosixPath], bool]


def is_archive(content: bytes) -> bool:
    """Whether the bytes begin as a zip, a tar or a gzip file does."""
    return content.startswith((_ZIP, _GZIP)) or content[_TAR_MAGIC] == b"ustar"


def unfold(content: bytes, name: str, wanted: Wanted) -> dict[PurePosixPath, bytes]:
    """The members that are wanted, by path; a gzip file that holds no tar is one member, called as it is without `.gz`.

    Members whose path leads out of the archive, links and devices are passed over.

    Raises:
        Unreadable: the archive is damaged or encrypted, or unfolds to more than the limits.
    """
    import tarfile
    import zipfile
    import zlib

    try:
        if content.startswith(_ZIP):
            return _bounded(_zipped(content, name, wanted), name)
        if content.startswith(_GZIP):
            content = _unzipped(content, name)
            if content[_TAR_MAGIC] != b"ustar":
                return {PurePosixPath(PurePosixPath(name).name.removesuffix(".gz")): content}
        return _bounded(_tarred(content, name, wanted), name)
    # NotImplementedError is zipfile's word for a way of compressing that it does not know.
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, zlib.error, OSError, NotImplementedError) as error:
        message = f"This archive cannot be unfolded: {error}."
        raise _unreadable("READ-ARCHIVE", name, message, "Is it whole? Make it anew as .zip or .tar.gz.") from error


def _zipped(content: bytes, name: str, wanted: Wanted) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = archive.infolist()
        _check_count(len(members), name)
        for member in members:
            path = _safe(member.filename)
            if path is None or member.is_dir() or not wanted(path):
                continue
            if member.flag_bits & 1:
                raise _unreadable("READ-ARCHIVE", name, f"{path} is encrypted.", "Make the archive without a password.")
            with archive.open(member) as opened:
                yield path, opened


def _tarred(content: bytes, name: str, wanted: Wanted) -> Iterator[tuple[PurePosixPath, IO[bytes]]]:
    import tarfile

    with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
        for count, member in enumerate(archive, 1):
            _check_count(count, name)
            path = _safe(member.name)
            opened = archive.extractfile(member) if path is not None and member.isreg() and wanted(path) else None
            if path is not None and opened is not None:
                with opened:
                    yield path, opened


def _bounded(members: Iterator[tuple[PurePosixPath, IO[bytes]]], name: str) -> dict[PurePosixPath, bytes]:
    """Read the members; sizes that an archive only claims are not believed."""
    found: dict[PurePosixPath, bytes] = {}
    left = UNFOLDED_BYTES
    for path, opened in members:
        content = opened.read(left + 1)
        left -= len(content)
        if left < 0:
            raise _too_large(name)
        found[path] = content
    return found


def _unzipped(content: bytes, name: str) -> bytes:
    import gzip

    with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
        found = stream.read(UNFOLDED_BYTES + 1)
    if len(found) > UNFOLDED_BYTES:
        raise _too_large(name)
    return found


def _safe(name: str) -> PurePosixPath | None:
    """The member's path within the archive; None where it leads out of it."""
    path = PurePosixPath(name.replace("\\", "/"))
    return None if path.is_absolute() or ".." in path.parts or ":" in path.parts[:1] else path


def _check_count(count: int, name: str) -> None:
    if count > MOST_MEMBERS:
        message = f"This archive has more than {MOST_MEMBERS} members, which is the limit."
        raise _unreadable("READ-SIZE", name, message, "Archive the migration folder alone.")


def _too_large(name: str) -> Unreadable:
    limit = UNFOLDED_BYTES // (1024 * 1024)
    message = f"This archive unfolds to more than {limit} MiB, which is the limit."
    return _unreadable("READ-SIZE", name, message, "Archive the migration folder alone, without data.")


def _unreadable(code: str, name: str, message: str, advice: str) -> Unreadable:
    origin = Origin(line=1, file=name)
    return Unreadable(Diagnostic(severity="error", code=code, message=message, origin=origin, help=advice))
