"""Bodies that are compressed."""

import gzip
import zlib

import pytest

from renga_infer.errors import InferenceError, InvalidRequestError, TooLargeError, UnsupportedEncodingError
from renga_infer.protocol.encodings import plain

BODY = b'{"inputs": []}' * 100


def test_what_was_compressed_comes_back() -> None:
    """Plain, gzip and deflate, in letters of either case; of exactly the largest size too."""
    for encoding, sent in (("identity", BODY), ("gzip", gzip.compress(BODY)), ("deflate", zlib.compress(BODY))):
        for written in (encoding, encoding.upper()):
            assert plain(sent, written, len(BODY)) == BODY


WRONG: dict[str, tuple[bytes, str, type[InferenceError], str]] = {
    "a bomb": (gzip.compress(bytes(10_000_000)), "gzip", TooLargeError, "more than 2000 bytes once it is unpacked"),
    "one byte too many": (gzip.compress(bytes(2001)), "gzip", TooLargeError, "more than 2000 bytes"),
    "cut": (gzip.compress(BODY)[:-9], "gzip", InvalidRequestError, "gzip that was cut"),
    "nothing": (b"", "gzip", InvalidRequestError, "gzip that was cut"),
    "followed": (zlib.compress(BODY) + b"x", "deflate", InvalidRequestError, "has something behind it"),
    "plain": (BODY, "gzip", InvalidRequestError, "said to be gzip, and is not"),
    "a wrong sum": (gzip.compress(BODY)[:-8] + bytes(8), "gzip", InvalidRequestError, "incorrect data check"),
    "the other one": (gzip.compress(BODY), "deflate", InvalidRequestError, "said to be deflate, and is not"),
    "unknown": (BODY, "br", UnsupportedEncodingError, "encoded as 'br'; send it plain, as gzip or as deflate"),
}


@pytest.mark.parametrize(("sent", "encoding", "kind", "reason"), WRONG.values(), ids=WRONG)
def test_what_is_not_so_compressed_is_refused(
    sent: bytes, encoding: str, kind: type[InferenceError], reason: str
) -> None:
    """The refusal says what it was taken for; a bomb is given up at the largest size."""
    with pytest.raises(kind, match=reason):
        plain(sent, encoding, 2000)
