"""Circles: which are named, and how."""

import pytest

from renga_dev.check import Example, check
from renga_dev.check.examples import example_cluster

SERVICE = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {{name: s-{0}, annotations: {{renga.dev/function: s/{0}}}}}
---
apiVersion: eventing.knative.dev/v1
kind: Trigger
metadata: {{name: {0}}}
spec:
  broker: default
  {1}
  subscriber: {{ref: {{apiVersion: serving.knative.dev/v1, kind: Service, name: s-{0}}}}}
"""


def loops(functions: str, **filters: str) -> list[tuple[str, str]]:
    """The rule and the message of each circle; `filters` is each function's Trigger."""
    manifests = "---".join(SERVICE.format(name, written) for name, written in filters.items())
    found = check(example_cluster(Example(manifests, functions)))
    return [(finding.rule, finding.message) for finding in found if finding.rule.startswith("LOOP")]


def exact(ce_type: str) -> str:
    """A Trigger's filter."""
    return f"filters: [{{exact: {{type: {ce_type}}}}}]"


def test_a_circle_is_named_step_by_step() -> None:
    """Each function, what it says, and the next; once, however many functions it has."""
    ((rule, message),) = loops(
        "s/a: x.v1 -> y.v1\ns/b: y.v1 -> z.v1\ns/c: z.v1 -> x.v1", a=exact("x.v1"), b=exact("y.v1"), c=exact("z.v1")
    )
    assert rule == "LOOP-ENDLESS"
    circle, _, ending = message.partition(", ")
    assert circle == "it goes round: s-a -- y.v1 --> s-b -- z.v1 --> s-c -- x.v1 --> s-a"
    assert ending == "and none of them may be silent or answer with anything else."


def test_a_way_out_is_named() -> None:
    """Who may end the round, and how."""
    ((rule, message),) = loops(
        "s/a: x.v1 -> y.v1\ns/b: y.v1 -> x.v1 | done.v1 | nothing", a=exact("x.v1"), b=exact("y.v1")
    )
    assert rule == "LOOP-UNBOUNDED"
    assert message.endswith("unless s-b is silent or s-b answers with done.v1.")


def test_two_types_that_stay_in_the_circle_are_no_way_out() -> None:
    """Whichever of its answers it gives, the round goes on."""
    both = "filters: [{any: [{exact: {type: y.v1}}, {exact: {type: z.v1}}]}]"
    ((rule, _),) = loops("s/a: x.v1 -> y.v1 | z.v1\ns/b: y.v1 | z.v1 -> x.v1", a=exact("x.v1"), b=both)
    assert rule == "LOOP-ENDLESS"


@pytest.mark.parametrize(
    "written",
    [
        "filters: [{prefix: {type: x.}}]",
        "filters: [{suffix: {type: .v1}}]",
        "filters: [{all: [{prefix: {type: x.}}, {suffix: {type: .v1}}]}]",
        "filters: [{not: {prefix: {type: y.}}}]",
        "filter: {attributes: {type: x.v1}}",
        "filter: {attributes: {}}",
    ],
)
def test_every_dialect_that_is_about_the_type_counts(written: str) -> None:
    """A function that hears its own answer goes round, however its Trigger says so."""
    assert [rule for rule, _ in loops("s/a: x.v1 -> x.v1", a=written)] == ["LOOP-ENDLESS"]


@pytest.mark.parametrize(
    "written",
    [
        "filters: [{cesql: \"type = 'x.v1' AND round < 3\"}]",
        "filters: [{exact: {type: x.v1, region: eu}}]",
        "filters: [{not: {exact: {type: x.v1}}}]",
        "filters: [{exact: {type: y.v1}}]",
        "filters: [{any: [{exact: {region: eu}}, {exact: {type: y.v1}}]}]",
    ],
)
def test_what_may_not_pass_makes_no_circle(written: str) -> None:
    """Where more than the type decides, or the type is another, nothing is said."""
    assert loops("s/a: x.v1 -> x.v1", a=written) == []


def test_two_circles_are_two_findings() -> None:
    """One in each group of functions that wake one another."""
    found = loops("s/a: x.v1 -> x.v1\ns/b: y.v1 -> y.v1", a=exact("x.v1"), b=exact("y.v1"))
    assert [message.split(" -- ")[0] for _, message in found] == ["it goes round: s-a", "it goes round: s-b"]


def test_a_run_through_pubsub_goes_round_too() -> None:
    """There the table says who is sent what, and no TTL ends it."""
    manifests = """
apiVersion: serving.knative.dev/v1
kind: Service
metadata: {name: s-a, annotations: {renga.dev/function: s/a}}
spec: {template: {spec: {containers: [{env: [{name: K_SINK, value: "pubsub://p"}]}]}}}
"""
    example = Example(manifests, "s/a: x.v1 -> x.v1", "s-a: x.v1 within 600s")
    assert "LOOP-ENDLESS" in {finding.rule for finding in check(example_cluster(example))}
