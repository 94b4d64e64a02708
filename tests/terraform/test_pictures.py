"""The pictures of Terraform's pages: flowcharts that can be drawn, of what is really made."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from renga_dev.terraform import CLUSTERS, blocks

TERRAFORM = Path(__file__).parents[2] / "terraform"
PICTURE = re.compile(r"^```mermaid\n(.*?)^```", re.DOTALL | re.MULTILINE)
KIND = re.compile(r"\b(?:aws|azurerm|google)_[a-z0-9_]+")
ARROW = re.compile(r"\s+--(?:\s+(?P<label>[^<>-]+(?:-[^<>-]+)*)\s+--)?>\s+")
SHAPES = (r"\[[^][(){}]+\]", r"\(\[[^][(){}]+\]\)", r"\[\([^][(){}]+\)\]", r"\(\([^][(){}]+\)\)")
NODE = re.compile(rf"(?P<id>[a-z_]+)(?P<shape>{'|'.join(SHAPES)})?")
SUBGRAPH = re.compile(r"subgraph (?P<id>[a-z_]+)(?: \[[^][(){}]+\])?")
SHOWN = {
    "gke": {
        *("google_compute_network", "google_container_cluster", "google_container_node_pool", "google_redis_instance"),
        *("google_sql_database_instance", "google_storage_bucket", "google_pubsub_topic", "google_compute_router_nat"),
        "google_artifact_registry_repository",
    },
    "eks": {
        *("aws_vpc", "aws_eks_cluster", "aws_eks_node_group", "aws_elasticache_replication_group", "aws_db_instance"),
        *("aws_s3_bucket", "aws_nat_gateway", "aws_lb", "aws_ecr_repository", "google_pubsub_topic"),
        "google_iam_workload_identity_pool_provider",
    },
    "aks": {
        *("azurerm_virtual_network", "azurerm_kubernetes_cluster", "azurerm_kubernetes_cluster_node_pool"),
        *("azurerm_managed_redis", "azurerm_postgresql_flexible_server", "azurerm_storage_account"),
        *("azurerm_nat_gateway", "azurerm_application_gateway", "azurerm_container_registry", "google_pubsub_topic"),
        "google_iam_workload_identity_pool_provider",
    },
}
"""Network, cluster, pools, stores, registry, ways in and out, topics, federation: what each picture has."""
REGISTRIES = {"gke": "artifact_registry", "eks": "ecr", "aks": "acr"}
"""Where the images of each are."""


class Picture(NamedTuple):
    """A flowchart of a page."""

    page: Path
    text: str


def pictures() -> list[Picture]:
    """Every one, page by page."""
    pages = sorted(TERRAFORM.rglob("*.md"))
    return [Picture(page, text) for page in pages for text in PICTURE.findall(page.read_text())]


def name(picture: Picture) -> str:
    """What a case is called."""
    return str(picture.page.relative_to(TERRAFORM))


def kinds(module: Path) -> set[str]:
    """The types of the resources of a module."""
    return {kind for path in module.glob("*.tf") for block in blocks(path, "resource") for kind in block}


@pytest.mark.parametrize("picture", pictures(), ids=name)
def test_can_be_drawn(picture: Picture) -> None:
    """A direction, subgraphs that end, nodes with a shape once at most, and arrows between them."""
    direction, *lines = [line.strip() for line in picture.text.splitlines() if line.strip()]
    assert re.fullmatch(r"flowchart (LR|TB)", direction)
    open_subgraphs, shaped = 0, []
    for line in lines:
        if line == "end":
            open_subgraphs -= 1
            assert open_subgraphs >= 0, line
        elif subgraph := SUBGRAPH.fullmatch(line):
            open_subgraphs += 1
            shaped.append(subgraph["id"])
        else:
            ends = ARROW.split(line)[::2]
            nodes = [NODE.fullmatch(node.strip()) for end in ends for node in end.split(" & ")]
            assert all(nodes), line
            shaped += [node["id"] for node in nodes if node and node["shape"]]
    assert open_subgraphs == 0
    assert len(shaped) == len(set(shaped)), shaped


@pytest.mark.parametrize("module", CLUSTERS)
def test_shows_what_is_made(module: str) -> None:
    """What a cloud's picture names is of its module, its registry's or `modules/events`; and all of it is there."""
    folder = TERRAFORM / module
    (text,) = PICTURE.findall((folder / "README.md").read_text())
    named = set(KIND.findall(text))
    others = (REGISTRIES[folder.name], "events")
    assert named <= kinds(folder).union(*(kinds(TERRAFORM / "modules" / other) for other in others))
    assert named >= SHOWN[folder.name]
