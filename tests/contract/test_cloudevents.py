"""CloudEvents' own conformance material, against a function's host and against a Broker."""

import base64
import http.client
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote

import pytest
import yaml
from pytest_bdd import given, scenario, then, when

from contract.playing import request
from contract.receiver import Receiver, receiving
from contract.rows import Row
from laptop import Laptop
from material import SHARED_MATERIAL

SUITE = SHARED_MATERIAL / "conformance" / "cloudevents"
FEATURE = SUITE / "features" / "http-protocol-binding.feature"
SAMPLES = Path(__file__).parents[1] / "shared/renga/samples"
KINDS = ("binary", "structured")

if not FEATURE.is_file():
    pytest.skip(f"no {FEATURE}", allow_module_level=True)


class Parsed(NamedTuple):
    """An event as it was understood."""

    attributes: dict[str, str]
    data: bytes


class Target:
    """What parses a request: a function's host, or a Broker on its way to a subscriber."""

    def __init__(self, kind: str, laptop: Laptop, receiver: Receiver) -> None:
        self.kind = kind
        self.url = laptop.url
        self.receiver = receiver

    def parse(self, headers: dict[str, str], body: bytes) -> Parsed:
        """Send a request; what was understood."""
        if self.kind == "host":
            answer = request(self.url, "POST", "/", headers | {"host": "heard.default.localhost"}, body)
            assert answer.status == 200, answer.body
            said = json.loads(answer.body)
            return Parsed(said["attributes"], base64.b64decode(said["data"]))
        answer = request(self.url, "POST", "/default/conformance", headers, body)
        assert answer.status == 202, answer.body
        heard = self.receiver.heard("conformance/handler")[-1]
        attributes = {name[3:]: unquote(value) for name, value in heard.headers.items() if name.startswith("ce-")}
        assert attributes.pop("knativearrivaltime")
        if "content-type" in heard.headers:
            attributes["datacontenttype"] = heard.headers["content-type"]
        return Parsed(attributes, heard.body)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Laptop, Receiver]]:
    """A runtime with a function that says what it heard, and a synchronous Broker with a subscriber."""
    folder = tmp_path_factory.mktemp("cloudevents")
    (folder / "functions").symlink_to(SAMPLES)
    container = {"image": "example.org/heard", "env": [{"name": "RENGA_STORE", "value": "none"}]}
    function = {
        "apiVersion": "serving.knative.dev/v1",
        "kind": "Service",
        "metadata": {"name": "heard", "annotations": {"renga.dev/function": "suite/heard"}},
        "spec": {"template": {"spec": {"containers": [container]}}},
    }
    with receiving() as receiver:
        manifests = [function, *Row(id="conformance", rule="", says="").manifests("default", receiver.url)]
        path = folder / "manifests.yaml"
        path.write_text("\n---\n".join(json.dumps(item) for item in manifests))
        laptop = Laptop(folder / "state", project=folder).up("-f", str(path), "--no-verify")
        try:
            yield laptop, receiver
        finally:
            laptop.down()


@pytest.fixture(params=["host", "broker"])
def target(request: pytest.FixtureRequest, running: tuple[Laptop, Receiver]) -> Target:
    """Who is to conform."""
    return Target(request.param, *running)


@pytest.mark.rule("B3")
@scenario(str(FEATURE), "Binary content mode (<contentType>)")
def test_binary(target: Target) -> None:
    """A request in binary mode is the event that the suite says it is."""


@pytest.mark.rule("B3")
@scenario(str(FEATURE), "Structured content mode (<contentType>)")
def test_structured(target: Target) -> None:
    """A request in structured mode is the event that the suite says it is."""


@given("HTTP Protocol Binding is supported")
def supported() -> None:
    """It is."""


@given("an HTTP request", target_fixture="sent")
def sent(docstring: str) -> tuple[dict[str, str], bytes]:
    """The headers and the body of the request as it is written there."""
    head, _, body = docstring.partition("\n\n")
    lines = http.client.parse_headers(io.BytesIO("\r\n".join([*head.split("\n")[1:], "", ""]).encode()))
    headers = {name.lower(): value for name, value in lines.items() if name.lower() != "host"}
    assert int(headers.pop("content-length")) == len(body.encode())
    return headers, body.encode()


@when("parsed as HTTP request", target_fixture="parsed")
def parsed(target: Target, sent: tuple[dict[str, str], bytes]) -> Parsed:
    """Send it."""
    return target.parse(*sent)


@then("the attributes are:")
def attributes_are(datatable: list[list[str]], parsed: Parsed) -> None:
    """Those, and no others."""
    _, *rows = datatable
    assert parsed.attributes == dict(rows)


@then("the data is equal to the following JSON:")
def data_is(docstring: str, parsed: Parsed) -> None:
    """The same JSON."""
    assert json.loads(parsed.data) == json.loads(docstring)


def corpus() -> list[tuple[str, dict[str, Any]]]:
    """The events of the YAML files; every value is text."""
    return [
        (f"{path.name}-{number}", document)
        for path in sorted((SUITE / "yaml").rglob("*.yaml"))
        for number, document in enumerate(yaml.load_all(path.read_text(), yaml.BaseLoader), start=1)
    ]


@pytest.mark.rule("B3")
@pytest.mark.parametrize("mode", KINDS)
@pytest.mark.parametrize("document", [pytest.param(found, id=name) for name, found in corpus()])
def test_corpus(target: Target, document: dict[str, Any], mode: str) -> None:
    """Each event of the suite's files arrives with its attributes, extensions and data, in both modes."""
    attributes = dict(document["ContextAttributes"])
    attributes |= attributes.pop("Extensions", {})
    content_type = attributes.get("datacontenttype")
    data = document["Data"]
    is_json = content_type is None or "json" in content_type
    if mode == "binary":
        headers = {f"ce-{name}": _header(value) for name, value in attributes.items() if name != "datacontenttype"}
        headers |= {"content-type": content_type} if content_type else {}
        found = target.parse(headers | document.get("TransportExtensions", {}), data.encode())
    else:
        body = json.dumps(attributes | {"data": json.loads(data) if is_json else data}).encode()
        found = target.parse({"content-type": "application/cloudevents+json"}, body)
    assert found.attributes == attributes
    if is_json:
        assert json.loads(found.data) == json.loads(data)
    else:
        assert found.data.decode() == data


def _header(value: str) -> str:
    """Percent-encoded where the HTTP binding asks for it."""
    return "".join(char if " " < char < "\x7f" and char not in '"%' else f"%{ord(char):02X}" for char in value)
