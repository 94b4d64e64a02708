"""Terraform without a cloud: stub providers with the true schemas, and the project's Terraform in a copy.

A stub knows names and types, not values. AWS' provider is the true one, where this machine has it: in the folder that
`TF_PLUGIN_DIR` names, or in one of those in which Terraform itself looks. What Terraform writes (locks, states,
providers) stays in the copy: a lock that was written against a stub is worth nothing and is never committed.
"""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any, NamedTuple

import pytest

_STANDARD = (
    *("~/.terraform.d/plugins", "~/.local/share/terraform/plugins"),
    *("/usr/local/share/terraform/plugins", "/usr/share/terraform/plugins"),
)
_STUBS_ISSUER = {"cluster": "aks", "issuer_uri": '${var.gone ? null : "https://${module.cluster[0].oidc_issuer}"}'}
"""What a stub makes up is no URL, and an issuer has to be one."""
_RUNNING_S = 1500


class Resource(NamedTuple):
    """One of the resources that a state has."""

    module: str
    """The address of the module that it is in; empty for the root."""
    type: str
    values: dict[str, Any]


class State(NamedTuple):
    """What Terraform has written of what it made."""

    text: str
    resources: list[Resource]
    outputs: dict[str, dict[str, Any]]


class Workspace:
    """A copy of a project's Terraform, with the table of topics that it reads.

    Args:
        repository: the project.
        folder: where the copy is made.
        configuration: Terraform's own, which says where providers come from.
    """

    def __init__(self, repository: Path, folder: Path, configuration: Path) -> None:
        self._folder = folder
        ours = shutil.ignore_patterns(".terraform", ".terraform.lock.hcl", "*.tfstate*", "*.tfplan", "backend.tf")
        shutil.copytree(repository / "terraform", folder / "terraform", ignore=ours)
        (folder / "events").mkdir()
        shutil.copy(repository / "events" / "pubsub.json", folder / "events")
        override = {"module": {"events": {"federation": _STUBS_ISSUER}}}
        (self.folder("envs/azure") / "stubs_override.tf.json").write_text(json.dumps(override))
        self._aws = any(configuration.parent.glob("mirror/*/hashicorp/aws/*/*"))
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("TF_")},
            "TF_CLI_CONFIG_FILE": str(configuration),
            "TF_IN_AUTOMATION": "1",
        }

    def folder(self, module: str) -> Path:
        """Where a module is in the copy, named by its path below `terraform/`."""
        return self._folder / "terraform" / module

    def run(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`terraform ARGUMENTS` in a module, which is initialised before the first time."""
        if not (self.folder(module) / ".terraform.lock.hcl").is_file():
            if not self._aws and any("hashicorp/aws" in path.read_text() for path in self.folder(module).glob("*.tf")):
                pytest.skip(
                    "no provider of AWS on this machine: TF_PLUGIN_DIR names the folder of a mirror that has it"
                )
            done = self._terraform(module, "init", "-input=false")
            assert done.returncode == 0, done.stdout + done.stderr
        return self._terraform(module, *arguments)

    def show(self, module: str, plan: str) -> dict[str, Any]:
        """A plan file as data."""
        done = self.run(module, "show", "-json", plan)
        assert done.returncode == 0, done.stdout + done.stderr
        shown: dict[str, Any] = json.loads(done.stdout)
        return shown

    def state(self, module: str, name: str) -> State:
        """A state file, read as it is: `terraform show` would start every provider."""
        text = (self.folder(module) / name).read_text()
        written = json.loads(text)
        made = [
            Resource(each.get("module", ""), each["type"], instance["attributes"])
            for each in written["resources"]
            if each["mode"] == "managed"
            for instance in each["instances"]
        ]
        return State(text, made, written["outputs"])

    def _terraform(self, module: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        command, *rest = arguments
        return subprocess.run(
            ["terraform", command, *([] if command == "show" else ["-no-color"]), *rest],
            cwd=self.folder(module), env=self._environment, check=False, capture_output=True, text=True,
            timeout=_RUNNING_S,
        )  # fmt: skip


def pause(state: Path) -> None:
    """Take the push address of every subscription out of a state, as a refresh does after the workflow `pause`.

    A stub reads what it has written, and runs no workflow.
    """
    written = json.loads(state.read_text())
    for each in written["resources"]:
        if each["type"] == "google_pubsub_subscription":
            for instance in each["instances"]:
                instance["attributes"]["push_config"] = []
    written["serial"] += 1
    state.write_text(json.dumps(written))


def configuration(material: Path, terraform: Path, mirror: Path, python: Path) -> Path:
    """Lay out a mirror of stub providers; skip where Terraform or the stubs cannot be had.

    Args:
        material: holds `tools/terraform`.
        terraform: the modules that the stubs are for.
        mirror: where the mirror is made.
        python: an interpreter that has what the stubs stand on.

    Returns:
        Terraform's configuration file.
    """
    if shutil.which("terraform") is None:
        pytest.skip("Terraform is not installed")
    tool = material / "tools" / "terraform" / "make_mirror.py"
    if not tool.is_file():
        pytest.skip(f"no stub providers at {tool}")
    true = [f"--aws={folder}" for folder in plugins() if any(folder.glob("*/hashicorp/aws/*/*"))][:1]
    make = [str(python), str(tool), str(mirror), *true]
    subprocess.run(make, check=True, capture_output=True, text=True, timeout=_RUNNING_S)
    words = set(re.findall(r"\w+", " ".join(path.read_text() for path in terraform.rglob("*.tf"))))
    for path in mirror.glob("*.json"):
        _keep(path, words)
    return mirror / "terraformrc"


def plugins() -> list[Path]:
    """The folders in which this machine may have providers, as Terraform lays out a mirror."""
    named = [os.environ["TF_PLUGIN_DIR"]] if "TF_PLUGIN_DIR" in os.environ else []
    return [Path(folder).expanduser() for folder in (*named, *_STANDARD)]


def _keep(path: Path, words: set[str]) -> None:
    """Leave out of a schema what no module names: a provider has a thousand resources, and each command loads them."""
    schema = json.loads(path.read_text())
    for part in ("resource_schemas", "data_source_schemas"):
        schema[part] = {name: found for name, found in schema.get(part, {}).items() if name in words}
    path.write_text(json.dumps(schema))
