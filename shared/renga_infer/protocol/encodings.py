"""Bodies that are compressed, as Triton's clients may send them."""

import zlib

from renga_infer.errors import InvalidRequestError, TooLargeError, UnsupportedEncodingError

PLAIN = "identity"
_WINDOW_BITS = {"gzip": 31, "deflate": 15}
"""What zlib calls them: https://zlib.net/manual.html, `inflateInit2`."""


def known(encoding: str) -> str:
    """An encoding that the server reads, in lower case.

    Raises:
        UnsupportedEncodingError: it reads no such.
    """
    encoding = encoding.lower()  # RFC 9110, 8.4.1
    if encoding != PLAIN and encoding not in _WINDOW_BITS:
        raise UnsupportedEncodingError(
            f"The body is encoded as {encoding[:40]!r}; send it plain, as {' or as '.join(_WINDOW_BITS)}."
        )
    return encoding


def plain(body: bytes, encoding: str, limit: int) -> bytes:
    """The body as it was before it was compressed; of a bomb, no more than `limit` bytes are ever in memory.

    Raises:
        UnsupportedEncodingError: the server reads no such encoding.
        TooLargeError: it has more than `limit` bytes.
        InvalidRequestError: it is not so encoded, or it was cut.
    """
    encoding = known(encoding)
    if encoding == PLAIN:
        return body
    reader = zlib.decompressobj(_WINDOW_BITS[encoding])
    try:
        whole = reader.decompress(body, limit + 1)
    except zlib.error as error:
        raise InvalidRequestError(f"The body is said to be {encoding}, and is not: {error}.") from None
    if len(whole) > limit:
        raise TooLargeError(f"The body has more than {limit} bytes once it is unpacked: send fewer rows at once.")
    if not reader.eof or reader.unused_data:
        raise InvalidRequestError(f"The body is {encoding} that was cut, or has something behind it: send it whole.")
    return whole
