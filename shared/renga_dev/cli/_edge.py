"""Where commands meet the terminal: errors become sentences and exit statuses, coroutines are run to their end."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, NoReturn, TypeVar

import click

from renga_dev.endpoint import SERVICE, Endpoint, NoRuntime, Refused, find
from renga_dev.suggestion import did_you_mean

T = TypeVar("T")
C = TypeVar("C", bound=Callable[..., Any])

INTERRUPTED = 130
"""The exit status of a command that Ctrl-C ended, as shells have it."""
_AT = "The runtime, or https://{service}.example.org; by default RENGA_URL, or this project's runtime."


class Misuse(click.ClickException):
    """What was asked for cannot be done: exit status 2."""

    exit_code = 2


def at_option(command: C) -> C:
    """`--at URL`."""
    return click.option("--at", metavar="URL", help=_AT)(command)


def json_option(command: C) -> C:
    """`--json`."""
    return click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")(command)


def laptop(at: str | None, *, instead: str = "this asks a runtime of `renga up`") -> str:
    """The URL of the runtime of `renga up` that is meant: the functions of a cluster will not do.

    Args:
        at: the URL that the user gave.
        instead: what is said to who named those.

    Raises:
        Misuse: see `endpoint`; or it names those.
    """
    url = endpoint(at)
    if SERVICE in url:
        raise Misuse(f"{url} is where the functions of a cluster are; {instead}.")
    return url


def endpoint(at: str | None) -> str:
    """The URL of the runtime that is meant, or of the functions of a cluster.

    Raises:
        Misuse: a URL was given that is none.
    """
    try:
        return find(at)
    except ValueError as error:
        raise Misuse(f"{error} A runtime is at a URL such as http://127.0.0.1:8080.") from None


def talk(
    url: str, conversation: Callable[[Endpoint], Coroutine[Any, Any, T]], *, interrupted: Callable[[], str] = str
) -> T:
    """Run a conversation with a runtime; whatever cuts it short becomes a sentence.

    Args:
        url: see `endpoint`.
        conversation: what to do with it.
        interrupted: makes what is said after Ctrl-C.
    """

    async def held() -> T:
        runtime = Endpoint(url)
        try:
            return await conversation(runtime)
        finally:
            runtime.close()

    return run(held, url, interrupted=interrupted)


def run(work: Callable[[], Coroutine[Any, Any, T]], where: str, *, interrupted: Callable[[], str] = str) -> T:
    """Run something that talks to somebody; whatever cuts it short becomes a sentence.

    Args:
        work: what to do.
        where: whom it talks to, for sentences.
        interrupted: makes what is said after Ctrl-C.
    """
    try:
        return asyncio.run(work())
    except NoRuntime as error:
        raise Misuse(str(error)) from None
    except Refused as error:
        raise click.ClickException(str(error)) from None
    except TimeoutError:
        raise click.ClickException(f"{where} has not answered in time.") from None
    except ConnectionError as error:
        raise click.ClickException(f"{where} went away before it answered. {error}") from None
    except KeyboardInterrupt:
        click.echo(interrupted(), err=True)
        sys.exit(INTERRUPTED)


def several(option: str, given: str | None, *, such_as: str) -> tuple[str, ...] | None:
    """What an option names, separated by commas; None where it was not given.

    Raises:
        Misuse: it names nothing.
    """
    if given is None:
        return None
    names = tuple(part.strip() for part in given.split(",") if part.strip())
    if not names:
        raise Misuse(f"{option} names nothing; give names such as {option} {such_as}.")
    return names


def unknown(what: str, name: str, known: Iterable[str]) -> NoReturn:
    """Say that there is no such thing, and which one may have been meant."""
    names = list(known)
    begins = [other for other in names if other.startswith(name)]
    hint = f" Did you mean {begins[0]}?" if len(begins) == 1 else did_you_mean(name, names)
    raise Misuse(f"There is no {what} {name}.{hint}")
