"""Everything that follows from the annotations, as files: what they should hold, how they differ, writing them."""

import difflib
import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from renga_dev.pubsub import table as pubsub
from renga_dev.suggestion import did_you_mean
from renga_dev.wiring import manifests, samples
from renga_dev.wiring._yaml import WRITTEN_BY, written_by
from renga_dev.wiring.asyncapi import asyncapi
from renga_dev.wiring.baseline import Baseline
from renga_dev.wiring.chain import BEGIN, chain_table, picture, with_picture
from renga_dev.wiring.compatibility import breaks
from renga_dev.wiring.discovery import Deployed, Function, Project, Standing, discover
from renga_dev.wiring.vocabulary import schema_of
from renga_events.base import Event
from renga_events.vocabulary import vocabulary

BASE = "knative/base"
IMAGES = "knative/image/functions.json"
SCHEMAS = "events/schemas"
SAMPLES = "events/samples"
ASYNCAPI = "events/asyncapi.yaml"
CHAIN = "events/renga_events/chain.json"
README = "README.md"

_MOST_BREAKS = 5


@dataclass(frozen=True, slots=True)
class Difference:
    """A file that does not hold what it should."""

    path: str
    old: str | None
    """None where there is no such file."""
    new: str | None
    """None where there should be none."""

    @property
    def summary(self) -> str:
        """`is missing`, `should not be there`, or how many lines come and go."""
        if self.old is None:
            return "is missing"
        if self.new is None:
            return "should not be there any more"
        lines = list(self.lines())
        added = sum(line.startswith("+") for line in lines)
        removed = sum(line.startswith("-") for line in lines)
        return f"differs: {added} lines to add, {removed} to remove"

    def lines(self) -> Iterator[str]:
        """The unified diff, without its file names and without context."""
        before, after = (self.old or "").splitlines(), (self.new or "").splitlines()
        for line in difflib.unified_diff(before, after, lineterm="", n=0):
            if not line.startswith(("---", "+++", "@@")):
                yield line


@dataclass(slots=True)
class Wiring:
    """What a project's generated files should hold."""

    root: Path
    files: dict[str, str] = field(default_factory=dict)
    """By path below the root."""
    stale: list[str] = field(default_factory=list)
    """Generated files that nothing stands behind any more."""
    faults: list[str] = field(default_factory=list)
    """What must be mended by hand first, in sentences."""
    notes: list[str] = field(default_factory=list)
    missing_samples: list[str] = field(default_factory=list)
    """Types without a sample, or with one that does not fit."""
    types: Mapping[str, type[Event]] = field(default_factory=dict)
    functions: tuple[Function, ...] = ()
    standing: tuple[Standing, ...] = ()

    def differences(self) -> list[Difference]:
        """Every file that is not as it should be, in the order of their paths."""
        found = [Difference(path, None, None) for path in map(_sample_path, self.missing_samples)]
        for path, new in self.files.items():
            old = _text(self.root / path)
            if old != new:
                found.append(Difference(path, old, new))
        found += [Difference(path, _text(self.root / path), None) for path in self.stale]
        return sorted(found, key=lambda difference: difference.path)

    def write(self) -> list[str]:
        """Write what differs, make the samples that are missing, and remove what is stale; say which files changed."""
        differing = [difference for difference in self.differences() if difference.new is not None]
        for difference in differing:
            target = self.root / difference.path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(self.files[difference.path], encoding="utf-8")
        for path in self.stale:
            (self.root / path).unlink()
        return sorted([*(difference.path for difference in differing), *self.stale, *self._write_samples()])

    def _write_samples(self) -> list[str]:
        if not self.missing_samples:
            return []
        present = {
            ce_type: (self.root / _sample_path(ce_type)).read_bytes()
            for ce_type in self.types
            if ce_type not in self.missing_samples
        }
        found = samples.made(self.missing_samples, present, types=self.types, functions=self.functions, root=self.root)
        for ce_type, text in found.items():
            target = self.root / _sample_path(ce_type)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text)
        return [_sample_path(ce_type) for ce_type in found]


