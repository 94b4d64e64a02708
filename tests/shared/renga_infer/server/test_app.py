"""The protocol over HTTP."""

import importlib.metadata
import json
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from prometheus_client.parser import text_string_to_metric_families

import inference
from inference import Reply, ask, call
from renga_infer.protocol.responses import read_response
from renga_infer.server.app import InferenceApp

Test = Callable[[InferenceApp], Coroutine[Any, Any, None]]
INFER = "/v2/models/affine/infer"


@pytest.fixture
def conforms(protocol_document: dict[str, Any]) -> Callable[[str, Any], None]:
    """Checks a value against a schema of the protocol's own document."""

    def check(schema: str, value: Any) -> None:
        Draft202012Validator({**protocol_document, "$ref": f"#/components/schemas/{schema}"}).validate(value)

    return check


def test_every_answer_is_one_of_the_protocols_document(
    running: Callable[..., None], conforms: Callable[[str, Any], None]
) -> None:
    """Metadata, inference and refusals have the form that the protocol's OpenAPI document gives them."""

    async def test(app: InferenceApp) -> None:
        server = await call(app, "GET", "/v2/")
        conforms("metadata_server_response", server.json)
        assert server.json["name"] == "renga_infer"
        assert "binary_tensor_data" in server.json["extensions"]
        for version in ("", "/versions/1", "/versions/2"):
            model = await call(app, "GET", f"/v2/models/affine{version}")
            conforms("metadata_model_response", model.json)
            assert model.json["inputs"] == [{"name": "x", "datatype": "FP64", "shape": [-1, 2]}]
            assert model.json["outputs"] == [{"name": "y", "datatype": "FP64", "shape": [-1]}]
            assert model.json["versions"] == ["1", "2"]
            assert model.json["properties"]["version"] == (version[-1:] or "2")
        body = ask([[1, 2], [3, 4]], id="42")
        conforms("inference_request", json.loads(body))
        for version, expected in (("", [6, 14]), ("/versions/1", [3, 7])):
            answer = await call(app, "POST", f"/v2/models/affine{version}/infer", body)
            conforms("inference_response", answer.json)
            assert (answer.status, answer.headers["content-type"]) == (200, "application/json")
            assert (answer.json["id"], answer.json["model_version"]) == ("42", version[-1:] or "2")
            assert answer.json["outputs"][0]["data"] == expected
        refusal = await call(app, "POST", INFER, b"{}")
        conforms("inference_error_response", refusal.json)
        assert refusal.status == 400

    running(test)


