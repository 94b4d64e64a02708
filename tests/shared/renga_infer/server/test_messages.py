"""The table of gRPC's messages against the protocol's own description of them."""

import re
from pathlib import Path

import pytest

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


def test_the_table_is_the_protocols(shared_material: Path) -> None:
    """Every message and field of the protocol's own file is in the table, with its number and its type."""
    path = shared_material / "conformance" / "open-inference" / "open_inference_grpc.proto"
    if not path.is_file():
        pytest.skip(f"no description of the protocol at {path}")
    theirs = described(path.read_text())
    assert len(theirs) == 18
    ours = {name: fields for name, fields in MESSAGES.items() if name in theirs}
    assert ours == theirs
    assert {name.partition(".")[0] for name in MESSAGES.keys() - theirs.keys()} == {
        "RepositoryIndexRequest",
        "RepositoryIndexResponse",
        "RepositoryModelLoadRequest",
        "RepositoryModelLoadResponse",
        "RepositoryModelUnloadRequest",
        "RepositoryModelUnloadResponse",
        "ModelRepositoryParameter",
    }


def test_the_messages_are_wire_compatible_with_a_compiled_client() -> None:
    """What we write NVIDIA's compiled messages read, and the other way round, in one process."""
    service_pb2 = pytest.importorskip("tritonclient.grpc").service_pb2
    ours = CLASSES["ModelInferRequest"](model_name="links", id="7", raw_input_contents=[b"ab"])
    ours.parameters["timeout"].int64_param = 5
    entry = ours.inputs.add(name="x", datatype="INT64", shape=[2, -1])
    entry.contents.int64_contents.extend([1, -2])
    theirs = service_pb2.ModelInferRequest.FromString(ours.SerializeToString())
    assert theirs.DESCRIPTOR.full_name == f"{PACKAGE}.ModelInferRequest"
    assert str(theirs) == str(ours)
    assert CLASSES["ModelInferRequest"].FromString(theirs.SerializeToString()) == ours
