"""Read several files as one schema: scripts apply in order, as they would to one database; descriptions are joined."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from renga_schema.errors import Unreadable
from renga_schema.model import Dialect, Object, Policy, Schema, Trigger
from renga_schema.readers import check_names, format_beside, read
from renga_schema.readers.changelogs import is_changelog, is_formatted
from renga_schema.readers.detect import Detection, Format, detect
from renga_schema.readers.dialects import by_name, other_editions
from renga_schema.readers.inputs import Given, Input, gather
from renga_schema.readers.library import Library
from renga_schema.readers.migrations import without_undoing
from renga_schema.readers.source import Source, check_characters, decode
from renga_schema.report import Diagnostic, Loss, Reading, Statements

_SAMPLE: Final = 400_000
"""Characters, of all scripts together, from which their common dialect is guessed."""
_CERTAIN: Final = 0.8
"""A script that is so sure of another dialect than the others is read in its own."""


class FileRead(NamedTuple):
    """One text that was read, and what it was taken for."""

    name: str
    text: str
    detection: Detection
    library: Library | None = None
    """The files that it may refer to."""

    @property
    def is_changelog(self) -> bool:
        """Whether it is applied like a migration, whatever notation it is in."""
        format_ = self.detection.format
        return is_formatted(self.text) if format_ == "sql" else format_ in {"xml", "yaml"} and is_changelog(self.text)


@dataclass(frozen=True, slots=True)
class FilesReading(Reading):
    """A reading that knows its files."""

    files: tuple[FileRead, ...] = ()
    """In the order in which they applied; what was left aside is in the diagnostics."""


def read_files(
    sources: Sequence[Given],
    *,
    dialect: Dialect | None = None,
    format: Format | None = None,  # noqa: A002 - the word that the command line and the events use too
) -> FilesReading:
    """Read files, folders and archives as one schema.

    SQL scripts apply in the order given, those of a folder or archive as migration tools order them, so that the
    schema is what a database would have after running them; what only undoes is passed over. Where a folder holds one
    schema for several engines, the edition that is asked for is read, or the one that most scripts are in. Other
    formats are read file by file and joined; an object that two of them describe is kept as first described, with a
    diagnostic.

    Args:
        sources: Paths of files, folders and archives (.zip, .tar, .tar.gz, .gz); `-` for standard input; or texts.
        dialect: The SQL dialect of all; detected where not given, from all scripts together. See `read`.
        format: The format of all; detected where not given, file by file.

    Returns:
        The schema, with diagnostics of all files and the sum of their statements. Origins name the files.

    Raises:
        Unreadable: none of the files can be read, or they are in several dialects and none was asked for; what is
            wrong with the first.
        OSError: a file cannot be opened.
        ValueError: there is no such dialect or format.
    """
    check_names(dialect, format)
    given_files: list[FileRead] = []
    diagnostics: list[Diagnostic] = []
    refusals: list[Unreadable] = []
    for given in sources:
        try:
            gathered = gather(given)
            texts = [(text, each.library) for each in gathered.inputs if (text := _decoded(each, refusals)) is not None]
            found = [_detected(text, library, dialect, format) for text, library in texts]
            diagnostics += [text.note for text, _ in texts if text.note]
            others, notes = _other_editions(found, dialect, gathered.folder)
        except Unreadable as error:
            refusals.append(error)
        else:
            given_files += [file for file in found if file.name not in others]
            diagnostics += [*gathered.diagnostics, *notes]
    files = _agreed(given_files, dialect)
    readings = list(_read(files, refusals, dialect))
    if not readings:
        raise refusals[0] if refusals else ValueError("There is nothing to read: no source was given.")
    refused = [error.diagnostic for error in refusals]
    joined = _joined(readings)
    return FilesReading(
        schema=joined.schema,
        diagnostics=(*diagnostics, *refused, *joined.diagnostics),
        losses=joined.losses,
        statements=joined.statements,
        files=tuple(files),
    )


def _decoded(given: Input, refusals: list[Unreadable]) -> Source | None:
    try:
        source = decode(given.content, given.name)
        if isinstance(given.content, str):
            check_characters(source)
    except Unreadable as error:
        refusals.append(error)
        return None
    return source


def _detected(source: Source, library: Library | None, dialect: Dialect | None, format_: Format | None) -> FileRead:
    """A text with what it is taken for by itself, by its content and its name."""
    told = format_ or (format_beside(source) if dialect else None)
    name = source.file or ""
    return FileRead(name, source.text, by_name(name, detect(source.text, source.file, told)), library)


def _other_editions(
    files: Sequence[FileRead], dialect: Dialect | None, folder: str | None
) -> tuple[frozenset[str], tuple[Diagnostic, ...]]:
    if folder is None:  # files that are named one by one are all meant
        return frozenset(), ()
    return other_editions({file.name: file.detection for file in files}, dialect, folder)


def _agreed(files: Sequence[FileRead], dialect: Dialect | None) -> list[FileRead]:
    """Scripts that leave doubt are taken for what they are all together."""
    scripts = [file for file in files if file.detection.format == "sql"]
    if dialect:
        common = Detection("sql", dialect, ("as told",), 1.0)
    else:
        share = _SAMPLE // max(1, len(scripts))
        common = detect("\n".join(file.text[:share] for file in scripts), None, "sql")

    def agreed(file: FileRead) -> FileRead:
        own = file.detection
        differs = own.dialect != common.dialect
        if own.format != "sql" or (not dialect and (not differs or own.confidence >= _CERTAIN)):
            return file
        return file._replace(detection=common)

    return [agreed(file) for file in files]


def _read(files: Sequence[FileRead], refusals: list[Unreadable], dialect: Dialect | None) -> Iterable[Reading]:
    """Changelogs together, scripts of one dialect together, everything else by itself."""
    from renga_schema.readers.sql.reader import read_scripts

    if any(file.is_changelog for file in files):
        changes = [file for file in files if file.is_changelog or file.detection.format == "sql"]
        files = [file for file in files if file not in changes]
        yield from _changelogs(changes, dialect, refusals)
    scripts: dict[Dialect, list[Source]] = {}
    for file in files:
        if file.detection.dialect is not None and file.detection.format == "sql":
            source = Source(without_undoing(file.text), file.name)
            scripts.setdefault(file.detection.dialect, []).append(source)
    for spoken, sources in scripts.items():
        yield read_scripts(sources, spoken)
    schemas = [Source(file.text, file.name) for file in files if file.detection.format == "prisma"]
    if schemas:  # a schema may lie in several files, which name each other's models
        from renga_schema.readers.prisma import read_prisma_files

        yield read_prisma_files(schemas)
    for file in files:
        if file.detection.format not in {"sql", "prisma"}:
            try:
                yield read(file.text, dialect=dialect, format=file.detection.format, file=file.name)
            except Unreadable as error:
                refusals.append(error)


def _changelogs(files: Sequence[FileRead], dialect: Dialect | None, refusals: list[Unreadable]) -> Iterable[Reading]:
    """Changelogs, and the scripts beside them, as they would be applied to one database."""
    from renga_schema.readers.xml.liquibase.changelog import read_changelogs

    spoken = {file.detection.dialect for file in files if file.detection.format == "sql"}
    only = spoken.pop() if len(spoken) == 1 else None
    sources = [Source(file.text, file.name) for file in files]
    library = next((file.library for file in files if file.library), None)
    try:
        yield read_changelogs(sources, dialect or only, library=library)
    except Unreadable as error:
        refusals.append(error)


def _joined(readings: Sequence[Reading]) -> Reading:
    """One reading of several that know nothing of each other."""
    if len(readings) == 1:
        return readings[0]
    dialects = {reading.schema.dialect for reading in readings if reading.schema.dialect}
    diagnostics: list[Diagnostic] = []
    losses: list[Loss] = []
    fields: dict[str, dict[Any, Any]] = {kind: {} for kind in Schema.model_fields if kind != "dialect"}
    for reading in readings:
        diagnostics += reading.diagnostics
        losses += reading.losses
        for kind, known in fields.items():
            for item in getattr(reading.schema, kind):
                first = known.setdefault(_identity(kind, item), item)
                if first is not item and kind not in {"namespaces", "extensions"}:
                    diagnostics.append(_collision(kind, first, item))
    total: dict[str, int] = {
        name: sum(getattr(reading.statements, name) for reading in readings) for name in Statements.model_fields
    }
    return Reading(
        schema=Schema(
            dialect=dialects.pop() if len(dialects) == 1 else None,
            **{kind: tuple(known.values()) for kind, known in fields.items()},
        ),
        diagnostics=tuple(diagnostics),
        losses=tuple(losses),
        statements=Statements(**total),
    )


def _identity(kind: str, item: Any) -> tuple[str, ...]:
    """What no two objects of a schema have in common; tables and views share their names."""
    kind = "tables" if kind == "views" else kind
    namespace = str(getattr(item, "namespace", None))
    more = (str(getattr(item, field, "")) for field in ("table", "signature", "kind"))
    return (kind, namespace, item.name, *more)


def _collision(kind: str, first: Object | Trigger | Policy, second: Object | Trigger | Policy) -> Diagnostic:
    where = f" in {first.origin.file}" if first.origin and first.origin.file else ""
    singular = "policy" if kind == "policies" else kind.removesuffix("s").replace("_", " ")
    return Diagnostic(
        severity="error",
        code="READ-DUPLICATE",
        message=f"The {singular} {second.name!r} is described{where} already.",
        object=second.name,
        origin=second.origin,
        help="The first one is kept. Leave one of the files out, or read them one at a time.",
    )
