"""Schemathesis, which is not ours, asks whatever the protocol's own document allows and much that it does not."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from inference import ask
from inference_server import InferenceServer

CHECKS = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance")
NAMES = {"MODEL_NAME": ["affine", "afine"], "MODEL_VERSION": ["1", "2", "9"]}
"""What is there, and what is not: names of chance alone would never reach a model."""
EXAMPLES = 10
"""Of each operation, beside those that the document's schemas themselves suggest."""


def served(document: dict[str, Any]) -> dict[str, Any]:
    """The document with what it says in its prose alone.

    A path without a version is there too; every refusal has the form of the document's own errors; a request that the
    model takes. Its paths hold shell variables, which OpenAPI has not.
    """
    paths: dict[str, Any] = {}
    error = {"$ref": "#/components/schemas/metadata_model_error_response"}
    refusal = {"description": "A refusal", "content": {"application/json": {"schema": error}}}
    document["components"]["schemas"]["metadata_model_error_response"]["required"] = ["error"]
    for template, item in document["paths"].items():
        path = template.replace("${", "{")
        for parameter in item.get("parameters", ()):
            parameter["schema"]["enum"] = NAMES[parameter["name"]]
        for operation in (item[method] for method in ("get", "post") if method in item):
            operation["responses"] = {"200": operation["responses"]["200"], "default": refusal}
            if "requestBody" in operation:
                operation["requestBody"]["content"]["application/json"]["example"] = json.loads(ask([[1, 2]], id="42"))
        paths[path] = item
        unversioned = path.replace("/versions/{MODEL_VERSION}", "")
        if unversioned != path:
            paths[unversioned] = other = copy.deepcopy(item)
            other["parameters"] = [one for one in other["parameters"] if one["name"] != "MODEL_VERSION"]
            for operation in (other[method] for method in ("get", "post") if method in other):
                operation["operationId"] += "-unversioned"
    return {**document, "paths": paths}


def test_no_request_of_the_documents_brings_the_server_down(
    protocol_document: dict[str, Any], inference_service: InferenceServer, tmp_path: Path
) -> None:
    """No answer is a 5xx, and each has the status, the content type and the schema that the document gives it."""
    document, report = tmp_path / "document.json", tmp_path / "report.json"
    document.write_text(json.dumps(served(protocol_document)))
    command = [str(Path(sys.executable).with_name("schemathesis")), "run", str(document)]
    options = {
        "url": inference_service.url,
        "checks": ",".join(CHECKS),
        "phases": "examples,coverage,fuzzing",
        "max-examples": EXAMPLES,
        "seed": 1,
        "generation-database": "none",
        "report-json-path": report,
    }
    done = subprocess.run(
        [*command, *(f"--{name}={value}" for name, value in options.items())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    said = json.loads(report.read_text())
    assert (said["stop_reason"], said["failures"], said["errors"]) == ("completed", [], [])
    assert said["operations"]["tested"] == said["operations"]["total"] == 9
    assert said["test_cases"]["generated"] > 250
    for path in ("/v2/models/{MODEL_NAME}", "/v2/models/{MODEL_NAME}/versions/{MODEL_VERSION}"):
        seen = said["valid_rates"][f"POST {path}/infer"]["fuzzing"], said["valid_rates"][f"GET {path}"]["fuzzing"]
        # Refusals alone would show little.
        assert all(rates["accepted"] for rates in seen), path
    assert inference_service.process.poll() is None
