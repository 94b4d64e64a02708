"""`renga invoke`: one function by HTTP, in this terminal, with no runtime."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import click

from renga_dev.cli._edge import Misuse, endpoint, talk, unknown

if TYPE_CHECKING:
    from renga.http.client import Response
    from renga_dev.endpoint import Endpoint

_TIMEOUT_S = 600.0


@click.command()
@click.argument("function", metavar="SUITE/NAME")
@click.option("-f", "--file", "file", required=True, metavar="FILE", help="What to send; - reads standard input.")
@click.option("-q", "--query", "query", multiple=True, metavar="KEY=VALUE", help="A query parameter.")
@click.option("--at", metavar="URL", help="Call it in a runtime instead of starting it here.")
def command(*, function: str, file: str, query: tuple[str, ...], at: str | None) -> None:
    """Call one function over plain HTTP and print its answer.

    A FILE ending in .json, and standard input that is JSON, is sent as JSON; anything else as plain text. What the
    function answers is published nowhere. Exit status: 0 for an answer, 1 for a refusal.
    """
    body = _read(file)
    content_type = "application/json" if _is_json(file, body) else "text/plain; charset=utf-8"
    pairs = [item.partition("=") for item in query]
    if wrong := [key for key, separator, _ in pairs if not (key and separator)]:
        raise Misuse(f"-q takes KEY=VALUE, not {wrong[0]!r}.")
    target = "?" + urlencode([(key, value) for key, _, value in pairs]) if pairs else ""
    if at is not None:
        url = endpoint(at)
        answer = talk(url, lambda runtime: _post(runtime, runtime.of(function) + target, body, content_type))
    else:
        answer = _alone(function, target, body, content_type)
    _print(answer, function)


def _read(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Misuse(f"{file} cannot be read: {error.strerror}.") from None


def _is_json(file: str, body: bytes) -> bool:
    if file != "-":
        return file.endswith(".json")
    from pydantic_core import from_json

    try:
        return isinstance(from_json(body), dict | list)
    except ValueError:
        return False


def _alone(function: str, target: str, body: bytes, content_type: str) -> "Response":
    import asyncio

    from renga_dev import project
    from renga_dev.alone import DidNotStart, hosted
    from renga_dev.endpoint import Endpoint

    root = project.root()
    if root is None:
        raise Misuse(f"{Path.cwd()} lies in no project: no folder above it holds functions/.")
    known = project.functions(root)
    if function not in known:
        unknown("function", function, known)

    async def call() -> "Response":
        async with hosted(root / "functions" / function, function) as url:
            runtime = Endpoint(url)
            try:
                return await _post(runtime, f"{url}/{target}", body, content_type)
            finally:
                runtime.close()

    try:
        return asyncio.run(call())
    except DidNotStart as error:
        raise click.ClickException(str(error)) from None
    except (ConnectionError, TimeoutError) as error:
        raise click.ClickException(f"{function} went away before it answered. {error}") from None


async def _post(runtime: "Endpoint", url: str, body: bytes, content_type: str) -> "Response":
    headers = [("content-type", content_type)]
    return await runtime.request("POST", url, headers=headers, body=body, timeout_s=_TIMEOUT_S)


def _print(answer: "Response", function: str) -> None:
    from renga_dev.endpoint import detail

    if not 200 <= answer.status < 300:
        raise click.ClickException(f"{function} answered {answer.status}: {detail(answer)}")
    text = answer.body.decode(errors="replace")
    if sys.stdout.isatty() and (answer.header("content-type") or "").startswith("application/json"):
        from rich.console import Console

        Console().print_json(text)
    elif text:
        click.echo(text)
