"""The clients of kserve, which are not ours, find what their documentation promises."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from environments import environment
from inference_server import InferenceServer

pytestmark = pytest.mark.timeout(700)
"""The first of these tests on a machine fetches the clients."""

KSERVE = Path(__file__).with_name("kserve")
Found = dict[str, Any]


@pytest.fixture(scope="module")
def found(inference_service: InferenceServer, cache: Path) -> Found:
    """What the clients say of the service; they run in an environment of their own, for they do not resolve here."""
    made = environment(cache, KSERVE / "kserve-requirements.txt", over_suite=True)
    done = subprocess.run(
        [
            str(made / "bin" / "python"),
            str(KSERVE / "client.py"),
            inference_service.url,
            f"127.0.0.1:{inference_service.grpc_port}",
        ],
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said: Found = json.loads(done.stdout)
    return said


WAYS = ("rest", "grpc")
STATUSES = {"rest": (400, 404, 504), "grpc": ("INVALID_ARGUMENT", "NOT_FOUND", "DEADLINE_EXCEEDED")}
REFUSED: dict[str, tuple[int, str]] = {
    # Which of the statuses, and the reason.
    "an unknown output": (0, "has no output 'z'; there is y."),
    "an unknown input": (0, "has no input 'z'; there is x."),
    "another shape": (0, "has the shape [1, 3]; the model takes [-1, 2]"),
    "another datatype": (0, "is FP32; the model takes FP64"),
    "an unknown model": (1, "There is no model 'afine'; did you mean 'affine'?"),
    "no time": (2, "had no answer in time"),
}


@pytest.mark.parametrize("way", WAYS)
def test_health(way: str, found: Found) -> None:
    """`is_server_live`, `is_server_ready` and `is_model_ready`, of a model that is there and of one that is not."""
    assert (found[way]["live"], found[way]["ready"], found[way]["models"]) == (True, True, [True, False])


@pytest.mark.parametrize("case", ["plain", "bytes in", "named"])
@pytest.mark.parametrize("way", WAYS)
def test_inference(way: str, case: str, found: Found) -> None:
    """Data as JSON or in typed fields, or as bytes; the outputs that are named, or all; the id comes back."""
    answer = found[way]["infer"][case]
    assert (answer["id"], answer["model"][0], answer["y"]) == ("42", "affine", ["y", "FP64", [2], [6.0, 14.0]])


def test_the_version_that_answered_comes_back(found: Found) -> None:
    """Over gRPC the default is told, and a version that is named wins; over REST this client reads no version."""
    assert found["grpc"]["infer"]["plain"]["model"] == ["affine", "2"]
    assert found["grpc"]["version 1"]["model"] == ["affine", "1"]
    assert found["grpc"]["version 1"]["y"][-1] == [3.0, 7.0]


@pytest.mark.parametrize("case", ["bytes out", "all bytes"])
def test_the_binary_extension(case: str, found: Found) -> None:
    """Outputs go back as bytes where one asks for it, or the whole request does."""
    answer, content_type = found["rest"]["bytes"][case]
    assert (content_type, answer["y"][-1]) == ("application/octet-stream", [6.0, 14.0])


@pytest.mark.parametrize("case", REFUSED)
@pytest.mark.parametrize("way", WAYS)
def test_refusals_reach_the_client(way: str, case: str, found: Found) -> None:
    """The client raises with the status and the server's sentence."""
    status, reason = REFUSED[case]
    raised, sentence = found[way]["infer"][case]
    assert (raised, reason in sentence) == (STATUSES[way][status], True), sentence
