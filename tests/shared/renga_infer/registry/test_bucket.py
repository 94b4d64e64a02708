"""Models in a bucket, under the API of S3 itself."""

import contextlib
import json
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import obstore.store
import pytest

import inference
import inference_server
from environments import environment
from hosts import free_port

BUCKET = "models"
PREFIX = "of/ours"

pytestmark = [pytest.mark.connected, pytest.mark.timeout(700)]


@pytest.fixture
def s3(repository: Path, cache: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An emulator of S3 with an empty bucket, as the variables that lead to it."""
    made = environment(cache, repository / "tests" / "terraform" / "moto-requirements.txt")
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (tmp_path / "moto.log").open("wb") as log:
        command = [str(made / "bin" / "python"), "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        until = time.monotonic() + 60
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(urllib.request.Request(f"{url}/{BUCKET}", method="PUT"), timeout=20).close()
                break
            assert process.poll() is None, (tmp_path / "moto.log").read_text()
            assert time.monotonic() < until, "the emulator does not answer"
            time.sleep(0.1)
        yield {
            "AWS_ENDPOINT_URL": url,
            "AWS_ALLOW_HTTP": "true",
            "AWS_REGION": "us-east-1",
            "AWS_ACCESS_KEY_ID": "anybody",
            "AWS_SECRET_ACCESS_KEY": "anybody",
        }
    finally:
        process.kill()
        process.wait()


def test_a_service_serves_a_bucket_within_its_bound_on_disk(
    s3: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Versions below a prefix are listed, fetched and answered; on disk stays what is in memory, and nothing else."""
    for name, value in s3.items():
        monkeypatch.setenv(name, value)
    for version in ("1", "2", "3"):
        inference.publish(tmp_path / "models", version, float(version))
    bucket = obstore.store.from_url(f"s3://{BUCKET}/{PREFIX}")
    for path in (tmp_path / "models").rglob("*.*"):
        obstore.put(bucket, path.relative_to(tmp_path / "models").as_posix(), path.read_bytes())
    obstore.put(bucket, "affine/routing.json", b'{"default": "1"}')
    cache = tmp_path / "cache"

    def on_disk() -> list[str]:
        return sorted(path.parent.name for path in cache.glob("*/affine/*/model.safetensors"))

    with inference_server.started(
        tmp_path / "models",
        tmp_path / "log",
        RENGA_INFER_MODELS=f"s3://{BUCKET}/{PREFIX}",
        RENGA_INFER_CACHE=str(cache),
        RENGA_INFER_CACHE_BYTES="1",
    ) as server:
        server.until_ready()

        def answer(path: str) -> Any:
            said = server.json("POST", f"/v2/models/affine{path}/infer", inference.ask([[1, 2]]))
            return said["model_version"], np.array(said["outputs"][0]["data"]).tolist()

        assert answer("") == ("1", [3.0])
        assert answer("/versions/2") == ("2", [6.0])
        assert on_disk() == ["1", "2"]
        which = json.dumps({"parameters": {"version": "2"}}).encode()
        assert server.call("POST", "/v2/repository/models/affine/unload", which).status == 200
        assert answer("/versions/3") == ("3", [9.0])
        assert on_disk() == ["1", "3"]
        assert server.stop() == 0
