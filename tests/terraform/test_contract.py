"""One contract for all clouds: the same variables and outputs, and one place for every version."""

import json
import re
from pathlib import Path
from typing import Any, cast

import pytest

from renga_dev.cloud.plans import INSTALLED
from renga_dev.cloud.programs import CloudName
from renga_dev.terraform import CLUSTERS, blocks, declarations, declared, keepers, modules

TERRAFORM = Path(__file__).parents[2] / "terraform"
MODULES = modules(TERRAFORM)
ROOTS = sorted((TERRAFORM / "envs").glob("*"))
FOUND_CLUSTERS = [TERRAFORM / name for name in CLUSTERS if (TERRAFORM / name).is_dir()]

OF_CLUSTERS = {
    *("cluster_name", "endpoint", "ca", "oidc_issuer", "stores", "redis_url", "postgres_url"),
    *("gateway_identity", "gateway", "dns_records", "sleeps", "kubeconfig", "interfaces"),
}


def name(folder: Path) -> str:
    """What a case is called."""
    return str(folder.relative_to(TERRAFORM))


def terraform_block(folder: Path) -> dict[str, Any]:
    """What a module or root asks of Terraform."""
    (found,) = [block for path in sorted(folder.glob("*.tf")) for block in blocks(path, "terraform")]
    return found


@pytest.mark.parametrize("folder", MODULES, ids=name)
def test_versions_are_those_of_the_pins(folder: Path) -> None:
    """A module asks for providers as `pins.json` says, and for no others."""
    pins = json.loads((TERRAFORM / "pins.json").read_text())
    asked = terraform_block(folder)
    assert asked["required_version"] == pins["terraform"]
    (providers,) = asked["required_providers"]
    for provider, wanted in providers.items():
        assert wanted == {"source": f"hashicorp/{provider}", "version": pins["providers"][provider]}


def test_images_name_one_version() -> None:
    """An image that pods run has a whole version, and may have its digest; none floats."""
    pins = json.loads((TERRAFORM / "pins.json").read_text())
    for image in pins["images"].values():
        assert re.fullmatch(r"[a-z0-9./-]+:v?\d+\.\d+\.\d+(@sha256:[0-9a-f]{64})?", image), image


@pytest.mark.parametrize("folder", [folder for folder in MODULES if folder not in ROOTS], ids=name)
def test_modules_configure_no_provider(folder: Path) -> None:
    """A provider belongs to the root; a module that has one cannot be removed or repeated."""
    assert not [block for path in folder.glob("*.tf") for block in blocks(path, "provider")]


@pytest.mark.parametrize("folder", MODULES, ids=name)
def test_everything_can_be_destroyed(folder: Path) -> None:
    """Nothing says `prevent_destroy`, which no variable can take back."""
    for path in folder.glob("*.tf"):
        for resources in blocks(path, "resource"):
            for kind, named in resources.items():
                for label, body in named.items():
                    for lifecycle in body.get("lifecycle", []):
                        assert "prevent_destroy" not in lifecycle, f"{path}: {kind}.{label}"


@pytest.mark.parametrize("folder", FOUND_CLUSTERS, ids=name)
def test_outputs_of_clusters(folder: Path) -> None:
    """A cluster puts out what the contract says."""
    assert {each.name for each in declarations(folder, "output")} >= OF_CLUSTERS


@pytest.mark.parametrize("folder", ROOTS, ids=name)
def test_roots_hand_the_contract_on(folder: Path) -> None:
    """Each variable of the contract reaches the cluster's module, which no root calls by the name of its cloud."""
    contract = {each.name for each in declared(TERRAFORM / "contract/variables.tf", "variable")}
    called = {
        label: body
        for path in folder.glob("*.tf")
        for module in blocks(path, "module")
        for label, body in module.items()
    }
    assert called.keys() == {"registry", "cluster", "events", "knative"}
    assert {label for label, body in called.items() if "${var.gone ? 0 : 1}" in str(body.get("count"))} == (
        {"cluster", "knative"}
    )
    assert "registry_url" in {each.name for each in declarations(folder / called["registry"]["source"], "output")}
    cluster = called["cluster"]
    assert cluster["source"].removeprefix("../../") in CLUSTERS
    assert {variable: cluster.get(variable) for variable in contract} == {
        variable: f"${{var.{variable}}}" for variable in contract
    }
    assert called["knative"]["callers"] == "${var.callers}"


@pytest.mark.parametrize("folder", ROOTS, ids=name)
def test_what_is_installed_goes_before_its_cluster(folder: Path) -> None:
    """`renga cloud down` names all that Terraform has put into the cluster: it goes while that is there."""
    installed = {
        f"{kind}.{label}"
        for path in folder.glob("*.tf")
        for block in blocks(path, "resource")
        for kind, named in block.items()
        if kind == "helm_release"
        for label in named
    }
    for path in folder.glob("*.tf"):
        for label, body in ((label, body) for block in blocks(path, "module") for label, body in block.items()):
            (providers,) = terraform_block(folder / body["source"])["required_providers"]
            installed |= {f"module.{label}"} if "helm" in providers else set()
    assert installed == set(INSTALLED[cast("CloudName", folder.name)])


@pytest.mark.parametrize("folder", ROOTS, ids=name)
def test_roots_have_what_a_user_starts_from(folder: Path) -> None:
    """A root has values for two environments and an example of where its state goes."""
    assert all((folder / part).is_file() for part in ("dev.tfvars", "prod.tfvars", "backend.tf.example"))


def test_whoever_keeps_the_contract_is_known() -> None:
    """Cluster modules and roots keep it."""
    assert keepers(TERRAFORM) == sorted([*FOUND_CLUSTERS, *ROOTS])
