"""What Google's sources sent before CloudEvents arrives as functions-framework would hand it over."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Request
from functions_framework.event_conversion import background_event_to_cloud_event, cloud_event_to_background_event
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from hosts import Collector, Hosted, Start
from renga.exchange import HttpRequest
from renga.legacy import PUBLISHED, event_of
from renga.wire import NotAnEvent

JSON = "application/json"
SUBSCRIPTION = "projects/p/subscriptions/s"
USER = {"uid": "u1", "metadata": {"createdAt": "2020-05-26T10:42:27Z", "other": "kept"}}
CONTEXT = {"eventId": "7", "timestamp": "2020-09-29T11:32:00.000Z"}
OLD = {
    "pubsub": (
        "google.pubsub.topic.publish",
        {"service": "pubsub.googleapis.com", "name": "projects/p/topics/t"},
        {"data": "eA=="},
    ),
    "pubsub-older": (
        "providers/cloud.pubsub/eventTypes/topic.publish",
        "projects/p/topics/t",
        {"data": "eA==", "messageId": "8"},
    ),
    "storage": (
        "google.storage.object.finalize",
        {"service": "storage.googleapis.com", "name": "projects/_/buckets/b/objects/a/b.txt"},
        {"kind": "storage#object"},
    ),
    "storage-older": ("providers/cloud.storage/eventTypes/object.change", "projects/_/buckets/b/objects/o", {}),
    "firestore": (
        "providers/cloud.firestore/eventTypes/document.update",
        "projects/p/databases/(default)/documents/d/1",
        {"value": {"fields": {}}},
    ),
    "auth": ("providers/firebase.auth/eventTypes/user.create", "projects/p", USER),
    "auth-without-user": ("providers/firebase.auth/eventTypes/user.delete", "projects/p", {}),
    "analytics": (
        "providers/google.firebase.analytics/eventTypes/event.log",
        "projects/p/events/session_start",
        {"n": 1},
    ),
    "database": (
        "providers/google.firebase.database/eventTypes/ref.delete",
        "projects/_/instances/i/refs/a/b",
        {"delta": None},
    ),
}


def framework_request(body: bytes, path: str = "/", **headers: str) -> Request:
    """A request as functions-framework gets it."""
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return Request(EnvironBuilder(method="POST", path=path, data=body, headers=Headers(given)).get_environ())


def heard(hosted: Hosted, body: bytes, path: str = "/", **headers: str) -> tuple[dict[str, Any], Any]:
    """Post to the function that says what it heard: attributes and data."""
    answer = hosted.call("POST", path, body, **headers)
    assert answer.status == 200, answer.body
    said = json.loads(answer.body)
    return said["attributes"], json.loads(base64.b64decode(said["data"]))


@pytest.fixture(scope="module")
def hosted(start: Start) -> Hosted:
    """The function that says what it heard."""
    return start("heard", RENGA_STORE="none")


def pairs(shared_material: Path) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """The conformance suite's events by name: as they are sent, and as a function must get them."""
    folder = shared_material / "conformance" / "functions-framework-events"
    found = sorted(folder.glob("*-cloudevent-input.json"))
    return [
        (path.name, json.loads(path.read_text()), json.loads(Path(str(path).replace("input", "output")).read_text()))
        for path in found
    ]


def test_cloudevents_of_the_suite(hosted: Hosted, shared_material: Path) -> None:
    """Google's CloudEvents arrive whole, in both modes."""
    for name, sent, wanted in pairs(shared_material):
        data = json.dumps(sent["data"]).encode()
        binary = {f"ce_{key}": value for key, value in sent.items() if key not in {"data", "datacontenttype"}}
        structured = heard(hosted, json.dumps(sent).encode(), content_type="application/cloudevents+json")
        for attributes, content in (structured, heard(hosted, data, content_type=JSON, **binary)):
            assert attributes == {key: value for key, value in wanted.items() if key != "data"}, name
            # The name of the subscription goes beyond what the suite asks for.
            assert content == sent["data"], name
            assert wanted["data"].items() <= content.items(), name


def test_old_events_of_the_suite(hosted: Hosted, shared_material: Path) -> None:
    """Each event of the suite, made old by functions-framework, arrives as the suite wants it."""
    for name, sent, wanted in pairs(shared_material):
        headers = {f"ce-{key}": value for key, value in sent.items() if key not in {"data", "datacontenttype"}}
        data, context = cloud_event_to_background_event(
            framework_request(json.dumps(sent["data"]).encode(), content_type=JSON, **headers)
        )
        old: dict[str, Any] = {
            "context": {
                "eventId": context.event_id,
                "timestamp": context.timestamp,
                "eventType": context.event_type,
                "resource": context.resource,
            },
            "data": data,
        }
        if "firebasedatabase" in sent["source"]:
            location = sent["source"].split("/locations/")[1].split("/")[0]
            old["domain"] = "firebaseio.com" if location == "us-central1" else f"{location}.firebasedatabase.app"
        attributes, content = heard(hosted, json.dumps(old).encode(), content_type=JSON)
        assert attributes == {key: value for key, value in wanted.items() if key != "data"}, name
        assert content == wanted["data"], name