def test_code_without_its_distribution_serves(running: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> None:
    """An image holds the code alone, as one would copy it; the server's version then says so."""
    monkeypatch.setattr(importlib.metadata, "distribution", _of_nothing)

    async def test(app: InferenceApp) -> None:
        assert (await call(app, "GET", "/v2")).json["version"] == "unpackaged"

    running(test)


def _of_nothing(name: str) -> importlib.metadata.Distribution:
    raise importlib.metadata.PackageNotFoundError(name)


def test_health(running: Callable[..., None]) -> None:
    """Live at once; ready when the models are, and no longer when the server stops."""

    async def test(app: InferenceApp) -> None:
        assert (await call(app, "GET", "/v2/health/live")).json == {"live": True}
        before = await call(app, "GET", "/v2/health/ready")
        assert (before.status, before.json["ready"], before.json["error"]) == (
            503,
            False,
            "The models are being loaded.",
        )
        early = await call(app, "POST", INFER, ask([[1, 2]]))
        assert (early.status, early.headers["retry-after"]) == (503, "1")
        await app.registry.start()
        assert (await call(app, "GET", "/v2/health/ready")).json == {"live": True, "ready": True}
        for path in ("/v2/models/affine/ready", "/v2/models/affine/versions/1/ready"):
            assert (await call(app, "GET", path)).json == {"name": "affine", "ready": True}
        await app.registry.unload("affine", "1")
        gone = await call(app, "GET", "/v2/models/affine/versions/1/ready")
        assert (gone.status, gone.json["error"]) == (
            503,
            "The model 'affine', version 1, is not ready: It was unloaded.",
        )
        app.stop()
        assert (await call(app, "GET", "/v2/health/ready")).status == 503

    running(test, start=False)


def test_readiness_may_overlook_a_refused_model(running: Callable[..., None], tmp_path: Path) -> None:
    """By the protocol a server is ready while every model is; a setting takes the others alone."""
    inference.publish(tmp_path, "1", 1.0)
    inference.publish(tmp_path, "1", 1.0, name="broken")
    (tmp_path / "broken" / "1" / "golden.json").unlink()

    async def strict(app: InferenceApp) -> None:
        ready = await call(app, "GET", "/v2/health/ready")
        assert (ready.status, ready.json["error"]) == (
            503,
            "No version of broken can answer: the repository's index says why.",
        )

    async def lenient(app: InferenceApp) -> None:
        assert (await call(app, "GET", "/v2/health/ready")).status == 200
        assert (await call(app, "POST", INFER, ask([[1, 2]]))).status == 200

    running(strict, folder=tmp_path)
    running(lenient, folder=tmp_path, strict_readiness=False)


REFUSED: dict[str, tuple[str, str, bytes, dict[str, str], int, str]] = {
    "an unknown path": ("GET", "/v3", b"", {}, 404, "There is nothing at '/v3'"),
    "an unknown path of a model": ("GET", "/v2/models/affine/config", b"", {}, 404, "There is nothing at"),
    "an unknown path of a version": ("GET", "/v2/models/affine/versions/1/x", b"", {}, 404, "There is nothing at"),
    "versions alone": ("GET", "/v2/models/affine/versions", b"", {}, 404, "There is nothing at"),
    "an unknown path of the repository": ("POST", "/v2/repository/x", b"", {}, 404, "There is nothing at"),
    "another method": ("GET", INFER, b"", {}, 405, "The method is GET; here it is POST."),
    "another method of routing": (
        "POST",
        "/v2/repository/models/affine/routing",
        b"",
        {},
        405,
        "The method is POST; here it is GET or PUT.",
    ),
    "an unknown model": ("POST", "/v2/models/afine/infer", ask([[1, 2]]), {}, 404, "did you mean 'affine'?"),
    "an unknown version": ("POST", "/v2/models/affine/versions/3/infer", ask([[1, 2]]), {}, 404, "there is 1, 2."),
    "a large body": ("POST", INFER, bytes(100_001), {}, 413, "The body has more than 100000 bytes"),
    "a body that will be large": ("POST", INFER, b"", {"content_length": "100001"}, 413, "more than 100000 bytes"),
    "a compressed body": ("POST", INFER, b"", {"content_encoding": "br"}, 415, "encoded as 'br'; send it plain"),
    "a lying header": (
        "POST",
        INFER,
        ask([[1, 2]]),
        {"inference_header_content_length": "x"},
        400,
        "must be the number of bytes of the JSON",
    ),
    "a wrong load": (
        "POST",
        "/v2/repository/models/affine/load",
        b'{"parameters": {"version": 1}}',
        {},
        400,
        "parameters.version is an integer (1); it must be a string",
    ),
    "a wrong default": (
        "POST",
        "/v2/repository/models/affine/load",
        b'{"parameters": {"default": "yes"}}',
        {},
        400,
        "parameters.default is a string ('yes'); it must be true or false",
    ),
    "a load of Triton's": (
        "POST",
        "/v2/repository/models/affine/load",
        b'{"parameters": {"config": "{}"}}',
        {},
        400,
        "parameters.config is unknown; there is default, version.",
    ),
    "a wrong unload": (
        "POST",
        "/v2/repository/models/affine/unload",
        b'{"parameters": {"versions": "1"}}',
        {},
        400,
        "parameters.versions is unknown; did you mean 'version'?",
    ),
    "a wrong index": ("POST", "/v2/repository/index", b'{"ready": 1}', {}, 400, "ready is an integer (1)"),
    "a load of what is not there": ("POST", "/v2/repository/models/x/load", b"", {}, 404, "The store has no model 'x'"),
    "a wrong routing": ("PUT", "/v2/repository/models/affine/routing", b"{}", {}, 400, "default: field required"),
    "no time at all": (
        "POST",
        INFER,
        ask([[1, 2]], parameters={"timeout": "soon"}),
        {},
        400,
        "parameters.timeout is a string ('soon')",
    ),
}


def test_refusals_say_why(running: Callable[..., None]) -> None:
    """Each has its status and one sentence under `error`."""

    async def test(app: InferenceApp) -> None:
        for case, (method, path, body, headers, status, reason) in REFUSED.items():
            reply = await call(app, method, path, body, **headers)
            assert reply.status == status, case
            assert set(reply.json) == {"error"}, case
            assert reason in reply.json["error"], case
        for path, allowed in (
            (INFER, "POST"),
            ("/v2", "GET, HEAD"),
            ("/v2/repository/models/affine/routing", "GET, PUT, HEAD"),
        ):
            assert (await call(app, "PATCH", path)).headers["allow"] == allowed

    running(test)


def test_callers_may_be_kept_from_changing_models(running: Callable[..., None]) -> None:
    """With control off the index is still there to read."""

    async def test(app: InferenceApp) -> None:
        for method, path in (("POST", "load"), ("POST", "unload"), ("PUT", "routing")):
            reply = await call(app, method, f"/v2/repository/models/affine/{path}", b'{"default": "1"}')
            assert (reply.status, "RENGA_INFER_CONTROL is off" in reply.json["error"]) == (400, True)
        assert len((await call(app, "POST", "/v2/repository/index")).json) == 2

    running(test, control=False)


def test_binary_tensors_go_both_ways(running: Callable[..., None]) -> None:
    """Bytes behind the JSON come in and go out as the extension has them."""

    async def test(app: InferenceApp) -> None:
        x = {"name": "x", "datatype": "FP64", "shape": [1, 2], "parameters": {"binary_data_size": 16}}
        head = json.dumps({"inputs": [x], "parameters": {"binary_data_output": True}}).encode()
        reply = await call(
            app,
            "POST",
            INFER,
            head + np.array([3.0, 4.0]).tobytes(),
            inference_header_content_length=str(len(head)),
        )
        assert reply.headers["content-type"] == "application/octet-stream"
        length = int(reply.headers["inference-header-content-length"])
        assert read_response(reply.body, length).outputs[0].data.tolist() == [14]
        assert int(reply.headers["content-length"]) == len(reply.body) == length + 8

    running(test)


def test_the_repository(running: Callable[..., None], tmp_path: Path) -> None:
    """Index, load, routing and unload by hand."""
    inference.publish(tmp_path, "1", 1.0)

    async def test(app: InferenceApp) -> None:
        async def repository(what: str, body: Any = None, method: str = "POST") -> Reply:
            reply = await call(
                app, method, f"/v2/repository/{what}", b"" if body is None else json.dumps(body).encode()
            )
            assert reply.status == 200, reply.body
            return reply

        async def answering() -> str:
            version: str = (await call(app, "POST", INFER, ask([[1, 2]]))).json["model_version"]
            return version

        inference.publish(tmp_path, "2", 2.0)
        await repository("models/affine/load", {"parameters": {"version": "2"}})
        assert await answering() == "1"
        await repository("models/affine/routing", {"default": "2", "shadow": "1"}, "PUT")
        assert await answering() == "2"
        routing = (await repository("models/affine/routing", method="GET")).json
        assert routing == {"default": "2", "split": {}, "sticky": "tenant", "shadow": "1"}
        await repository("models/affine/load", {"parameters": {"version": "1", "default": True}})
        assert await answering() == "1"
        await repository("models/affine/unload", {"parameters": {"version": "2", "unload_dependents": False}})
        ready = {"name": "affine", "version": "1", "state": "READY", "reason": ""}
        gone = {"name": "affine", "version": "2", "state": "UNAVAILABLE", "reason": "It was unloaded."}
        assert (await repository("index")).json == [ready, gone]
        assert (await repository("index", {"ready": True})).json == [ready]
        inference.publish(tmp_path, "3", 3.0)
        (tmp_path / "affine" / "3" / "golden.json").write_text("{}")
        refused = await call(app, "POST", "/v2/repository/models/affine/load")
        assert (refused.status, refused.json["error"][:11]) == (400, "golden.json")
        await repository("models/affine/unload")
        assert (await repository("models/affine/routing", method="GET")).json == {}
        assert len((await call(app, "GET", "/v2/models/affine/stats")).json["model_stats"]) == 3

    running(test, folder=tmp_path)


def test_what_is_counted(running: Callable[..., None]) -> None:
    """Statistics and metrics tell of every request, by model, version and status."""

    async def test(app: InferenceApp) -> None:
        for rows in (1, 3):
            await call(app, "POST", INFER, ask([[1, 2]] * rows))
        await call(app, "POST", INFER, ask([[1, 2, 3]]))
        await call(app, "POST", INFER, b"{")
        stats = (await call(app, "GET", "/v2/models/affine/versions/2/stats")).json["model_stats"]
        assert [one["version"] for one in stats] == ["2"]
        assert (stats[0]["inference_count"], stats[0]["execution_count"]) == (4, 2)
        counts = {name: value["count"] for name, value in stats[0]["inference_stats"].items()}
        assert counts == dict.fromkeys(counts, 2) | {"fail": 1, "cache_hit": 0, "cache_miss": 0}
        sizes = {
            size["batch_size"]: [size[f"compute_{phase}"]["count"] for phase in ("input", "infer", "output")]
            for size in stats[0]["batch_stats"]
        }
        assert sizes == {1: [1, 1, 1], 3: [1, 1, 1]}
        assert stats[0]["last_inference"] > 1_700_000_000_000
        assert len((await call(app, "GET", "/v2/models/affine/stats")).json["model_stats"]) == 2
        assert len((await call(app, "GET", "/v2/models/stats")).json["model_stats"]) == 2
        text = (await call(app, "GET", "/metrics")).body.decode()
        found = {
            (sample.name, sample.labels.get("version"), sample.labels.get("status")): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if "le" not in sample.labels
        }
        assert found["renga_infer_requests_total", "2", "200"] == 2
        assert found["renga_infer_requests_total", "2", "400"] == 1
        assert found["renga_infer_refused_total", None, "400"] == 2
        assert found["renga_infer_rows_total", "2", None] == 4
        assert found["renga_infer_batch_rows_count", "2", None] == 2
        assert found["renga_infer_request_seconds_count", "2", None] == 2
        assert found["renga_infer_ready", "1", None] == 0
        assert found["renga_infer_memory_bytes", "2", None] == 24
        assert found["process_resident_memory_bytes", None, None] > 0

    running(test)


def test_a_fault_of_ours_is_logged_and_told_to_nobody(
    running: Callable[..., None], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A bug is a 500 with one sentence and no traceback; the log has the traceback."""
    monkeypatch.setattr("renga_infer.server.metadata.server_metadata", lambda: 1 / 0)

    async def test(app: InferenceApp) -> None:
        reply = await call(app, "GET", "/v2")
        assert (reply.status, reply.json) == (500, {"error": "The server failed on this request; its log says why."})

    running(test)
    assert "ZeroDivisionError" in caplog.text


def test_other_protocols_are_refused(running: Callable[..., None]) -> None:
    """The application says at once that it speaks HTTP alone."""

    async def test(app: InferenceApp) -> None:
        with pytest.raises(ValueError, match="speaks HTTP, not websocket"):
            await app({"type": "websocket"}, None, None)  # type: ignore[arg-type]  # neither is asked

    running(test)
