"""The table of gRPC's messages against the protocol's own description of them."""

import re
from pathlib import Path
from typing import Any

import pytest
from tritonclient.grpc import service_pb2

from renga_infer.server.messages import CLASSES, MESSAGES, PACKAGE

Table = dict[str, dict[str, tuple[int, str]]]
_TOKEN = re.compile(r"message (\w+)|oneof (\w+)|(map<string, *)?(repeated )?([\w.]+)>? (\w+) = (\d+);|([{}])")


def described(proto: str) -> Table:
    """The messages in a .proto file, in the form of the table."""
    found: Table = {}
    within: list[str | None] = []
    entering: str | None = None
    for token in _TOKEN.finditer(re.sub(r"//[^\n]*|service \w+\s*\{.*?\n\}", "", proto, flags=re.DOTALL)):
        message, oneof, mapped, repeated, kind, name, number, brace = token.groups()
        if message:
            entering = ".".join([*(name for name in within if name), message])
            found[entering] = {}
        elif oneof:
            entering = None
        elif brace == "{":
            within.append(entering.rpartition(".")[2] if entering else None)
        elif brace == "}":
            within.pop()
        else:
            path = ".".join(name for name in within if name)
            how = "map " if mapped else "repeated " if repeated else "oneof " if within[-1] is None else ""
            nested = f"{path}.{kind}"
            found[path][name] = (int(number), how + (nested if nested in found else kind))
    return found


@pytest.fixture
def protocols(shared_material: Path) -> Table:
    """The messages of the protocol's own file."""
    path = shared_material / "conformance" / "open-inference" / "open_inference_grpc.proto"
    if not path.is_file():
        pytest.skip(f"no description of the protocol at {path}")
    return described(path.read_text())


def test_the_table_is_the_protocols(protocols: Table) -> None:
    """Every message and field of the protocol's own file is in the table, with its number and its type."""
    assert len(protocols) == 18
    assert {name: fields for name, fields in MESSAGES.items() if name in protocols} == protocols


def test_what_the_protocol_has_not_is_tritons(protocols: Table) -> None:
    """The other messages have the fields, numbers and types that NVIDIA's compiled ones have."""
    others = MESSAGES.keys() - protocols.keys()
    assert len(others) == 14
    for path in others:
        theirs = service_pb2.DESCRIPTOR.pool.FindMessageTypeByName(f"{PACKAGE}.{path}").fields_by_name
        for name, field in CLASSES[path].DESCRIPTOR.fields_by_name.items():
            assert form(field) == form(theirs[name]), f"{path}.{name}"


def form(field: Any) -> tuple[Any, ...]:
    """A field's number and type."""
    return field.number, field.type, field.is_repeated, field.message_type and field.message_type.full_name


def test_the_messages_are_wire_compatible_with_a_compiled_client() -> None:
    """What we write NVIDIA's compiled messages read, and the other way round, in one process."""
    ours = CLASSES["ModelInferRequest"](model_name="links", id="7", raw_input_contents=[b"ab"])
    ours.parameters["timeout"].int64_param = 5
    entry = ours.inputs.add(name="x", datatype="INT64", shape=[2, -1])
    entry.contents.int64_contents.extend([1, -2])
    theirs = service_pb2.ModelInferRequest.FromString(ours.SerializeToString())
    assert theirs.DESCRIPTOR.full_name == f"{PACKAGE}.ModelInferRequest"
    assert str(theirs) == str(ours)
    assert CLASSES["ModelInferRequest"].FromString(theirs.SerializeToString()) == ours
