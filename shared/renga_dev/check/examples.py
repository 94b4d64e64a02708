"""Examples of rules as what rules look at: their manifests, and the lines that stand for handlers and subscriptions."""

import re

from renga_dev.check.cluster import Behaviour, Cluster, Project, cluster
from renga_dev.check.rule import Example
from renga_dev.manifests import parse
from renga_dev.pubsub.table import Subscription

_HANDLER = re.compile(r"(?P<function>[a-z/-]+):(?P<takes>[^>]*?)->(?P<answers>.*)")
_SUBSCRIPTION = re.compile(r"(?P<service>[a-z-]+): (?P<topic>\S+) within (?P<seconds>\d+)s")
_NOTHING = "nothing"


def example_cluster(example: Example) -> Cluster:
    """An example, read.

    Raises:
        ValueError: one of its lines cannot be read.
    """
    behaviours = [_behaviour(line) for line in example.functions.splitlines()]
    project = Project(
        behaviours={behaviour.function: behaviour for behaviour in behaviours},
        subscriptions=tuple(map(_subscription, example.subscriptions.splitlines())),
    )
    return cluster(parse(example.manifests, "example.yaml"), project)


def _behaviour(line: str) -> Behaviour:
    match = _HANDLER.fullmatch(line)
    if match is None:
        raise ValueError(f"{line!r} is no handler, such as `schema/parse: taken.v1 -> answered.v1 | nothing`.")
    answers = {part.strip() for part in match["answers"].split("|")}
    takes = frozenset(part.strip() for part in match["takes"].split("|") if part.strip())
    return Behaviour(
        function=match["function"],
        takes=takes,
        answers=frozenset(answers - {_NOTHING}),
        may_be_silent=_NOTHING in answers,
    )


def _subscription(line: str) -> Subscription:
    match = _SUBSCRIPTION.fullmatch(line)
    if match is None:
        raise ValueError(f"{line!r} is no subscription, such as `schema-parse: taken.v1 within 70s`.")
    service, topic = match["service"], match["topic"]
    return Subscription(
        name=f"{service}.{topic}",
        topic=topic,
        service=service,
        function=service.replace("-", "/", 1),
        ack_deadline_seconds=int(match["seconds"]),
    )
