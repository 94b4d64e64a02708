"""What Google's sources sent before CloudEvents: events of a `context` and `data`, and Pub/Sub's own messages.

They become the CloudEvents that functions-framework makes of them, after the mapping in
functions-framework-conformance, for functions that accept those types.
"""

import re
from typing import Any

from pydantic_core import from_json, to_json

from renga.exchange import HttpRequest
from renga.wire import NotAnEvent, WireEvent, is_json
from renga_events.envelope import Envelope

PUBLISHED = "google.cloud.pubsub.topic.v1.messagePublished"

_PUBSUB = "pubsub.googleapis.com"
_STORAGE = "storage.googleapis.com"
_FIRESTORE = "firestore.googleapis.com"
_AUTH = "firebaseauth.googleapis.com"
_DATABASE = "firebasedatabase.googleapis.com"
_ANALYTICS = "firebase.googleapis.com"

_TYPES = {
    "google.pubsub.topic.publish": (_PUBSUB, PUBLISHED),
    "providers/cloud.pubsub/eventTypes/topic.publish": (_PUBSUB, PUBLISHED),
    "google.storage.object.finalize": (_STORAGE, "google.cloud.storage.object.v1.finalized"),
    "google.storage.object.delete": (_STORAGE, "google.cloud.storage.object.v1.deleted"),
    "google.storage.object.archive": (_STORAGE, "google.cloud.storage.object.v1.archived"),
    "google.storage.object.metadataUpdate": (_STORAGE, "google.cloud.storage.object.v1.metadataUpdated"),
    "providers/cloud.storage/eventTypes/object.change": (_STORAGE, "google.cloud.storage.object.v1.finalized"),
    "providers/firebase.auth/eventTypes/user.create": (_AUTH, "google.firebase.auth.user.v1.created"),
    "providers/firebase.auth/eventTypes/user.delete": (_AUTH, "google.firebase.auth.user.v1.deleted"),
    "providers/google.firebase.analytics/eventTypes/event.log": (
        _ANALYTICS,
        "google.firebase.analytics.log.v1.written",
    ),
} | {
    f"providers/{provider}/eventTypes/{thing}.{verb}": (service, f"{new}.{said}")
    for provider, thing, service, new in (
        ("cloud.firestore", "document", _FIRESTORE, "google.cloud.firestore.document.v1"),
        ("google.firebase.database", "ref", _DATABASE, "google.firebase.database.ref.v1"),
    )
    for verb, said in (("create", "created"), ("write", "written"), ("update", "updated"), ("delete", "deleted"))
}
"""By the old event type: the service that is the source, and the new type."""

_RESOURCES = {
    _STORAGE: re.compile(r"(projects/[^/]+/buckets/[^/]+)/(objects/.+)"),
    _FIRESTORE: re.compile(r"(projects/[^/]+/databases/[^/]+)/(documents/.+)"),
    _DATABASE: re.compile(r"projects/_/(instances/[^/]+)/(refs/.+)"),
    _ANALYTICS: re.compile(r"(projects/[^/]+)/(events/[^/]+)"),
}
"""How the resource of a service divides into the source and the subject."""
_MESSAGE = ("data", "attributes", "messageId", "publishTime", "orderingKey")
_TOPIC = re.compile(r"projects/[^/?]+/topics/[^/?]+")


def event_of(request: HttpRequest) -> WireEvent | None:
    """The CloudEvent of a request in the old form; None where it is anything else.

    It takes all that such a request has to be one: a plain call's JSON may have any shape.

    Raises:
        NotAnEvent: its type is one of those, and its resource is not of that type's shape.
    """
    if request.method != "POST" or not is_json(request.headers.get("content-type")):
        return None
    try:
        found = from_json(request.body)
    except ValueError:
        return None
    if not isinstance(found, dict) or "data" not in found:
        return None
    context = found.get("context", found)
    if not isinstance(context, dict) or context.get("eventType") not in _TYPES:
        return None
    if not all(isinstance(context.get(name), str) for name in ("eventId", "timestamp")) or "resource" not in context:
        return None
    return _converted(context, found["data"], found.get("domain"))


def published(request: HttpRequest) -> WireEvent:
    """The CloudEvent of a wrapped push whose message is none: the message is its data.

    The topic stands in the path of the push endpoint, where whoever made the subscription has put it there.

    Raises:
        NotAnEvent: the message has no id.
    """
    message = from_json(request.body)["message"]
    if not isinstance(message.get("messageId"), str):
        raise NotAnEvent("The pushed message has no messageId.")
    topic = _TOPIC.search(request.path)
    # A push says some of it a second time, in the spelling of another language.
    content = {name: message[name] for name in _MESSAGE if name in message}
    content = {"@type": "type.googleapis.com/google.pubsub.v1.PubsubMessage", "attributes": {}} | content
    source = f"//{_PUBSUB}/{topic[0] if topic else ''}"
    envelope = Envelope(
        message["messageId"], source, PUBLISHED, time=message.get("publishTime"), datacontenttype="application/json"
    )
    return WireEvent(envelope, to_json({"message": content}))


def _converted(context: dict[str, Any], data: Any, domain: Any) -> WireEvent:
    service, ce_type = _TYPES[context["eventType"]]
    given = context["resource"]
    name = given.get("name") if isinstance(given, dict) else given
    if not isinstance(name, str):
        raise NotAnEvent(f"The event of type {context['eventType']} has no resource with a name.")
    subject: str | None = None
    if pattern := _RESOURCES.get(service):
        # Objects in Storage carry their generation behind a hash sign.
        match = pattern.fullmatch(name.partition("#")[0] if service == _STORAGE else name)
        if match is None:
            raise NotAnEvent(f"The resource {name[:200]!r} is none of {service}.")
        name, subject = match.groups()
    if service == _DATABASE:
        if not isinstance(domain, str):
            raise NotAnEvent("The event of a Firebase database has no domain, which says where the database is.")
        location = "us-central1" if domain == "firebaseio.com" else domain.partition(".")[0]
        name = f"projects/_/locations/{location}/{name}"
    if isinstance(data, dict):
        if service == _AUTH:
            data, subject = _user(data)
        elif service == _PUBSUB:
            data = {"message": {"messageId": context["eventId"], "publishTime": context["timestamp"]} | data}
    source = f"//{service}/{name}"
    envelope = Envelope(context["eventId"], source, ce_type, subject, context["timestamp"], "application/json")
    return WireEvent(envelope, to_json(data))


def _user(data: dict[str, Any]) -> tuple[dict[str, Any], str | None]:
    """A user of Firebase Auth: two times have other names now, and the user is the subject."""
    if isinstance(times := data.get("metadata"), dict):
        renamed = {"createdAt": "createTime", "lastSignedInAt": "lastSignInTime"}
        data = data | {"metadata": {renamed.get(name, name): value for name, value in times.items()}}
    return data, f"users/{data['uid']}" if "uid" in data else None
