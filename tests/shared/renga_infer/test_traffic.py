"""Versions change under traffic."""

import asyncio
from pathlib import Path

import inference_server
from inference_traffic import traffic


def test_nobody_notices_a_switch(own_models: Path, tmp_path: Path) -> None:
    """While versions are loaded, switched, split, shadowed and unloaded, no request fails and every answer is right.

    `tests/benchmarks/infer_traffic.py` does the same with 200 clients for a minute.
    """
    with inference_server.started(own_models, tmp_path / "log") as server:
        server.until_ready()
        seen = asyncio.run(traffic(server, clients=20, seconds=2, changes=9))
        assert server.stop() == 0
    assert (seen.failures, seen.wrong, seen.changes) == ([], [], 9)
    assert set(seen.answers) == {str(version) for version in range(1, 11)}
