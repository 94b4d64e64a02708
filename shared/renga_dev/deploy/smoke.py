"""Where a deployment's smoke event goes in, and where its run is told."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit

from renga_dev.deploy.readiness import Seen
from renga_dev.endpoint import LEDGER, SERVICE
from renga_dev.submission import SUBMIT

_WITHIN = ".svc.cluster.local"


class NoWayIn(ValueError):  # noqa: N818 - says what is the case
    """The chain cannot be tried from here; the message says why."""


class Door(NamedTuple):
    """What a smoke event needs to know of an overlay."""

    submit: str
    """The Service of `schema/submit`."""
    ledger: str
    """The Service of `platform/ledger`."""

    def address(self, found: Seen) -> str:
        """Where functions are, with `{service}` in it, as the Services' own addresses say.

        Raises:
            NoWayIn: one of them is reachable from within the cluster only, or they have no form in common.
        """
        urls = {name: found.services[name].status.url for name in self}
        for name, url in urls.items():
            if (urlsplit(url).hostname or "").endswith(_WITHIN):
                raise NoWayIn(f"{name} is reachable from within the cluster only, at {url}.")
        address = urls[self.submit].replace(self.submit, SERVICE, 1)
        if address.replace(SERVICE, self.ledger) != urls[self.ledger]:
            raise NoWayIn(f"{urls[self.submit]} and {urls[self.ledger]} have no form in common: name it with --to.")
        return address


def door(functions: Mapping[str, str]) -> Door | None:
    """The door of an overlay; None where it has none, or no ledger that tells of runs.

    Args:
        functions: the Service of each function: `schema/submit`.
    """
    if SUBMIT not in functions or LEDGER not in functions:
        return None
    return Door(functions[SUBMIT], functions[LEDGER])
