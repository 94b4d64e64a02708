"""Renders a kustomization folder without kubectl: the part of kustomize that overlays of functions use.

Fields: resources, components, namespace, labels, images, patches (strategic merge as for custom resources, where lists
are replaced whole, and JSON 6902). Anything else is refused by name.
"""

import copy
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from renga_dev.manifests import Document, parse

FILES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
_KNOWN = {"apiVersion", "kind", "metadata", "resources", "components", "namespace", "labels", "images", "patches"}
_HARMLESS = {"sortOptions", "openapi"}
_CLUSTER_SCOPED = {
    "ClusterDomainClaim", "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "IngressClass", "Namespace",
    "PersistentVolume", "PriorityClass", "RuntimeClass", "StorageClass",
}  # fmt: skip
_TARGET = {"group", "version", "kind", "name", "namespace", "labelSelector"}


class Unrenderable(ValueError):  # noqa: N818 - says what is the case
    """A kustomization that is wrong, or that needs more of kustomize than there is here."""


def documents(path: Path) -> list[Document]:
    """The manifests at a path: a kustomization folder is rendered, other folders and files are read as they are.

    Raises:
        Unrenderable: the kustomization cannot be rendered here.
        InvalidManifests: a file is no YAML.
        FileNotFoundError: there is nothing at that path.
    """
    if path.is_file():
        return parse(path.read_text(encoding="utf-8"), str(path))
    if not path.is_dir():
        raise FileNotFoundError(f"There are no manifests at {path}.")
    if _file_of(path) is not None:
        return render(path)
    files = sorted(found for found in path.iterdir() if found.suffix in {".yaml", ".yml"} and found.is_file())
    return [document for file in files for document in parse(file.read_text(encoding="utf-8"), str(file))]


def render(folder: Path) -> list[Document]:
    """What `kubectl kustomize FOLDER` prints, as documents that remember their files.

    Raises:
        Unrenderable: the kustomization cannot be rendered here.
        InvalidManifests: a file is no YAML.
    """
    rendered: list[Document] = []
    _Kustomization(folder, ()).apply(rendered)
    return rendered


def _file_of(folder: Path) -> Path | None:
    return next((folder / name for name in FILES if (folder / name).is_file()), None)


