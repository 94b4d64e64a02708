"""What was fetched stays within a bound, and nobody loses what is in use."""

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import inference
from renga_infer.errors import ModelRefusedError
from renga_infer.registry.cache import Cache, Held
from renga_infer.registry.registry import Registry
from renga_infer.registry.stores import Bucket

SIZE = 1000


def filled(cache: Cache, version: str) -> Held:
    """A version of 1000 bytes, held."""
    held = cache.hold("store", "model", version)
    (held.path / "model.safetensors").write_bytes(bytes(SIZE))
    return held


def there(root: Path) -> set[str]:
    """The versions on disk."""
    return {path.name for path in root.glob("*/*/*") if path.is_dir()}


def test_the_least_recently_used_go(tmp_path: Path) -> None:
    """Used is what was held or released; as many go as must, and the newcomer fits."""
    cache = Cache(tmp_path, 3 * SIZE)
    for version, ago_s in (("1", 30), ("2", 20), ("3", 10)):
        filled(cache, version).release()
        # A file system may give all of this one time.
        used = time.time() - ago_s
        os.utime(tmp_path / "store" / "model" / f".{version}.held", (used, used))
    cache.hold("store", "model", "1").release()
    cache.make_room(0)
    assert there(tmp_path) == {"1", "2", "3"}, "a bound that is kept costs nobody anything"
    cache.make_room(SIZE)
    assert there(tmp_path) == {"1", "3"}
    cache.make_room(3 * SIZE)
    assert there(tmp_path) == set()
    Cache(tmp_path, 0).make_room(10**12)


def test_what_is_held_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Even beyond the bound, which the log then says; released twice is released once."""
    cache = Cache(tmp_path, 2 * SIZE)
    first, second = filled(cache, "1"), filled(cache, "2")
    filled(cache, "3").release()
    again = cache.hold("store", "model", "1")
    first.release()
    first.release()
    with caplog.at_level(logging.WARNING):
        cache.make_room(SIZE)
    assert there(tmp_path) == {"1", "2"}
    assert "takes 3000 bytes, and may take 2000: all is in use. Raise RENGA_INFER_CACHE_BYTES" in caplog.text
    again.release()
    cache.make_room(SIZE)
    assert there(tmp_path) == {"2"}
    second.release()


HOLDER = """
import sys, time
from pathlib import Path
from renga_infer.registry.cache import Cache
held = Cache(Path(sys.argv[1]), 0).hold("store", "model", "1")
print("held", flush=True)
time.sleep(60)
"""


def test_another_process_holds_too(tmp_path: Path) -> None:
    """What another process has in memory stays on disk; once that one is killed it may go."""
    cache = Cache(tmp_path, SIZE)
    filled(cache, "1").release()
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        cache.make_room(SIZE)
        assert there(tmp_path) == {"1"}
        holder.send_signal(signal.SIGKILL)
    cache.make_room(SIZE)
    assert there(tmp_path) == set()


READER = """
import random, sys
from pathlib import Path
from renga_infer.registry.stores import Bucket
from renga_infer.registry.versions import read_version
store = Bucket(sys.argv[1], Path(sys.argv[2]), 1)
chance = random.Random(sys.argv[3])
for _ in range(60):
    version = str(chance.randint(1, 3))
    kept = store.fetch("affine", version)
    assert read_version(kept.path, "affine", version).card.version == version
    kept.release()
"""


def test_two_processes_do_not_hurt_each_other(tmp_path: Path) -> None:
    """While both fetch, read and delete the same versions, everything that one of them holds is whole."""
    for version in ("1", "2", "3"):
        inference.publish(tmp_path / "models", version, float(version))
    command = [sys.executable, "-c", READER, f"file://{tmp_path}/models", str(tmp_path / "cache")]
    readers = [
        subprocess.Popen([*command, seed], stderr=subprocess.PIPE, env={**os.environ, "OMP_NUM_THREADS": "1"})
        for seed in "ab"
    ]
    for reader in readers:
        _, said = reader.communicate(timeout=100)
        assert reader.returncode == 0, said.decode()


def test_a_registry_holds_what_it_has_in_memory(tmp_path: Path) -> None:
    """A version stays on disk until it is unloaded, and one that is refused is not held."""
    models, cache = tmp_path / "models", tmp_path / "cache"
    for version in ("1", "2", "3"):
        inference.publish(models, version, float(version))

    async def run() -> None:
        # The bound is less than one version: all goes that nobody holds.
        registry = Registry(Bucket(f"file://{models}", cache, 1))
        await registry.start()
        assert there(cache) == {"3"}
        await registry.load("affine", "1")
        assert there(cache) == {"1", "3"}
        await registry.unload("affine", "1")
        await registry.load("affine", "2")
        assert there(cache) == {"2", "3"}
        (models / "affine" / "1" / "golden.json").write_text("{}")
        with pytest.raises(ModelRefusedError):
            await registry.load("affine", "1")
        assert there(cache) == {"1", "2", "3"}
        await registry.unload("affine", "2")
        inference.publish(models, "4", 4.0)
        await registry.load("affine")
        assert there(cache) == {"3", "4"}
        await registry.close()

    asyncio.run(run())


def test_a_download_that_broke_off_leaves_nothing_to_trip_over(tmp_path: Path) -> None:
    """What was left half is written over, and never taken for the whole."""
    inference.publish(tmp_path / "models", "1", 1.0)
    store = Bucket(f"file://{tmp_path}/models", tmp_path / "cache", 0)
    kept = store.fetch("affine", "1")
    whole = (kept.path / "model.safetensors").read_bytes()
    (kept.path / "model.safetensors").rename(kept.path / "model.safetensors.part")
    (kept.path / "model.safetensors.part").write_bytes(whole + b"more")
    kept.release()
    kept = store.fetch("affine", "1")
    assert (kept.path / "model.safetensors").read_bytes() == whole
    kept.release()
    assert sorted(path.name for path in kept.path.iterdir()) == ["card.json", "golden.json", "model.safetensors"]
