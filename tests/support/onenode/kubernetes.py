"""The little that the ingress needs of a Kubernetes client: standard library only, since it runs beside a node."""

import base64
import http.client
import json
import ssl
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

Object = dict[str, Any]
"""As the API has it."""
Key = tuple[str, str]
"""Namespace and name."""


class Store:
    """All objects of one kind, as the API server has them.

    Args:
        changed: is set whenever something is another.
    """

    def __init__(self, changed: threading.Event) -> None:
        self._changed = changed
        self._objects: dict[Key, Object] = {}
        self.is_whole = False
        """Whether it has been listed at all."""

    def replace(self, objects: list[Object]) -> None:
        """These are all that there are."""
        self._objects = {_key(each): each for each in objects}
        self.is_whole = True
        self._changed.set()

    def happened(self, kind: str, item: Object) -> None:
        """One was added, changed or deleted."""
        if kind == "DELETED":
            self._objects.pop(_key(item), None)
        else:
            self._objects[_key(item)] = item
        self._changed.set()

    def copy(self) -> dict[Key, Object]:
        """What there is now."""
        return dict(self._objects)


class Api:
    """A cluster's API server.

    Args:
        kubeconfig: as `onenode.certificates` writes it.
    """

    def __init__(self, kubeconfig: Path) -> None:
        config = json.loads(kubeconfig.read_text())
        cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
        authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
        self._host = cluster["server"].removeprefix("https://")
        self._tls = ssl.create_default_context(cadata=authority)
        with tempfile.NamedTemporaryFile() as pem:
            for key in ("client-certificate-data", "client-key-data"):
                pem.write(base64.b64decode(user[key]))
            pem.flush()
            self._tls.load_cert_chain(pem.name)

    def open(
        self, method: str, path: str, body: Object | None = None, timeout_s: float = 30
    ) -> http.client.HTTPResponse:
        """One request; the answer is still to be read.

        Raises:
            OSError: nobody answers, or with a status that is no success.
        """
        connection = http.client.HTTPSConnection(self._host, context=self._tls, timeout=timeout_s)
        content = json.dumps(body) if body else None
        connection.request(method, path, content, {"Content-Type": "application/merge-patch+json"})
        response = connection.getresponse()
        if response.status >= 300:
            raise OSError(f"{method} {path}: {response.status} {response.read(500)!r}")
        return response

    def follow(self, path: str, store: Store) -> None:
        """Keep a store as the API server has it; never returns."""
        said = None
        while True:
            try:
                self._follow(path, store)
            except (OSError, ValueError, http.client.HTTPException) as error:
                # As long as Knative is not installed there is nothing to follow.
                if said != str(error):
                    print("following", path, error, flush=True)  # noqa: T201 - the daemon's log
                said = str(error)
                time.sleep(1)

    def _follow(self, path: str, store: Store) -> None:
        listed = json.load(self.open("GET", path))
        store.replace(listed["items"])
        version = listed["metadata"]["resourceVersion"]
        watch = f"{path}?watch=true&resourceVersion={version}&timeoutSeconds=300"
        for line in self.open("GET", watch, timeout_s=330):
            event = json.loads(line)
            if event["type"] == "ERROR":
                return
            store.happened(event["type"], event["object"])


def _key(item: Object) -> Key:
    metadata = item["metadata"]
    return metadata["namespace"], metadata["name"]