@pytest.mark.parametrize("name", OLD)
@pytest.mark.parametrize("flat", [False, True], ids=["context", "flat"])
def test_as_functions_framework(hosted: Hosted, name: str, *, flat: bool) -> None:
    """Every kind of old event, with its context apart or not, becomes what functions-framework makes of it."""
    event_type, resource, data = OLD[name]
    context = CONTEXT | {"eventType": event_type, "resource": resource}
    old = (context if flat else {"context": context}) | {"data": data, "domain": "europe-west1.firebasedatabase.app"}
    body = json.dumps(old).encode()
    theirs = background_event_to_cloud_event(framework_request(body, content_type=JSON))
    attributes, content = heard(hosted, body, content_type=JSON)
    assert attributes == theirs.get_attributes()
    assert content == theirs.data


@pytest.mark.parametrize("path", ["/", "/projects/p/topics/t"])
def test_messages_of_pubsub(start: Start, sink: Collector, path: str) -> None:
    """A wrapped push that is no CloudEvent becomes a messagePublished, as functions-framework does it."""
    message = {"data": "eA==", "attributes": {"Colour": "red"}, "messageId": "9", "publishTime": "2020-09-29T11:32:00Z"}
    said_twice = {"message_id": "9", "publish_time": "2020-09-29T11:32:00Z"}
    body = json.dumps({"subscription": SUBSCRIPTION, "message": message | said_twice}).encode()
    theirs = background_event_to_cloud_event(framework_request(body, path, content_type=JSON))
    # A push takes no answer, so what the function heard is published.
    hosted = start("heard", K_SINK=sink.url)
    assert hosted.call("POST", path, body, content_type=JSON).status == 204
    said = json.loads(sink.received[0][1])
    assert said["attributes"] == theirs.get_attributes()
    assert said["attributes"]["type"] == PUBLISHED
    assert json.loads(base64.b64decode(said["data"])) == theirs.data


def test_only_who_accepts_the_type(start: Start, sink: Collector) -> None:
    """A function that accepts no such type takes such a body as the plain call that it may be."""
    context = CONTEXT | {"eventType": "google.pubsub.topic.publish", "resource": "projects/p/topics/t"}
    body = json.dumps({"about": "old", "context": context, "data": {}}).encode()
    hosted = start("outcomes", K_SINK=sink.url)
    assert hosted.call("POST", "/", body, content_type=JSON).status == 204
    push = json.dumps({"subscription": SUBSCRIPTION, "message": {"data": "eA==", "messageId": "9"}}).encode()
    assert hosted.call("POST", "/", push, content_type=JSON).status == 400


@pytest.mark.parametrize(
    "change",
    [
        {"eventType": "google.unheard.of"},
        {"eventType": 5},
        {"eventId": None},
        {"timestamp": 5},
    ],
)
def test_half_of_it_is_no_event(change: dict[str, Any]) -> None:
    """What has not all that an old event has is none."""
    context = CONTEXT | {"eventType": "google.pubsub.topic.publish", "resource": "projects/p/topics/t"} | change
    body = json.dumps({"context": context, "data": {}}).encode()
    assert event_of(HttpRequest("POST", "/", {"content-type": JSON}, body)) is None


@pytest.mark.parametrize("body", [b'{"eventType"', b'["eventType"]', b'{"eventType": "google.pubsub.topic.publish"}'])
def test_other_bodies_are_no_event(body: bytes) -> None:
    """No JSON, no object and no data is no event, however it is called."""
    assert event_of(HttpRequest("POST", "/", {"content-type": JSON}, body)) is None


@pytest.mark.parametrize(
    ("event_type", "resource", "fault"),
    [
        ("google.storage.object.finalize", "projects/_/buckets/b", "none of storage"),
        ("google.pubsub.topic.publish", {"service": "pubsub.googleapis.com"}, "no resource with a name"),
        ("providers/google.firebase.database/eventTypes/ref.write", "projects/_/instances/i/refs/a", "no domain"),
    ],
)
def test_wrong_resources_are_named(event_type: str, resource: Any, fault: str) -> None:
    """An event of a known type whose resource cannot be read is a fault, not a plain call."""
    body = json.dumps({"context": CONTEXT | {"eventType": event_type, "resource": resource}, "data": {}}).encode()
    with pytest.raises(NotAnEvent, match=fault):
        event_of(HttpRequest("POST", "/", {"content-type": JSON}, body))


def test_objects_with_a_generation() -> None:
    """The generation of an object, which some of Storage's events name, is no part of its name."""
    resource = "projects/_/buckets/b/objects/o#1587627537231057"
    context = CONTEXT | {"eventType": "google.storage.object.delete", "resource": resource}
    body = json.dumps({"context": context, "data": {}}).encode()
    event = event_of(HttpRequest("POST", "/", {"content-type": JSON}, body))
    assert event is not None
    assert event.envelope.subject == "objects/o"
