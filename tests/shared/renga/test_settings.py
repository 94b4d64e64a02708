"""Settings from the environment."""

from typing import Literal

import pytest

from renga import Settings
from renga.settings import MissingSettings


class ShopSettings(Settings, env_prefix="SHOP_"):
    """Settings of a shop."""

    url: str
    limit: int
    mode: Literal["open", "closed"] = "open"
    tags: tuple[str, ...] = ()


def test_values_are_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Text becomes what the field says; lists are JSON; what is not set has its default."""
    for name, value in {"SHOP_URL": "x", "SHOP_LIMIT": "7", "SHOP_TAGS": '["a", "b"]'}.items():
        monkeypatch.setenv(name, value)
    assert ShopSettings() == ShopSettings(url="x", limit=7, tags=("a", "b"))


def test_every_fault_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing and wrong settings are told in one message, each with its variable and what was found."""
    monkeypatch.setenv("SHOP_LIMIT", "many")
    monkeypatch.setenv("SHOP_MODE", "ajar")
    with pytest.raises(MissingSettings) as caught:
        ShopSettings()
    message = str(caught.value)
    assert "SHOP_URL is not set" in message
    assert "SHOP_LIMIT='many'" in message
    assert "SHOP_MODE='ajar': input should be 'open' or 'closed'" in message


def test_an_unknown_setting_is_refused() -> None:
    """A misspelt keyword is no setting."""
    with pytest.raises(MissingSettings, match="urll is no setting of ShopSettings"):
        ShopSettings(url="x", limit=1, urll="y")
