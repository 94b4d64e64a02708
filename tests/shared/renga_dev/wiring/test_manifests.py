"""Manifests follow from annotations, and a cluster takes them."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft4Validator

from renga.contract import Deployment
from renga_dev.manifests import load, parse
from renga_dev.wiring import manifests
from renga_dev.wiring.discovery import DEAD_LETTERS, EVERYTHING, Declared, Function

CRDS = {
    "Service": "serving/service.yaml",
    "Broker": "eventing/broker.yaml",
    "Trigger": "eventing/trigger.yaml",
    "SinkBinding": "eventing/sinkbindings.yaml",
}


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
    }
    assert (template["spec"]["containerConcurrency"], template["spec"]["timeoutSeconds"]) == (4, 30)
    assert container["env"] == [
        {"name": "FUNCTION_TARGET", "value": "handle"},
        {"name": "RENGA_FUNCTION", "value": "schema/parse"},
    ]
    assert container["resources"]["limits"] == {"memory": "512Mi"}
    assert container["readinessProbe"]["httpGet"]["path"] == "/health/ready"
    assert container["livenessProbe"]["httpGet"]["path"] == "/health/live"


def test_a_function_sleeps_at_zero_unless_it_asks_not_to() -> None:
    """Without min_scale there is no such annotation."""
    template = documents(manifests.function_manifest(DOOR, DESK))[0]["spec"]["template"]
    assert "autoscaling.knative.dev/min-scale" not in template["metadata"]["annotations"]


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
    assert [each["kind"] for each in found] == ["Service", "Trigger"]
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
        with_desk, without = (documents(documented(desk))[-1]["spec"]["delivery"] for desk in (DESK, None))
        assert with_desk["deadLetterSink"]["ref"]["name"] == "platform-desk"
        assert "deadLetterSink" not in without


def test_the_desk_has_no_trigger() -> None:
    """Only what others did not take wakes it; what it says of that goes to the Broker."""
    assert [each["kind"] for each in documents(manifests.function_manifest(DESK, DESK))] == ["Service", "SinkBinding"]


def test_the_local_runtime_reads_what_is_written() -> None:
    """No field is unknown to it and every reference leads somewhere."""
    read = load(parse(_everything(), "generated"))
    (parse_service,) = [service for name, service in read.services.items() if name.name == "schema-parse"]
    assert len(read.services) == 4
    assert (parse_service.scaling.min_scale, parse_service.scaling.max_scale) == (1, 3)
    assert str(parse_service.function) == "schema/parse"


def test_a_cluster_knows_every_field(shared_material: Path) -> None:
    """Each document fits its resource definition with unknown fields refused."""
    for document in documents(_everything()):
        path = shared_material / "conformance" / "knative-crds" / CRDS[document["kind"]]
        Draft4Validator(_strict_schema(path, document["apiVersion"])).validate(document)


def test_the_check_against_definitions_refuses_unknown_fields(shared_material: Path) -> None:
    """A misspelt field deep inside is caught, so that the test above means something."""
    service = manifests.service(PARSE)
    service["spec"]["template"]["spec"]["containerConcurency"] = 1
    schema = _strict_schema(shared_material / "conformance/knative-crds/serving/service.yaml", service["apiVersion"])
    assert not Draft4Validator(schema).is_valid(service)


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="needs kubectl, which renders kustomizations offline")
def test_kustomize_renders_the_base(tmp_path: Path) -> None:
    """The kustomization names files that together are all the documents."""
    (tmp_path / "schema-parse.yaml").write_text(manifests.function_manifest(PARSE, None))
    (tmp_path / "broker.yaml").write_text(manifests.broker(None))
    (tmp_path / "kustomization.yaml").write_text(manifests.kustomization(["schema-parse.yaml", "broker.yaml"]))
    rendered = subprocess.run(["kubectl", "kustomize", tmp_path], capture_output=True, check=True, timeout=60)
    kinds = sorted(each["kind"] for each in documents(rendered.stdout.decode()))
    assert kinds == ["Broker", "Service", "SinkBinding", "Trigger"]


def test_each_file_says_who_writes_it() -> None:
    """The first line names the command and where the content is decided."""
    first = manifests.function_manifest(PARSE, DESK).splitlines()[0]
    assert (
        first == "# Written by `renga wiring` from the annotations of functions/schema/parse/main.py; change it there."
    )


def _everything() -> str:
    functions = (PARSE, LEDGER, DOOR, DESK)
    return "---\n".join([manifests.broker(DESK), *(manifests.function_manifest(each, DESK) for each in functions)])


def _strict_schema(path: Path, api_version: str) -> dict[str, Any]:
    definition = yaml.safe_load(path.read_text())
    version = api_version.rpartition("/")[2]
    (schema,) = [each["schema"] for each in definition["spec"]["versions"] if each["name"] == version]
    root: dict[str, Any] = schema["openAPIV3Schema"]
    # The API server knows these three of every object; definitions leave them out.
    root["properties"] |= {"apiVersion": {"type": "string"}, "kind": {"type": "string"}, "metadata": {"type": "object"}}
    _close(root)
    return root


def _close(node: Any) -> None:
    """Refuse unknown fields wherever fields are listed, unless the definition says to keep them."""
    if isinstance(node, list):
        for item in node:
            _close(item)
        return
    if not isinstance(node, dict):
        return
    if node.pop("x-kubernetes-int-or-string", False):
        node.pop("type", None)
    if "properties" in node and not node.get("x-kubernetes-preserve-unknown-fields"):
        node["additionalProperties"] = False
    for child in node.values():
        _close(child)
