"""What is written of Terraform's files: the copies of the contract, and the tables in each module's page.

`python -m renga_dev.terraform` writes them, `make generate` with everything else.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import hcl2
from hcl2.utils import SerializationOptions

CLUSTERS = ("modules/gke", "modules/eks", "modules/aks")
"""The modules that keep the contract; the roots keep it too."""
SHARED = {"contract.tf": ("contract/variables.tf",)}
"""What these modules have in common: a file's name, and of what it is made."""
OF_ROOTS = {
    "contract.tf": ("contract/variables.tf", "contract/roots.tf"),
    "outputs.tf": ("contract/roots/outputs.tf",),
}
"""What roots have in common."""
BEGIN = "<!-- tables:begin -->"
END = "<!-- tables:end -->"

_COPIED = "# Copied from {} by `make generate`; change it there.\n\n"
_PLAIN = SerializationOptions(with_comments=False, explicit_blocks=False, strip_string_quotes=True)


class NoTables(ValueError):  # noqa: N818 - says what is the case
    """A page has no place for its tables."""


class Declaration(NamedTuple):
    """A variable or an output of a module."""

    name: str
    body: Mapping[str, Any]
    """Its arguments as HCL has them: an expression is `${...}`."""

    @property
    def description(self) -> str:
        """What it means, in one line."""
        return str(self.body.get("description", "")).replace('\\"', '"').replace("|", "\\|")

    @property
    def type(self) -> str:
        """Its type expression."""
        return _expression(self.body.get("type", "any"))

    @property
    def default(self) -> str:
        """Its default as HCL; empty where it has to be given."""
        if "default" not in self.body:
            return ""
        value = self.body["default"]
        if isinstance(value, str) and not value.startswith("${"):
            return json.dumps(value)
        return _expression(value) if isinstance(value, str) else json.dumps(value)


def declarations(module: Path, kind: str) -> tuple[Declaration, ...]:
    """The variables (`variable`) or outputs (`output`) of a module's folder, by name."""
    return tuple(sorted(found for path in module.glob("*.tf") for found in declared(path, kind)))


def declared(path: Path, kind: str) -> list[Declaration]:
    """The variables or outputs of one file, in its order."""
    return [Declaration(name, body) for block in blocks(path, kind) for name, body in block.items()]


def blocks(path: Path, kind: str) -> list[dict[str, Any]]:
    """The blocks of a kind in a file: `resource` has `{type: {name: body}}`, `variable` has `{name: body}`."""
    found: list[dict[str, Any]] = hcl2.loads(path.read_text(), serialization_options=_PLAIN).get(kind, [])
    return found


def generated(terraform: Path) -> dict[Path, str]:
    """Every file that is written, with what it should hold.

    Args:
        terraform: the folder `terraform` of a project.

    Raises:
        NoTables: a module has no page, or a page without the two markers.
    """
    found = {
        folder / name: _COPIED.format(_listed(sources)) + "\n".join((terraform / part).read_text() for part in sources)
        for folder in keepers(terraform)
        for name, sources in copies(folder).items()
    }
    return found | {folder / "README.md": _page(folder, terraform) for folder in modules(terraform)}


def copies(folder: Path) -> Mapping[str, tuple[str, ...]]:
    """The files of a module or root that are copies, each with its sources' paths below `terraform/`."""
    if folder.parent.name == "envs":
        return OF_ROOTS
    return SHARED if f"{folder.parent.name}/{folder.name}" in CLUSTERS else {}


def keepers(terraform: Path) -> list[Path]:
    """The folders that keep the contract: cluster modules and roots."""
    return sorted(folder for folder in modules(terraform) if copies(folder))


def modules(terraform: Path) -> list[Path]:
    """Every module and every root."""
    return sorted(path.parent for path in terraform.glob("*/*/main.tf"))


def _page(module: Path, terraform: Path) -> str:
    page = module / "README.md"
    text = page.read_text() if page.is_file() else ""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise NoTables(
            f"{page} needs the lines {BEGIN} and {END}: the tables of variables and outputs go between them."
        )
    return f"{before}{BEGIN}\n{_tables(module, terraform)}{END}{after}"


def _listed(sources: tuple[str, ...]) -> str:
    return " and ".join(f"terraform/{source}" for source in sources)


def _tables(module: Path, terraform: Path) -> str:
    # What is copied is read where it is declared: the copy may be older, or not be there yet.
    sources = {path for path in module.glob("*.tf") if path.name not in copies(module)}
    sources |= {terraform / source for parts in copies(module).values() for source in parts}
    variables, outputs = (
        {each.name: each for path in sorted(sources) for each in declared(path, kind)}
        for kind in ("variable", "output")
    )
    lines = ["### Variables", "", "| variable | type | default | means |", "| --- | --- | --- | --- |"]
    for each in sorted(variables.values(), key=lambda found: (found.default != "", found.name)):
        default = f"`{each.default}`" if each.default else "**required**"
        lines.append(f"| `{each.name}` | `{each.type}` | {default} | {each.description} |")
    lines += ["", "### Outputs", "", "| output | is |", "| --- | --- |"]
    lines += [f"| `{each.name}` | {each.description} |" for each in sorted(outputs.values())]
    return "\n".join(lines) + "\n"


def _expression(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text.removeprefix("${").removesuffix("}") if text.startswith("${") else text


def _write(terraform: Path) -> Iterator[Path]:
    for path, text in generated(terraform).items():
        if not path.is_file() or path.read_text() != text:
            path.write_text(text)
            yield path


if __name__ == "__main__":
    for written in _write(Path("terraform")):
        print(written)  # noqa: T201 - what it did
