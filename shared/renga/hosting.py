"""Loads a user's module and stands the application around its function; every host begins here."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from renga.app import FunctionApp
from renga.claimcheck import DEFAULT_LIMIT_BYTES, ClaimCheck
from renga.contract import Contract
from renga.idempotency import store_for
from renga.settings import Settings
from renga.sinks import sink_for

if TYPE_CHECKING:
    from renga.pubsub.identity import PushIdentity


class HostSettings(Settings):
    """What a host reads from the environment; Knative's and functions-framework's names where they have one."""

    host: str = "0.0.0.0"  # noqa: S104 - in a container the port is the contract; the laptop sets HOST
    port: int = 8080
    function_source: str = "main.py"
    function_target: str = "handle"
    k_sink: str = ""
    """Where answers go that cannot be the response: an http URL, or `pubsub://PROJECT`; empty: nowhere."""
    pubsub_emulator_host: str = ""
    """`host:port` of a Pub/Sub emulator, in Pub/Sub's place."""
    renga_push_audience: str = ""
    """The audience of the OIDC tokens that Pub/Sub pushes with; set, nothing wakes the handler without such a token."""
    renga_push_email: str = ""
    """The service account that they must be of."""
    renga_callers: str = ""
    """Besides it, who may call the routes beside such a handler: e-mails, separated by commas."""
    renga_push_certificates: str = ""
    """Where the public keys of their issuer are; Google's by default."""
    renga_function: str = ""
    """`schema/parse`; by default the last two folders of the source."""
    renga_state_dir: str = "/tmp/renga"  # noqa: S108 - the one place a Knative container may always write
    """A folder for what must outlive a request: idempotency and blobs, unless they have URLs."""
    renga_store: str = ""
    """Idempotency: `sqlite:///folder`, `redis://host`, or `none`; by default SQLite in the state folder."""
    renga_blobs: str = ""
    """The blob store of claim checks; by default a folder in the state folder: see `blobs`."""
    renga_claim_check_bytes: int = DEFAULT_LIMIT_BYTES
    renga_max_request_bytes: int = 64 * 1024 * 1024

    @property
    def state(self) -> Path:
        """The state folder, whatever the working folder."""
        return Path(self.renga_state_dir).resolve()

    @property
    def blobs(self) -> str:
        """The URL of the blob store."""
        return self.renga_blobs or f"file://{self.state}/blobs"


def load(source: Path) -> ModuleType:
    """Import a function's module under the name `main`, with its folder on the path, as functions-framework does.

    Raises:
        FileNotFoundError: there is no such file.
        Exception: whatever the module raises.
    """
    if not source.is_file():
        raise FileNotFoundError(f"There is no function at {source}: set FUNCTION_SOURCE.")
    spec = importlib.util.spec_from_file_location("main", source)
    assert spec is not None and spec.loader is not None  # noqa: S101, PT018 - true of every .py file
    module = importlib.util.module_from_spec(spec)
    sys.modules["main"] = module
    sys.path.append(str(source.parent))
    spec.loader.exec_module(module)
    return module


def contract_of(module: ModuleType, target: str) -> Contract:
    """The contract of a module's function.

    Raises:
        LookupError: no such name, or it is not decorated with @function.
    """
    contract = getattr(getattr(module, target, None), "contract", None)
    if not isinstance(contract, Contract):
        decorated = [
            name for name, value in vars(module).items() if isinstance(getattr(value, "contract", None), Contract)
        ]
        known = f"it has {', '.join(decorated)}" if decorated else "decorate a handler with @function"
        raise LookupError(f"{module.__file__} has no function {target!r}: {known}.")  # noqa: TRY004 - a name was looked up
    return contract


def application(contract: Contract, settings: HostSettings, source: Path) -> FunctionApp:
    """The application around a function, with the store, the sink and the blob store that the settings name."""
    folder = source.resolve().parent
    name = settings.renga_function or f"{folder.parent.name}/{folder.name}"
    store_url = settings.renga_store or f"sqlite://{settings.state}"
    return FunctionApp(
        name,
        contract,
        # The desk keeps a letter once by itself; a memory here would swallow one that was dropped and died again.
        store=None if store_url == "none" or contract.takes_dead_letters else store_for(store_url, name),
        sink=sink_for(settings.k_sink, emulator=settings.pubsub_emulator_host) if settings.k_sink else None,
        claims=ClaimCheck(settings.blobs, settings.renga_claim_check_bytes),
        guard=_guard(settings),
    )


def _guard(settings: HostSettings) -> "PushIdentity | None":
    if not settings.renga_push_audience:
        if settings.renga_push_email:
            raise ValueError("RENGA_PUSH_EMAIL is set without RENGA_PUSH_AUDIENCE: no push would be checked. Set both.")
        return None
    from renga.pubsub.identity import CERTIFICATES, PushIdentity

    certificates = settings.renga_push_certificates or CERTIFICATES
    callers = [name.strip() for name in settings.renga_callers.split(",") if name.strip()]
    return PushIdentity(settings.renga_push_audience, settings.renga_push_email, callers, certificates=certificates)
