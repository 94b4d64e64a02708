"""What a fuzzer asks of every reader: an answer or `Unreadable`, a model that survives, and everything that uses it."""

import io
import tarfile
import time
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Final, get_args

import renga_schema
from expecting import accounted
from renga_schema import Dialect, Reading, Schema, Unreadable, counts, lint, read_files, writers
from renga_schema.readers.inputs import Input

MOST_CPU_S: Final = 5
"""CPU seconds within which every input is answered."""

_READERS: Final = Path(__file__).parents[1] / "shared" / "renga_schema" / "readers"
_CASES: Final = {
    **{dialect: f"sql/cases/{dialect}/**/*.sql" for dialect in get_args(Dialect)},
    "yaml": "yaml_cases/*.yaml",
    "xml": "xml/cases/native/*.xml",
    "liquibase": "xml/cases/liquibase/**/*.xml",
    "xmldb": "xml/cases/xmldb/*.xml",
    "jsonschema": "json_schema/cases/*.json",
    "prisma": "prisma/cases/*.prisma",
    "dbml": "dbml/cases/*.dbml",
}
_PACKED: Final = (b"zip", b"tar", b"tar.gz")
_NEXT_MEMBER: Final = b"\n%%%%\n"


def warm() -> None:
    """Import what is otherwise imported by the first text that needs it, so that it is instrumented too."""
    for target in _CASES:
        answer(target, seeds(target)[0])


def targets() -> list[str]:
    """What can be fuzzed: each format, `detect` (nothing is told) and `archives`."""
    return [*_CASES, "detect", "archives"]


def seeds(target: str) -> list[bytes]:
    """What the fuzzer starts with: the cases that the readers' tests have, none longer than 4 kB."""
    if target == "detect":
        return [seed for each in _CASES for seed in seeds(each)[:2]]
    if target == "archives":
        return [
            kind + b"\n" + b"a/1.sql\n" + first + _NEXT_MEMBER + b"b/V2__x.sql\n" + second
            for kind in (*_PACKED, b"raw")
            for first, second in zip(seeds("postgres")[:2], seeds("prisma")[:2], strict=True)
        ]
    pieces = [piece for path in sorted(_READERS.glob(_CASES[target])) for piece in _pieces(path.read_bytes())]
    if not pieces:
        raise LookupError(f"there is no case for {target}")
    return pieces


def _pieces(content: bytes, most: int = 4096) -> Iterator[bytes]:
    """A text cut at empty lines into parts that are short enough."""
    part = b""
    for paragraph in content.split(b"\n\n"):
        if part and len(part) + len(paragraph) > most:
            yield part
            part = b""
        part += paragraph[:most] + b"\n\n"
    yield part


def answer(target: str, content: bytes) -> None:
    """Read the content as a user would, and do with it what a user could do next.

    Raises:
        AssertionError: the statements do not add up, the model does not survive JSON, or it took too long.
        Exception: whatever a reader or a user of the model raises that it does not document.
    """
    began = time.process_time()
    try:
        reading = _read(target, content)
    except Unreadable:
        reading = None
    spent = time.process_time() - began
    assert spent < MOST_CPU_S, f"{spent:.1f} s of CPU were spent, at most {MOST_CPU_S} are allowed"
    if reading is not None:
        use(reading)


def use(reading: Reading) -> None:
    """Do with a reading what the rest of the toolkit does."""
    accounted(reading)
    schema = reading.schema
    assert Schema.model_validate_json(schema.model_dump_json()) == schema, "the model does not survive JSON"
    counts.count(reading)
    lint.check(schema, losses=reading.losses)
    for target in writers.targets():
        writers.write(schema, target, losses=reading.losses)


def _read(target: str, content: bytes) -> Reading:
    if target == "archives":
        return read_files([Input("x.zip", _archive(content))])
    return _CALLS[target](content)


_CALLS: Final[dict[str, Callable[[bytes], Reading]]] = {
    **{dialect: partial(renga_schema.read, dialect=dialect) for dialect in get_args(Dialect)},
    **{
        format_: partial(renga_schema.read, format=format_)
        for format_ in ("yaml", "xml", "jsonschema", "prisma", "dbml")
    },
    "liquibase": partial(renga_schema.read, format="xml"),
    "xmldb": partial(renga_schema.read, format="xml"),
    "detect": renga_schema.read,
}


def _archive(content: bytes) -> bytes:
    """An archive that is as its text says: its kind, then its members, each with its name before it."""
    kind, _, rest = content.partition(b"\n")
    if kind not in _PACKED:
        return content
    members = [each.partition(b"\n")[::2] for each in rest.split(_NEXT_MEMBER)]
    stream = io.BytesIO()
    if kind == b"zip":
        with zipfile.ZipFile(stream, "w") as packed:
            for path, text in {name.decode("utf-8", "replace"): text for name, text in members}.items():
                packed.writestr(zipfile.ZipInfo(path or "x"), text)
    else:
        with tarfile.open(fileobj=stream, mode="w:gz" if kind == b"tar.gz" else "w") as packed_tar:
            for name, text in members:
                info = tarfile.TarInfo(name.decode("utf-8", "replace"))
                info.size = len(text)
                packed_tar.addfile(info, io.BytesIO(text))
    return stream.getvalue()
