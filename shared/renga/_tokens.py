"""What asks a cloud for what opens its stores: a question or two over HTTP, for which no client library is imported."""

from collections.abc import Mapping

_TIMEOUT_S = 5.0


class NoToken(OSError):  # noqa: N818 - says what is the case
    """Who gives tokens cannot be reached, or gives none."""


def ask(method: str, url: str, headers: Mapping[str, str], body: str | None = None) -> tuple[int, str]:
    """The status and the text of the answer.

    Raises:
        OSError: nobody answers within seconds, or not to the end.
    """
    # 15 ms of imports, paid where there is somebody to ask.
    from http.client import HTTPConnection, HTTPException, HTTPSConnection
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    connection = (HTTPSConnection if parts.scheme == "https" else HTTPConnection)(parts.netloc, timeout=_TIMEOUT_S)
    try:
        connection.request(method, parts._replace(scheme="", netloc="").geturl() or "/", body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except HTTPException as error:
        raise OSError(str(error)) from error
    finally:
        connection.close()