def wire(
    root: Path,
    *,
    against: str = "HEAD",
    accept: Iterable[str] = (),
    types: Mapping[str, type[Event]] | None = None,
    project: Project | None = None,
) -> Wiring:
    """Work out what the generated files of a project should hold; writes nothing.

    A function that cannot be read is a fault; its own files and those that speak of all functions are then left alone.

    Args:
        root: the folder that holds functions/, events/ and knative/.
        against: the commit whose schemas the events must still fit.
        accept: types whose incompatible changes are meant, because no such event exists anywhere yet.
        types: the vocabulary, by default that of `renga_events`.
        project: the functions, by default those found below the root.
    """
    types = vocabulary() if types is None else types
    project = discover(root) if project is None else project
    wiring = Wiring(root, types=types, functions=project.functions, standing=project.standing)
    wiring.faults += [f"functions/{broken.name}: {broken.reason}" for broken in project.broken]
    accepted = frozenset(accept)
    for unknown in sorted(accepted - types.keys()):
        wiring.faults.append(f"{unknown} is no event type.{did_you_mean(unknown, types)}")
    _add_schemas(wiring, Baseline(root, against), accepted)
    _add_samples(wiring)
    for function in project.functions:
        wiring.files[f"{BASE}/{manifests.file_name(function)}"] = manifests.function_manifest(function, project.desk)
    for standing in project.standing:
        wiring.files[f"{BASE}/{manifests.file_name(standing)}"] = manifests.standing_manifest(standing)
    if not project.broken:
        _add_overviews(wiring, project.desk)
    return wiring


def _add_schemas(wiring: Wiring, baseline: Baseline, accepted: frozenset[str]) -> None:
    for ce_type, cls in wiring.types.items():
        path = f"{SCHEMAS}/{ce_type}.json"
        schema = schema_of(cls, comment=written_by(f"{cls.__module__}.{cls.__name__}"))
        before = baseline.read(path)
        broken = breaks(json.loads(before), schema) if before and ce_type not in accepted else []
        if broken:
            said = [str(each) for each in broken[:_MOST_BREAKS]]
            more = [f"and {len(broken) - _MOST_BREAKS} more"] if len(broken) > _MOST_BREAKS else []
            wiring.faults.append(
                f"{ce_type} would no longer fit events that were sent before: {'; '.join(said + more)}. Declare"
                f" {_next_version(ce_type)} beside it, or pass --accept {ce_type} if no such event exists yet."
            )
        else:
            wiring.files[path] = json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
    for file in sorted((wiring.root / SCHEMAS).glob("*.json")):
        if file.stem not in wiring.types:
            wiring.faults.append(
                f"{file.stem} is declared nowhere any more, but {SCHEMAS}/{file.name} says that such events exist:"
                " keep its class, or delete that file if none is on its way or in a log."
            )


def _add_samples(wiring: Wiring) -> None:
    for ce_type, cls in wiring.types.items():
        path = wiring.root / _sample_path(ce_type)
        if not path.is_file():
            wiring.missing_samples.append(ce_type)
        elif fault := samples.fault(path.read_bytes(), cls):
            wiring.missing_samples.append(ce_type)
            wiring.notes.append(f"{_sample_path(ce_type)} does not fit its type and is made anew: {fault}")
    wiring.stale += [
        f"{SAMPLES}/{path.name}"
        for path in sorted((wiring.root / SAMPLES).glob("*.json"))
        if path.stem not in wiring.types
    ]


def _add_overviews(wiring: Wiring, desk: Function | None) -> None:
    """The files that speak of all functions, and what is left of functions that are gone."""
    functions, types = wiring.functions, wiring.types
    deployed: tuple[Deployed, ...] = (*functions, *wiring.standing)
    names = ["broker.yaml", *map(manifests.file_name, deployed)]
    wiring.files[f"{BASE}/broker.yaml"] = manifests.broker(desk)
    wiring.files[f"{BASE}/kustomization.yaml"] = manifests.kustomization(names)
    wiring.files[IMAGES] = manifests.images(deployed)
    wiring.files[ASYNCAPI] = asyncapi(functions, types, version=_version(wiring.root))
    wiring.files[CHAIN] = chain_table(functions, types)
    wiring.files[pubsub.PATH] = pubsub.as_json(pubsub.table(functions, types, wiring.standing))
    readme = _text(wiring.root / README)
    drawn = None if readme is None else with_picture(readme, picture(functions, types))
    if drawn is None:
        wiring.notes.append(f"{README} has no {BEGIN}, so the picture of the chain is not drawn.")
    else:
        wiring.files[README] = drawn
    for path in sorted((wiring.root / BASE).glob("*.yaml")):
        relative = f"{BASE}/{path.name}"
        if relative not in wiring.files and path.read_text(encoding="utf-8").startswith(f"# {WRITTEN_BY}"):
            wiring.stale.append(relative)


def _next_version(ce_type: str) -> str:
    name, _, version = ce_type.rpartition(".v")
    return f"a .v{int(version) + 1} class" if name and version.isdigit() else "a class with a new version"


def _sample_path(ce_type: str) -> str:
    return f"{SAMPLES}/{ce_type}.json"


def _text(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _version(root: Path) -> str:
    text = _text(root / "pyproject.toml")
    project = tomllib.loads(text).get("project", {}) if text else {}
    return str(project.get("version", "0"))