class _Kustomization:
    """One kustomization file."""

    def __init__(self, folder: Path, parents: tuple[Path, ...]) -> None:
        self.folder = folder
        self.chain = (*parents, folder.resolve())
        file = _file_of(folder)
        if file is None:
            raise Unrenderable(f"{folder} holds no {FILES[0]}.")
        self.file = file
        if folder.resolve() in parents:
            raise Unrenderable(f"{file} includes itself.")
        found = parse(file.read_text(encoding="utf-8"), str(file))
        if len(found) != 1 or not isinstance(found[0].value, dict):
            raise Unrenderable(f"{file} must hold one object.")
        self.value: dict[str, Any] = found[0].value
        for field in self.value:
            if field not in _KNOWN | _HARMLESS:
                raise self.unsupported(str(field))

    def unsupported(self, what: str) -> Unrenderable:
        return Unrenderable(
            f"{self.file}: `{what}` is not rendered here: use `kubectl kustomize {self.chain[0]} | renga up -f -`."
        )

    def wrong(self, path: str, message: str) -> Unrenderable:
        return Unrenderable(f"{self.file}: {path}: {message}.")

    def apply(self, rendered: list[Document]) -> None:
        """Add what it names to what there is, and change what it says; a component changes what is there already."""
        own = rendered if self.value.get("kind") == "Component" else []
        for entry in self.entries("resources"):
            self.add(entry, own)
        for entry in self.entries("components"):
            _Kustomization(self.folder / entry, self.chain).apply(own)
        for index, patch in enumerate(self.objects("patches")):
            self.patch(f"patches[{index}]", patch, own)
        if namespace := self.value.get("namespace"):
            _set_namespace(own, str(namespace))
        for index, labels in enumerate(self.objects("labels")):
            self.label(f"labels[{index}]", labels, own)
        for image in self.objects("images"):
            for document in own:
                _set_image(document.value, image)
        if own is not rendered:
            rendered += own
        self.check_unique(rendered)

    def entries(self, field: str) -> list[str]:
        value = self.value.get(field) or []
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise self.wrong(field, "must be a list of paths")
        return value

    def objects(self, field: str) -> list[dict[str, Any]]:
        value = self.value.get(field) or []
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self.wrong(field, "must be a list of objects")
        return value

    def add(self, entry: str, own: list[Document]) -> None:
        if "://" in entry or entry.startswith("github.com/") or "?ref=" in entry:
            raise self.unsupported(f"the remote resource {entry}")
        path = self.folder / entry
        if path.is_dir():
            nested: list[Document] = []
            _Kustomization(path, self.chain).apply(nested)
            own += nested
        elif path.is_file():
            for document in parse(path.read_text(encoding="utf-8"), str(path)):
                own += _unlisted(document)
        else:
            raise self.wrong("resources", f"{entry} does not exist")

    def check_unique(self, rendered: list[Document]) -> None:
        seen: set[tuple[str, ...]] = set()
        for document in rendered:
            if not isinstance(document.value, dict):
                raise Unrenderable(f"{document.source} holds something that is no object.")
            identity = _identity(document.value)
            if identity in seen:
                raise self.wrong("resources", f"{' '.join(part for part in identity if part)} is declared twice")
            seen.add(identity)

    # Transformations

    def label(self, path: str, labels: dict[str, Any], own: list[Document]) -> None:
        for name in labels.keys() - {"pairs"}:
            if labels[name]:
                raise self.unsupported(f"{path}.{name}")
        pairs = labels.get("pairs") or {}
        if not isinstance(pairs, dict):
            raise self.wrong(f"{path}.pairs", "must be an object of texts")
        for document in own:
            metadata = document.value.setdefault("metadata", {})
            metadata["labels"] = {**(metadata.get("labels") or {}), **pairs}

    def patch(self, path: str, entry: dict[str, Any], own: list[Document]) -> None:
        for name in entry.keys() - {"path", "patch", "target"}:
            raise self.unsupported(f"{path}.{name}")
        if ("path" in entry) == ("patch" in entry):
            raise self.wrong(path, "must have one of path and patch")
        text = entry["patch"] if "patch" in entry else self.read(path, str(entry["path"]))
        target = entry.get("target")
        if target is not None and not isinstance(target, dict):
            raise self.wrong(f"{path}.target", "must be an object")
        for document in parse(text, f"{self.file}: {path}"):
            if isinstance(document.value, list):
                if target is None:
                    raise self.wrong(path, "a JSON 6902 patch needs a target")
                for found in self.targets(path, target, own):
                    self.patch_json(path, found.value, document.value)
            elif isinstance(document.value, dict):
                self.merge(path, document.value, target, own)
            else:
                raise self.wrong(path, "is neither an object nor a list of operations")

    def read(self, path: str, name: str) -> str:
        file = self.folder / name
        if not file.is_file():
            raise self.wrong(f"{path}.path", f"{name} does not exist")
        return file.read_text(encoding="utf-8")

    def targets(self, path: str, target: Mapping[str, Any], own: list[Document]) -> list[Document]:
        for name in target.keys() - _TARGET:
            raise self.unsupported(f"{path}.target.{name}")
        return [document for document in own if _matches(document.value, target)]

    def merge(self, path: str, patch: dict[str, Any], target: Mapping[str, Any] | None, own: list[Document]) -> None:
        if target is not None:
            found = self.targets(path, target, own)
        else:
            wanted = _identity(patch)
            # A patch that names no namespace means the object whatever its namespace.
            found = [
                document
                for document in own
                if _identity(document.value)[:3] == wanted[:3] and wanted[3] in {"", _identity(document.value)[3]}
            ]
            if not found:
                raise self.wrong(path, f"there is no {' '.join(part for part in wanted if part)} to patch")
        if patch.get("$patch") == "delete":
            own[:] = [document for document in own if not any(document is gone for gone in found)]
            return
        if any(key.startswith("$") for key in _keys(patch)):
            raise self.unsupported(f"{path}: a directive such as $patch below the top")
        body = {key: value for key, value in patch.items() if key not in {"apiVersion", "kind"}}
        if target is not None:
            # The name in such a patch is a placeholder.
            kept = {
                key: value for key, value in (body.get("metadata") or {}).items() if key not in {"name", "namespace"}
            }
            body["metadata"] = kept
        for document in found:
            _merge(document.value, copy.deepcopy(body))

    def patch_json(self, path: str, value: dict[str, Any], operations: list[Any]) -> None:
        for number, operation in enumerate(operations):
            where = f"{path}[{number}]"
            if not isinstance(operation, dict) or not {"op", "path"} <= operation.keys():
                raise self.wrong(where, "must have op and path")
            try:
                _apply_operation(value, operation)
            except (KeyError, IndexError, TypeError, ValueError) as error:
                said = f"{operation['op']} {operation['path']}"
                raise self.wrong(where, f"`{said}` does not apply: {error}") from None


def _unlisted(document: Document) -> Iterator[Document]:
    value = document.value
    if isinstance(value, dict) and value.get("kind") == "List" and isinstance(value.get("items"), list):
        for item in value["items"]:
            yield Document(document.source, item)
    else:
        yield document


