"""Data that is too large to travel, while the store that takes it fails."""

import asyncio
import shutil
from pathlib import Path

import pytest

from renga.claimcheck import ClaimCheck
from renga.fates import Retry
from renga.wire import WireEvent
from renga_events.envelope import Envelope

LARGE = WireEvent(Envelope("1", "/test", "x"), b"large")


def test_a_store_that_fails(tmp_path: Path) -> None:
    """A store that neither takes nor gives is a reason to try again, and works again once it is mended."""
    folder = tmp_path / "blobs"
    claims = ClaimCheck(f"file://{folder}", limit=1)

    async def story() -> None:
        put = await claims.check_in(LARGE)
        shutil.rmtree(folder)
        folder.write_text("in the way")
        with pytest.raises(Retry, match="cannot be put"):
            await claims.check_in(LARGE)
        with pytest.raises(Retry, match="cannot be read"):
            await claims.check_out(put)
        folder.unlink()
        assert await claims.check_out(await claims.check_in(LARGE)) == b"large"

    asyncio.run(story())
