"""`python -m onenode can|build|up|status|down`: a real Kubernetes with Knative on this machine; see docs/engine.md."""

import argparse
import os
import sys
from pathlib import Path

from onenode.building import READY, build
from onenode.cluster import Cluster
from onenode.machine import lacking
from onenode.running import Failed, timed
from onenode.settings import Places

HOME = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "renga" / "engine"


def main() -> None:
    """Do what is asked; a failure is a sentence and status 1."""
    parser = argparse.ArgumentParser(prog="onenode", description=__doc__)
    parser.add_argument("verb", choices=["can", "build", "up", "status", "down"])
    parser.add_argument("--state", type=Path, default=HOME / "state", help="of the one that runs; goes with it")
    parser.add_argument("--dist", type=Path, default=HOME / "dist", help="what is built once")
    parser.add_argument(
        "--name", default="renga", help="of its network namespace and control group; ten letters at most"
    )
    given = parser.parse_args()
    cluster = Cluster(Places(given.dist.resolve(), given.state.resolve(), given.name))
    try:
        _do(given.verb, cluster)
    except Failed as error:
        logs = cluster.places.logs
        sys.exit(f"{error} Logs are in {logs}." if logs.exists() else str(error))


def _do(verb: str, cluster: Cluster) -> None:
    places = cluster.places
    match verb:
        case "can":
            if sentences := lacking(places):
                sys.exit(" ".join(sentences))
        case "build":
            if not (places.dist / READY).exists():
                build(places)
        case "up":
            with timed("up"):
                cluster.up()
            _say(f"export RENGA_ENGINE={places.state} KUBECONFIG={places.kubeconfig}")
        case "status":
            if cluster.pid is None:
                _say("no node runs")
                return
            _say(f"node: process {cluster.pid}, network namespace {places.name}")
            for part, resident, cached in cluster.memory():
                _say(f"memory {part}: {resident} MiB resident, {cached} MiB page cache")
            _say(cluster.kubectl("get", "nodes,pods", "--all-namespaces"))
        case "down":
            with timed("down"):
                cluster.down()


def _say(what: str) -> None:
    print(what)  # noqa: T201 - what a command says


if __name__ == "__main__":
    main()