def _identity(value: Mapping[str, Any]) -> tuple[str, str, str, str]:
    metadata = value.get("metadata") or {}
    names = (value.get("apiVersion"), value.get("kind"), metadata.get("name"), metadata.get("namespace"))
    group, kind, name, namespace = (str(part or "") for part in names)
    return group, kind, name, namespace


def _matches(value: Mapping[str, Any], target: Mapping[str, Any]) -> bool:
    api_version, kind, name, namespace = _identity(value)
    group, _, version = api_version.rpartition("/")
    for field, actual in (("kind", kind), ("name", name), ("namespace", namespace), ("group", group)):
        if target.get(field) and re.fullmatch(str(target[field]), actual) is None:
            return False
    if target.get("version") and target["version"] != version:
        return False
    labels = (value.get("metadata") or {}).get("labels") or {}
    wanted = [part.strip().split("=", 1) for part in str(target.get("labelSelector") or "").split(",") if part.strip()]
    return all(len(pair) == 2 and labels.get(pair[0].strip("= ")) == pair[1].strip("= ") for pair in wanted)


def _keys(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield str(key)
            yield from _keys(item)
    elif isinstance(value, list):
        for item in value:
            yield from _keys(item)


def _merge(value: dict[str, Any], patch: Mapping[str, Any]) -> None:
    for key, item in patch.items():
        if item is None:
            value.pop(key, None)
        elif isinstance(item, dict) and isinstance(value.get(key), dict):
            _merge(value[key], item)
        else:
            value[key] = _without_nulls(item)


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(item) for key, item in value.items() if item is not None}
    return value


def _set_namespace(own: list[Document], namespace: str) -> None:
    for document in own:
        if document.value.get("kind") == "Namespace":
            document.value.setdefault("metadata", {})["name"] = namespace
        elif document.value.get("kind") not in _CLUSTER_SCOPED:
            document.value.setdefault("metadata", {})["namespace"] = namespace


def _set_image(value: Any, image: Mapping[str, Any]) -> None:
    """Rename an image in every list of containers."""
    if isinstance(value, list):
        for item in value:
            _set_image(item, image)
        return
    if not isinstance(value, dict):
        return
    for key, item in value.items():
        if key in {"containers", "initContainers"} and isinstance(item, list):
            for container in item:
                if isinstance(container, dict) and isinstance(container.get("image"), str):
                    container["image"] = _renamed(container["image"], image)
        else:
            _set_image(item, image)


def _renamed(current: str, image: Mapping[str, Any]) -> str:
    name, _, digest = current.partition("@")
    tag = ""
    if ":" in name.rpartition("/")[2]:
        name, _, tag = name.rpartition(":")
    if name != image.get("name"):
        return current
    name = str(image.get("newName") or name)
    if image.get("digest"):
        return f"{name}@{image['digest']}"
    if image.get("newTag") is not None:
        return f"{name}:{image['newTag']}"
    return name + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def _apply_operation(value: Any, operation: Mapping[str, Any]) -> None:
    """One operation of RFC 6902, in place."""
    verb, pointer = str(operation["op"]), str(operation["path"])
    if verb == "test":
        if _resolve(value, pointer) != operation.get("value"):
            raise ValueError("the value is another")
        return
    if verb in {"move", "copy"}:
        moved = copy.deepcopy(_resolve(value, str(operation["from"])))
        if verb == "move":
            _apply_operation(value, {"op": "remove", "path": operation["from"]})
        _apply_operation(value, {"op": "add", "path": pointer, "value": moved})
        return
    if verb not in {"add", "replace", "remove"}:
        raise ValueError("there is no such operation")
    parent_pointer, _, last = pointer.rpartition("/")
    parent, key = _resolve(value, parent_pointer), _unescaped(last)
    if isinstance(parent, list):
        _change_list(parent, verb, key, operation)
    elif verb == "remove":
        del parent[key]
    elif verb == "replace" and key not in parent:
        raise KeyError(key)
    else:
        parent[key] = copy.deepcopy(operation["value"])


def _change_list(items: list[Any], verb: str, key: str, operation: Mapping[str, Any]) -> None:
    index = len(items) if key == "-" and verb == "add" else int(key)
    if index > len(items):
        raise IndexError(f"there are only {len(items)} items")
    if verb == "add":
        items.insert(index, copy.deepcopy(operation["value"]))
    elif verb == "replace":
        items[index] = copy.deepcopy(operation["value"])
    else:
        del items[index]


def _resolve(value: Any, pointer: str) -> Any:
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else value[_unescaped(part)]
    return value


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
