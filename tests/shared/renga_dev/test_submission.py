"""What is handed in."""

import pytest

from renga_dev.submission import NotText, decode_text


def test_a_text_that_breaks_off() -> None:
    """A file that begins as UTF-16 and breaks off is refused by the byte where it does."""
    with pytest.raises(NotText, match="is not UTF-16-LE: byte 4 is 0x61"):
        decode_text("a".encode("utf-16") + b"a")
