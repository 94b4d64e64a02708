"""Finding the emulator, or starting one."""

import asyncio
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from renga_dev.pubsub.emulator import VARIABLE, NoEmulator, emulator, program


def answers(base: str) -> bool:
    """Whether somebody is there."""
    try:
        with urllib.request.urlopen(f"{base}/", timeout=60) as answer:
            return bool(answer.status == 200)
    except urllib.error.URLError:
        return False


@pytest.mark.connected
def test_one_of_our_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none runs, one is started on a free port, and is gone when it is stopped."""
    if program() is None:
        pytest.skip("there is no Pub/Sub emulator: `gcloud components install pubsub-emulator`, or Debian's package")
    monkeypatch.delenv(VARIABLE, raising=False)

    async def there_and_gone() -> tuple[bool, bool]:
        found = await emulator(tmp_path / "emulator.log")
        there = await asyncio.to_thread(answers, found.base)
        await found.stop()
        return there, await asyncio.to_thread(answers, found.base)

    assert asyncio.run(there_and_gone()) == (True, False)


def test_none_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the Google Cloud CLI the reason says what to install or set."""
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoEmulator, match="gcloud components install"):
        asyncio.run(emulator(tmp_path / "emulator.log"))


def test_one_that_does_not_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An emulator that the environment names is not replaced by another behind the user's back."""
    monkeypatch.setenv(VARIABLE, "127.0.0.1:1")
    with pytest.raises(NoEmulator, match="nothing answers"):
        asyncio.run(emulator(tmp_path / "emulator.log"))
