"""`renga inference`."""

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import inference
from hosts import free_port


def test_a_folder_of_models_is_served_until_ctrl_c(tmp_path: Path) -> None:
    """The options win over the environment, and Ctrl-C ends it with status 0."""
    inference.publish(tmp_path, "1", 1.0)
    port = free_port()
    command = [
        str(Path(sys.executable).with_name("renga")),
        "inference",
        "--models",
        str(tmp_path),
        "--port",
        str(port),
    ]
    process = subprocess.Popen(command, env={**os.environ, "PORT": "1"}, stderr=subprocess.PIPE)
    try:
        deadline = time.monotonic() + 60
        while True:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/v2/models/affine/versions/1/ready") as answer:
                    assert b'"ready":true' in answer.read()
                break
            except urllib.error.URLError:
                assert process.poll() is None, process.stderr and process.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.communicate()
