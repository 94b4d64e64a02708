"""What Envoy is told: a Knative ingress' hosts and paths as its listeners, routes, clusters and addresses."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from onenode.kubernetes import Key, Object

ADMIN = ("127.0.0.1", 9901)
"""Where Envoy tells what it has loaded."""
SIDES = {"external": "ExternalIP", "internal": "ClusterLocal"}
"""The two listeners, and the visibility of the rules that each has."""
TYPE = "type.googleapis.com/envoy."
_CONNECTIONS = f"{TYPE}extensions.filters.network.http_connection_manager.v3.HttpConnectionManager"
_ROUTER = f"{TYPE}extensions.filters.http.router.v3.Router"
_PROTOCOL = "extensions.upstreams.http.v3.HttpProtocolOptions"


class Snapshot(NamedTuple):
    """Everything that follows from the cluster's objects at one time."""

    clusters: dict[str, Object]
    """By name."""
    addresses: dict[str, Object | None]
    """Of each cluster; None where they are found by name."""
    hosts: dict[str, list[Object]]
    """Of each side."""


def bootstrap(folder: Path, address: str, ports: Mapping[str, int]) -> Object:
    """What Envoy starts with: a listener for each side, whose routes and clusters come from files."""
    host, port = ADMIN
    listeners = [_listener(folder, side, address, ports[side]) for side in SIDES]
    return {
        "node": {"id": "ingress", "cluster": "ingress"},
        "admin": {"address": {"socket_address": {"address": host, "port_value": port}}},
        "static_resources": {"listeners": listeners},
        "dynamic_resources": {"cds_config": watched(folder / "cds.json")},
    }


def watched(path: Path) -> Object:
    """A file that Envoy follows."""
    return {"resource_api_version": "V3", "path_config_source": {"path": str(path)}}


def snapshot(
    ingresses: Mapping[Key, Object], services: Mapping[Key, Object], endpoints: Mapping[Key, Object]
) -> Snapshot:
    """What Envoy should have for these objects."""
    found = Snapshot({}, {}, {})
    hosts: dict[str, dict[str, Object]] = {side: {} for side in SIDES}
    for _, ingress in sorted(ingresses.items()):
        for rule in ingress["spec"].get("rules", []):
            paths = rule["http"]["paths"]
            for split in (split for path in paths for split in path["splits"]):
                name = _cluster_name(split)
                found.clusters[name], found.addresses[name] = _backend(split, services, endpoints)
            routes = [_route(path) for path in sorted(paths, key=_rank)]
            for side, visibility in SIDES.items():
                # From within the cluster everything is reachable.
                if rule.get("visibility", "ExternalIP") == visibility or side == "internal":
                    for host in rule["hosts"]:
                        hosts[side][host] = {"name": host, "domains": [host, f"{host}:*"], "routes": routes}
    found.hosts.update({side: list(named.values()) for side, named in hosts.items()})
    return found


def _listener(folder: Path, side: str, address: str, port: int) -> Object:
    connections = {
        "@type": _CONNECTIONS,
        "stat_prefix": side,
        "rds": {"route_config_name": side, "config_source": watched(folder / f"rds-{side}.json")},
        "use_remote_address": True,
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "stream_idle_timeout": "0s",
        "http_filters": [{"name": "router", "typed_config": {"@type": _ROUTER}}],
    }
    return {
        "name": side,
        "address": {"socket_address": {"address": address, "port_value": port}},
        "filter_chains": [{"filters": [{"name": "http", "typed_config": connections}]}],
    }


def _rank(path: Object) -> tuple[int, int]:
    """Envoy takes the first route that matches: longer paths first, and those with headers before the others."""
    return -len(path.get("path") or ""), -len(path.get("headers") or {})


def _route(path: Object) -> Object:
    """One path of a rule."""
    match: Object = {"prefix": path.get("path") or "/"}
    if path.get("headers"):
        match["headers"] = [
            {"name": name, "string_match": {"exact": value["exact"]}} for name, value in sorted(path["headers"].items())
        ]
    # What a split gets that names no percentage.
    whole = 100 if len(path["splits"]) == 1 else 0
    action: Object = {
        "weighted_clusters": {
            "clusters": [
                {
                    "name": _cluster_name(split),
                    "weight": split.get("percent") or whole,
                    "request_headers_to_add": _headers(split.get("appendHeaders")),
                }
                for split in path["splits"]
            ]
        },
        "timeout": "0s",
        "retry_policy": {"retry_on": "connect-failure", "num_retries": 2},
    }
    if path.get("rewriteHost"):
        action["host_rewrite_literal"] = path["rewriteHost"]
    return {"match": match, "route": action, "request_headers_to_add": _headers(path.get("appendHeaders"))}


def _headers(values: Mapping[str, str] | None) -> list[Object]:
    return [
        {"header": {"key": name, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}
        for name, value in sorted((values or {}).items())
    ]


def _cluster_name(split: Object) -> str:
    return f"{split['serviceNamespace']}.{split['serviceName']}.{split['servicePort']}"


def _backend(
    split: Object, services: Mapping[Key, Object], endpoints: Mapping[Key, Object]
) -> tuple[Object, Object | None]:
    """The cluster, and its addresses, of the Service and port that a split names."""
    name, where = _cluster_name(split), (split["serviceNamespace"], split["serviceName"])
    service = services.get(where, {"spec": {}})["spec"]
    cluster: Object = {"name": name, "connect_timeout": "5s", "lb_policy": "LEAST_REQUEST"}
    if service.get("type") == "ExternalName":
        hosts = [(service["externalName"], split["servicePort"])]
        return cluster | {"type": "STRICT_DNS", "load_assignment": _assignment(name, hosts)}, None
    ports = (each for each in service.get("ports", []) if split["servicePort"] in (each["port"], each.get("name")))
    port: Object = next(ports, {})
    cluster |= {"type": "EDS", "eds_cluster_config": {"eds_config": None}}
    if port.get("name", "").startswith(("http2", "h2c")) or port.get("appProtocol") == "kubernetes.io/h2c":
        options = {"@type": f"{TYPE}{_PROTOCOL}", "explicit_http_config": {"http2_protocol_options": {}}}
        cluster["typed_extension_protocol_options"] = {f"envoy.{_PROTOCOL}": options}
    return cluster, _assignment(name, sorted(_ready(endpoints.get(where, {}), port.get("name"))))


def _ready(endpoints: Object, port: str | None) -> Iterable[tuple[str, int]]:
    for subset in endpoints.get("subsets", []):
        for offered in subset.get("ports", []):
            if offered.get("name") == port:
                yield from ((address["ip"], offered["port"]) for address in subset.get("addresses", []))


def _assignment(name: str, hosts: Iterable[tuple[Any, Any]]) -> Object:
    endpoints = [
        {"endpoint": {"address": {"socket_address": {"address": host, "port_value": port}}}} for host, port in hosts
    ]
    return {"cluster_name": name, "endpoints": [{"lb_endpoints": endpoints}]}
