"""Manifests follow from annotations, and a cluster takes them."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from cluster_schemas import fault
from renga.contract import Deployment
from renga.hosting import HostSettings
from renga.service import Service
from renga_dev.manifests import load, parse
from renga_dev.wiring import manifests
from renga_dev.wiring.discovery import DEAD_LETTERS, EVERYTHING, Declared, Function, Standing


def function(name: str = "schema/parse", *accepts: str, emits: tuple[str, ...] = (), **deployment: Any) -> Function:
    """A function as discovery finds it."""
    return Function(
        name=name,
        target="handle",
        summary="It does.",
        accepts=tuple(Declared(ce_type, "renga_events.schema") for ce_type in accepts),
        emits=tuple(Declared(ce_type, "renga_events.schema") for ce_type in emits),
        may_be_silent=True,
        door=None if accepts else "Request",
        routes=(),
        deployment=Deployment(**deployment),
    )


PARSE = function("schema/parse", "dev.renga.schema.submitted.v1", min_scale=1, max_scale=3, concurrency=4, timeout_s=30)
LEDGER = function("platform/ledger", EVERYTHING)
DESK = function("platform/desk", DEAD_LETTERS, emits=("dev.renga.platform.deadlettered.v1",))
DOOR = function("schema/submit", emits=("dev.renga.schema.submitted.v1",))


INFERENCE = Standing(
    "platform/inference",
    "It serves.",
    Service(("serve", "models"), ready="/ready", live="/live", start_s=61, env=(("A", "b"),)),
)


def documents(text: str) -> list[dict[str, Any]]:
    """The documents of a stream."""
    return list(yaml.safe_load_all(text))


def test_a_service_carries_what_its_decorator_asks_for() -> None:
    """Scaling is in the template's annotations, as texts; limits are in its spec; a name leads back to the folder."""
    service = documents(manifests.function_manifest(PARSE, DESK))[0]
    template = service["spec"]["template"]
    (container,) = template["spec"]["containers"]
    assert service["metadata"]["annotations"] == {"renga.dev/function": "schema/parse"}
    assert template["metadata"]["annotations"] == {
        "autoscaling.knative.dev/min-scale": "1",
        "autoscaling.knative.dev/max-scale": "3",
        "autoscaling.knative.dev/window": "60s",
        "features.knative.dev/http-full-duplex": "Enabled",
    }
    assert (template["spec"]["containerConcurrency"], template["spec"]["timeoutSeconds"]) == (4, 30)
    assert container["env"] == [
        {"name": "FUNCTION_TARGET", "value": "handle"},
        {"name": "RENGA_FUNCTION", "value": "schema/parse"},
    ]
    assert container["resources"]["limits"] == {"memory": "512Mi"}
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_a_function_is_itself_and_may_do_nothing_but_its_work() -> None:
    """It runs as its own service account without a token, not as root, and writes to its scratch folder only."""
    found = documents(manifests.function_manifest(PARSE, DESK))
    pod = found[0]["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    assert [mount["mountPath"] for mount in container["volumeMounts"]] == [manifests.SCRATCH]
    assert Path(HostSettings.renga_state_dir).is_relative_to(manifests.SCRATCH)
    assert [list(volume) for volume in pod["volumes"]] == [["name", "emptyDir"]]
    (account,) = [each for each in found if each["kind"] == "ServiceAccount"]
    assert account["metadata"]["name"] == pod["serviceAccountName"] == "schema-parse"
    assert account["automountServiceAccountToken"] is False


@pytest.mark.parametrize(("each", "woken"), [(DOOR, "http"), (PARSE, "events"), (LEDGER, "events"), (DESK, "events")])
def test_a_label_tells_doors_from_what_is_sent_events(each: Function, woken: str) -> None:
    """Overlays choose by it: a door is called from outside."""
    assert documents(manifests.function_manifest(each, DESK))[0]["metadata"]["labels"]["renga.dev/woken-by"] == woken


def test_an_image_is_of_this_machine_until_an_overlay_says_otherwise() -> None:
    """No registry has it: nothing of that name can be pulled from anywhere."""
    (container,) = manifests.service(PARSE)["spec"]["template"]["spec"]["containers"]
    assert container["image"] == "dev.local/schema-parse:dev"


def test_a_function_sleeps_at_zero_unless_it_asks_not_to() -> None:
    """Without min_scale there is no such annotation."""
    template = documents(manifests.function_manifest(DOOR, DESK))[0]["spec"]["template"]
    assert "autoscaling.knative.dev/min-scale" not in template["metadata"]["annotations"]


def test_what_stays_is_started_in_its_own_time() -> None:
    """Its command, a startup probe as long as it asks for, one replica that stays, and no caller from outside."""
    service, account = documents(manifests.standing_manifest(INFERENCE))
    template = service["spec"]["template"]
    (container,) = template["spec"]["containers"]
    assert account["kind"] == "ServiceAccount"
    assert container["command"] == ["serve", "models"]
    assert container["readinessProbe"]["httpGet"] == {"path": "/ready"}
    assert container["startupProbe"]["httpGet"] == {"path": "/ready", "port": 8080}
    assert container["startupProbe"]["periodSeconds"] * container["startupProbe"]["failureThreshold"] >= 61
    assert template["metadata"]["annotations"]["autoscaling.knative.dev/min-scale"] == "1"
    labels = service["metadata"]["labels"]
    assert (labels["renga.dev/woken-by"], labels["networking.knative.dev/visibility"]) == ("calls", "cluster-local")
    assert container["env"] == [{"name": "A", "value": "b"}]


def test_there_is_one_trigger_for_each_subscription() -> None:
    """Each type has its own, filtered by exactly that type."""
    both = function("schema/both", "dev.renga.schema.parsed.v1", "com.example.Done.v1")
    found = [each for each in documents(manifests.function_manifest(both, DESK)) if each["kind"] == "Trigger"]
    assert [(each["metadata"]["name"], each["spec"]["filters"]) for each in found] == [
        ("schema-both-schema-parsed-v1", [{"exact": {"type": "dev.renga.schema.parsed.v1"}}]),
        ("schema-both-com-example-done-v1", [{"exact": {"type": "com.example.Done.v1"}}]),
    ]


def test_a_long_type_still_makes_a_name() -> None:
    """A Trigger's name keeps to 63 characters and differs where the types differ."""
    one, two = (function("schema/parse", f"dev.renga.{'long.' * 14}{end}.v1") for end in ("one", "two"))
    names = [manifests.triggers(each, DESK)[0]["metadata"]["name"] for each in (one, two)]
    assert len(set(names)) == 2
    assert all(len(name) <= 63 for name in names)


def test_what_hears_everything_has_no_filter_and_no_sink() -> None:
    """Its Trigger passes every event, and it is bound to no sink, because it would hear itself."""
    found = documents(manifests.function_manifest(LEDGER, DESK))
    assert [each["kind"] for each in found] == ["Service", "Trigger", "ServiceAccount"]
    assert "filters" not in found[1]["spec"]


@pytest.mark.parametrize("silent", [DOOR, PARSE, function("schema/silent", "dev.renga.schema.parsed.v1")])
def test_every_other_function_is_bound_to_the_broker(silent: Function) -> None:
    """Also one that answers nothing: it says when an attempt failed."""
    (binding,) = [
        each for each in documents(manifests.function_manifest(silent, DESK)) if each["kind"] == "SinkBinding"
    ]
    assert binding["spec"]["subject"]["name"] == silent.service
    assert binding["spec"]["sink"]["ref"]["kind"] == "Broker"


def test_dead_letters_go_to_the_desk_where_there_is_one() -> None:
    """Those of the Broker and of what hears everything; without a desk there is no dead-letter sink to point at."""
    for documented in (manifests.broker, lambda desk: manifests.function_manifest(LEDGER, desk)):
        with_desk, without = (_delivery(documented(desk)) for desk in (DESK, None))
        assert with_desk["deadLetterSink"]["ref"]["name"] == "platform-desk"
        assert "deadLetterSink" not in without


def test_the_desk_has_no_trigger() -> None:
    """Only what others did not take wakes it; what it says of that goes to the Broker."""
    kinds = [each["kind"] for each in documents(manifests.function_manifest(DESK, DESK))]
    assert kinds == ["Service", "SinkBinding", "ServiceAccount"]


def test_the_local_runtime_reads_what_is_written() -> None:
    """No field is unknown to it and every reference leads somewhere."""
    read = load(parse(_everything(), "generated"))
    (parse_service,) = [service for name, service in read.services.items() if name.name == "schema-parse"]
    assert len(read.services) == 5
    assert (parse_service.scaling.min_scale, parse_service.scaling.max_scale) == (1, 3)
    assert str(parse_service.function) == "schema/parse"


def test_a_cluster_knows_every_field(shared_material: Path) -> None:
    """Each document fits its schema or resource definition with unknown fields refused."""
    definitions = shared_material / "conformance" / "knative-crds"
    assert [said for document in documents(_everything()) if (said := fault(document, definitions))] == []


def test_the_check_against_definitions_refuses_unknown_fields(shared_material: Path) -> None:
    """A misspelt field deep inside is caught, so that the test above means something."""
    definitions = shared_material / "conformance" / "knative-crds"
    service, account = manifests.service(PARSE), manifests.service_account(PARSE)
    service["spec"]["template"]["spec"]["containerConcurency"] = 1
    account["automountServiceAcountToken"] = False
    assert "containerConcurency" in str(fault(service, definitions))
    assert "automountServiceAcountToken" in str(fault(account, definitions))


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, which renders kustomizations offline")
def test_kustomize_renders_the_base(tmp_path: Path) -> None:
    """The kustomization names files that together are all the documents."""
    (tmp_path / "schema-parse.yaml").write_text(manifests.function_manifest(PARSE, None))
    (tmp_path / "broker.yaml").write_text(manifests.broker(None))
    (tmp_path / "kustomization.yaml").write_text(manifests.kustomization(["schema-parse.yaml", "broker.yaml"]))
    rendered = subprocess.run(["kubectl", "kustomize", tmp_path], capture_output=True, check=True, timeout=60)
    kinds = sorted(each["kind"] for each in documents(rendered.stdout.decode()))
    assert kinds == ["Broker", "Service", "ServiceAccount", "SinkBinding", "Trigger"]


def test_every_function_is_to_be_built() -> None:
    """Bake reads their names as the default of a variable."""
    found = json.loads(manifests.images((PARSE, LEDGER, INFERENCE)))
    names = ["platform/inference", "platform/ledger", "schema/parse"]
    assert found == {"variable": {"FUNCTIONS": {"default": names}}}


def test_each_file_says_who_writes_it() -> None:
    """The first line names the command and where the content is decided."""
    first = manifests.function_manifest(PARSE, DESK).splitlines()[0]
    assert (
        first == "# Written by `renga wiring` from the annotations of functions/schema/parse/main.py; change it there."
    )


def _delivery(text: str) -> dict[str, Any]:
    (found,) = [each["spec"]["delivery"] for each in documents(text) if "delivery" in each.get("spec", {})]
    assert isinstance(found, dict)
    return found


def _everything() -> str:
    functions = (PARSE, LEDGER, DOOR, DESK)
    written = [manifests.function_manifest(each, DESK) for each in functions]
    return "---\n".join([manifests.broker(DESK), *written, manifests.standing_manifest(INFERENCE)])
