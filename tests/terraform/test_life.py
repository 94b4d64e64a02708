"""A root's whole life on stub providers: applied, unchanged, gone and back, destroyed; and what it made meanwhile."""

import functools
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from renga_dev.pubsub.table import Table, read
from terraforming import Resource, State, Workspace, pause

CASES = {
    "gcp dev pubsub": ("envs/gcp", "dev", "pubsub"),
    "gcp prod knative": ("envs/gcp", "prod", "knative"),
    "azure dev pubsub": ("envs/azure", "dev", "pubsub"),
    "azure prod knative": ("envs/azure", "prod", "knative"),
}
KNOWN = {("CKV2_RENGA_9", "module.cluster[0].google_redis_instance.this")}
"""What a policy of ours refuses all the same: Memorystore's one password, which its provider reads (SECURITY.md)."""
KEY_MATERIAL = {"google_service_account_key", "google_storage_hmac_key", "random_password", "tls_private_key"}
PROTECTED = {
    "envs/gcp": ("google_container_cluster", "google_redis_instance", "google_sql_database_instance"),
    "envs/azure": ("azurerm_kubernetes_cluster", "azurerm_managed_redis", "azurerm_postgresql_flexible_server"),
}
"""What holds something, by root."""
CHECKED = {
    ("envs/gcp", "dev"): {"CKV2_RENGA_1", "CKV2_RENGA_2", "CKV2_RENGA_4"},
    ("envs/gcp", "prod"): {"CKV2_RENGA_1", "CKV2_RENGA_2", "CKV2_RENGA_4"},
    ("envs/azure", "dev"): {"CKV2_RENGA_7", "CKV2_RENGA_8", "CKV2_RENGA_9"},
    # The last two are whether cluster and registry are private, which only values can say.
    ("envs/azure", "prod"): {"CKV2_RENGA_7", "CKV2_RENGA_8", "CKV2_RENGA_9", "CKV_AZURE_115", "CKV_AZURE_139"},
}
"""What a plan shows to hold, by root and environment; of key material, which is another policy, there is none."""

PAID = {
    "gcp dev pubsub": {
        "1 Cloud NAT": "google_compute_router_nat",
        "2 keys": "google_kms_crypto_key",
        "a forwarding rule and its address": "google_certificate_manager_certificate_map",
        "Redis, basic": "google_redis_instance",
        "PostgreSQL, `db-f1-micro`": "google_sql_database_instance",
    },
    "azure dev pubsub": {
        "1 NAT gateway": "azurerm_nat_gateway",
        "4 private endpoints": "azurerm_private_endpoint",
        "5 private zones": "azurerm_private_dns_zone",
        "application gateway": "azurerm_application_gateway",
        "registry, Premium": "azurerm_container_registry",
        "Redis, `Balanced_B0`": "azurerm_managed_redis",
        "PostgreSQL, `B_Standard_B1ms`": "azurerm_postgresql_flexible_server",
    },
}
"""What docs/cloud.md lists as paid, and what that is here; without a number it is one."""


pytestmark = pytest.mark.timeout(2400)


class Absence(NamedTuple):
    """What happened between gone and back."""

    before: State
    meanwhile: State
    unchanged: int
    """The exit code of a plan while it is gone."""


class Life(NamedTuple):
    """What happened."""

    root: str
    applied: str
    """What Terraform said last."""
    absence: Absence | None
    """Of those with Pub/Sub."""
    unchanged: int
    """The exit code of a plan once all is there: 0 for no difference, 2 for one."""
    destroyed: str
    left: list[Resource]
    """The resources that are still there after that."""
    plan: dict[str, Any]
    state: State

    def resources(self, kind: str) -> list[dict[str, Any]]:
        """The values of every resource of a type."""
        return [each.values for each in self.state.resources if each.type == kind]


def lived(workspace: Workspace, root: str, values: str, broker: str) -> Life:
    """One root with its values, from apply to destroy."""
    given = [f"-var-file={values}.tfvars", f"-var=broker={broker}"]
    state = f"-state={values}.tfstate"
    planned = workspace.run(root, "plan", "-input=false", state, f"-out={values}.tfplan", *given)
    assert planned.returncode == 0, planned.stdout + planned.stderr
    applied = workspace.run(root, "apply", "-input=false", state, f"{values}.tfplan")
    assert applied.returncode == 0, applied.stdout + applied.stderr
    absence = left_and_back(workspace, root, values, *given) if broker == "pubsub" else None
    again = workspace.run(root, "plan", "-input=false", "-detailed-exitcode", state, *given)
    made = workspace.state(root, f"{values}.tfstate")
    destroyed = workspace.run(root, "destroy", "-input=false", "-auto-approve", "-refresh=false", state, *given)
    left = workspace.state(root, f"{values}.tfstate").resources
    plan = workspace.show(root, f"{values}.tfplan")
    said = destroyed.stdout + destroyed.stderr
    return Life(root, applied.stdout, absence, again.returncode, said, left, plan, made)


def left_and_back(workspace: Workspace, root: str, values: str, *given: str) -> Absence:
    """A root that is there: gone, planned, and applied again."""
    name, state = f"{values}.tfstate", f"-state={values}.tfstate"
    before = workspace.state(root, name)
    apply = ("apply", "-input=false", "-auto-approve", "-refresh=false", state, *given)
    pause(workspace.folder(root) / name)
    gone = workspace.run(root, *apply, "-var=gone=true")
    assert gone.returncode == 0, gone.stderr
    meanwhile = workspace.state(root, name)
    again = workspace.run(root, "plan", "-input=false", "-detailed-exitcode", state, *given, "-var=gone=true")
    back = workspace.run(root, *apply)
    assert back.returncode == 0, back.stderr
    return Absence(before, meanwhile, again.returncode)


