"""A Knative ingress: turns KIngress objects into Envoy's files, and reports those ready that Envoy has loaded.

`python -m onenode.ingress KUBECONFIG FOLDER ADDRESS EXTERNAL_PORT INTERNAL_PORT`. It watches Ingresses of its class,
Services and Endpoints. Envoy is started by somebody else with FOLDER/bootstrap.json and follows the files beside it:
cds.json (a cluster a backend), eds/*.json (their addresses), rds-external.json and rds-internal.json (host to route). A
file is replaced by a rename, which is what Envoy looks for. There is no TLS.
"""

import json
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from onenode.envoy import ADMIN, SIDES, TYPE, Snapshot, bootstrap, snapshot, watched
from onenode.kubernetes import Api, Object, Store
from onenode.settings import INGRESS_CLASS, INGRESS_NAMESPACE

_INGRESSES = "/apis/networking.internal.knative.dev/v1alpha1"
_CLASS = "networking.knative.dev/ingress.class"
_LOADING_S = 10.0
_CONDITIONS = ("LoadBalancerReady", "NetworkConfigured", "Ready")


class NotLoaded(OSError):  # noqa: N818 - says what is the case
    """Envoy has not taken a file in time."""


class Files:
    """Envoy's files in a folder; each is replaced only when its content moves, with a new version."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._written: dict[str, str] = {}
        self._versions: dict[str, str] = {}
        self._loaded: dict[str, str] = {}
        self._clusters: dict[str, Object] = {}
        (folder / "eds").mkdir(parents=True, exist_ok=True)

    def begin(self, address: str, ports: Mapping[str, int]) -> None:
        """Write what Envoy starts with; files that are there already it keeps until they are renewed."""
        if not (self._folder / "bootstrap.json").exists():
            self._put("cds.json", "cluster.v3.Cluster", [])
            for side in SIDES:
                self._put(f"rds-{side}.json", "route.v3.RouteConfiguration", [{"name": side}])
        self._replace("bootstrap.json", bootstrap(self._folder, address, ports))

    def publish(self, found: Snapshot) -> None:
        """Addresses first, then the clusters that use them, then the routes that use those.

        A cluster that is gone stays until no route leads there: until then its requests would be answered 503.

        Raises:
            OSError: Envoy does not take them.
        """
        for name, cluster in found.clusters.items():
            if addresses := found.addresses[name]:
                self._put(f"eds/{name}.json", "endpoint.v3.ClusterLoadAssignment", [addresses])
                cluster["eds_cluster_config"]["eds_config"] = watched(self._folder / "eds" / f"{name}.json")
        self._put_clusters(self._clusters | found.clusters)
        for side, hosts in found.hosts.items():
            self._put(f"rds-{side}.json", "route.v3.RouteConfiguration", [{"name": side, "virtual_hosts": hosts}])
            self._wait(f"rds-{side}.json", f"http.{side}.rds.{side}.version_text")
        self._put_clusters(found.clusters)
        self._clusters = found.clusters
        for path in (self._folder / "eds").glob("*.json"):
            if path.stem not in found.clusters:
                path.unlink()
                self._written.pop(f"eds/{path.name}", None)

    def _put_clusters(self, clusters: Mapping[str, Object]) -> None:
        self._put("cds.json", "cluster.v3.Cluster", [each for _, each in sorted(clusters.items())])
        self._wait("cds.json", "cluster_manager.cds.version_text")

    def _put(self, name: str, kind: str, resources: list[Object]) -> None:
        text = json.dumps(resources)
        if self._written.get(name) != text:
            self._versions[name] = str(time.time_ns())
            typed = [{"@type": f"{TYPE}config.{kind}", **resource} for resource in resources]
            self._replace(name, {"version_info": self._versions[name], "resources": typed})
            self._written[name] = text

    def _replace(self, name: str, content: Object) -> None:
        path = self._folder / name
        new = path.with_name(f"{path.name}.new")
        new.write_text(json.dumps(content))
        new.replace(path)

    def _wait(self, name: str, statistic: str) -> None:
        """Return when Envoy says that it has loaded this version of a file."""
        version, deadline = self._versions[name], time.monotonic() + _LOADING_S
        host, port = ADMIN
        while self._loaded.get(name) != version:
            if time.monotonic() > deadline:
                raise NotLoaded(f"Envoy has not loaded {name}, version {version}")
            time.sleep(0.005)
            with urllib.request.urlopen(f"http://{host}:{port}/stats?filter=^{statistic}$", timeout=2) as reply:
                if f'"{version}"' in reply.read().decode():
                    self._loaded[name] = version


def ready_status(ingress: Object) -> Object:
    """What is said of an Ingress whose routes Envoy has."""
    old = ingress.get("status") or {}
    since = {each["type"]: each["lastTransitionTime"] for each in old.get("conditions", []) if each["status"] == "True"}
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def balancer(side: str) -> Object:
        return {"ingress": [{"domainInternal": f"{side}.{INGRESS_NAMESPACE}.svc.cluster.local"}]}

    return {
        "observedGeneration": ingress["metadata"]["generation"],
        "conditions": [
            {"type": kind, "status": "True", "lastTransitionTime": since.get(kind, now)} for kind in _CONDITIONS
        ],
        "publicLoadBalancer": balancer("external"),
        "privateLoadBalancer": balancer("internal"),
    }


def main(kubeconfig: Path, folder: Path, address: str, ports: Mapping[str, int]) -> None:
    """Serve as long as the node lives; never returns."""
    files = Files(folder)
    files.begin(address, ports)
    api, changed = Api(kubeconfig), threading.Event()
    ingresses, services, endpoints = stores = tuple(Store(changed) for _ in range(3))
    paths = (f"{_INGRESSES}/ingresses", "/api/v1/services", "/api/v1/endpoints")
    for path, store in zip(paths, stores, strict=True):
        threading.Thread(target=api.follow, args=(path, store), daemon=True).start()
    while True:
        changed.wait()
        changed.clear()
        if not all(store.is_whole for store in stores):
            continue
        ours = {
            key: each
            for key, each in ingresses.copy().items()
            if each["metadata"].get("annotations", {}).get(_CLASS) == INGRESS_CLASS
        }
        try:
            files.publish(snapshot(ours, services.copy(), endpoints.copy()))
            for (namespace, name), ingress in ours.items():
                status = ready_status(ingress)
                if status != ingress.get("status") and "deletionTimestamp" not in ingress["metadata"]:
                    _say(f"ready {namespace} {name} {status['observedGeneration']}")
                    where = f"{_INGRESSES}/namespaces/{namespace}/ingresses/{name}/status"
                    api.open("PATCH", where, {"status": status})
        except OSError as error:
            _say(str(error))
            time.sleep(0.5)
            changed.set()


def _say(what: str) -> None:
    print(what, flush=True)  # noqa: T201 - the daemon's log


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], dict(zip(SIDES, map(int, sys.argv[4:]), strict=True)))
