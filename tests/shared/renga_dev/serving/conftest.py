"""What the tests of serving share."""

import pytest


@pytest.fixture
def dying_slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """For processes that do die: between its sockets and its end a busy machine may let one stand still."""
    monkeypatch.setattr("renga_dev.serving.revision._LAST_MOMENTS_S", 60.0)