Lives = Callable[[str], Life]


@pytest.fixture(scope="module")
def lives(workspace: Workspace) -> Lives:
    """The life of each case, lived once."""
    return functools.cache(lambda case: lived(workspace, *CASES[case]))


@pytest.fixture(params=CASES)
def life(request: pytest.FixtureRequest, lives: Lives) -> Life:
    """One root with its values, from apply to destroy."""
    return lives(request.param)


@pytest.fixture(scope="module")
def table(repository: Path) -> Table:
    """The committed topics and subscriptions."""
    return read(repository)


def test_applied_unchanged_destroyed(life: Life) -> None:
    """What was applied is what is planned, and all of it goes again; or, on Azure in prod, nothing does."""
    count = len(life.state.resources)
    assert f"Resources: {count} added, 0 changed, 0 destroyed" in life.applied
    assert life.unchanged == 0
    # Google's providers refuse to delete what is protected, which stubs do not know; on Azure the root itself does.
    if life.root == "envs/azure" and life.plan["variables"]["env"]["value"] == "prod":
        assert "deletion_protection is on" in life.destroyed
        assert len(life.left) == count
    else:
        assert f"Resources: {count} destroyed" in life.destroyed
        assert life.left == []


def kept(state: State) -> list[Resource]:
    """Images, topics and subscriptions, but for whether these push."""
    found = [
        each
        for each in state.resources
        if each.module == "module.registry" or each.type in {"google_pubsub_topic", "google_pubsub_subscription"}
    ]
    return [each._replace(values={**each.values, "push_config": None}) for each in found]


@pytest.mark.parametrize("case", [case for case, (_, _, broker) in CASES.items() if broker == "pubsub"])
def test_gone_and_back(lives: Lives, case: str) -> None:
    """Nothing runs; registry, topics and subscriptions stay as they are, and do not push when the cluster is back."""
    life = lives(case)
    assert life.absence is not None
    before, meanwhile, unchanged = life.absence
    modules = {each.module.partition("[")[0] for each in meanwhile.resources}
    assert modules - {""} == {"module.registry", "module.events"}
    assert not [each for each in meanwhile.resources if each.type == "google_iam_workload_identity_pool_provider"]
    assert unchanged == 0
    assert kept(before)
    assert kept(before) == kept(meanwhile) == kept(life.state)
    assert not any(each["push_config"] for each in life.resources("google_pubsub_subscription"))


def test_the_table_is_what_is_made(life: Life, table: Table) -> None:
    """Topics and subscriptions are those of the table, with its numbers; with the cluster's Broker there are none."""
    topics = {each["name"] for each in life.resources("google_pubsub_topic")}
    subscriptions = {each["name"]: each for each in life.resources("google_pubsub_subscription")}
    if not topics:
        assert not subscriptions
        assert life.plan["variables"]["broker"]["value"] == "knative"
        return
    assert topics == {*table.topics, table.dead_letter_topic}
    assert subscriptions.keys() == {each.name for each in table.subscriptions}
    for wanted in table.subscriptions:
        made = subscriptions[wanted.name]
        assert made["ack_deadline_seconds"] == wanted.ack_deadline_seconds
        assert made["retry_policy"] == [wanted.retry_policy.model_dump()]
        assert made["expiration_policy"] == [{"ttl": wanted.expiration_ttl}]
        attempts = [each["max_delivery_attempts"] for each in made["dead_letter_policy"]]
        assert attempts == ([wanted.max_delivery_attempts] if wanted.max_delivery_attempts else [])


def test_no_key_is_made(life: Life) -> None:
    """Nothing in the state is a key or a password of ours."""
    assert not {each.type for each in life.state.resources} & KEY_MATERIAL


def test_outputs_are_no_secrets(life: Life) -> None:
    """A root puts out nothing that is sensitive."""
    assert life.state.outputs
    assert not [name for name, output in life.state.outputs.items() if output.get("sensitive")]


def test_prod_is_protected(life: Life) -> None:
    """What holds something refuses to be destroyed in prod, and only there."""
    is_prod = life.plan["variables"]["env"]["value"] == "prod"
    locked = {each["scope"] for each in life.resources("azurerm_management_lock")}
    for kind in PROTECTED[life.root]:
        (held,) = life.resources(kind)
        assert held.get("deletion_protection", held["id"] in locked) == is_prod, kind


@pytest.mark.parametrize("case", PAID)
def test_costs_are_of_what_is_made(lives: Lives, repository: Path, case: str) -> None:
    """The page of costs counts what the modules make."""
    page = (repository / "docs/cloud.md").read_text()
    for part, kind in PAID[case].items():
        assert f"\n| {part}" in page
        count = part.partition(" ")[0]
        assert len(lives(case).resources(kind)) == (int(count) if count.isdigit() else 1), part


def test_policies_hold_of_the_plans(lives: Lives, checkov: Any, repository: Path, tmp_path: Path) -> None:
    """With every variable resolved, our own policies hold."""
    files = []
    for case in CASES:
        (tmp_path / f"{case}.json").write_text(json.dumps(lives(case).plan))
        files += ["--file", str(tmp_path / f"{case}.json")]
    policies = repository / "terraform/policies"
    results = checkov(*files, "--framework", "terraform_plan", "--external-checks-dir", str(policies))
    failed = [(each["check_id"], each["resource"], each["file_path"]) for each in results["failed_checks"]]
    assert {each[:2] for each in failed if each[0].startswith("CKV2_RENGA_")} == KNOWN
    for case, (root, values, _) in CASES.items():
        passed = {each["check_id"] for each in results["passed_checks"] if Path(each["file_path"]).stem == case}
        assert passed >= CHECKED[root, values], case
