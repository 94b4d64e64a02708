"""Parity with Knative as data: of each rule of its contract, whether this runtime enforces it, and what it does if not.

A rule that is said to be enforced has a test that carries its id (`@pytest.mark.rule("D7")`); a test sees to that.
"""

import sys
from dataclasses import dataclass
from typing import Literal

from renga_dev.eventing.policy import Profile

Status = Literal["enforced", "different", "absent"]


@dataclass(frozen=True, slots=True)
class Row:
    """One rule under one delivery profile."""

    id: str
    """`B` ingress, `F` filters, `D` delivery, `S` serving, with a number."""
    title: str
    status: Status
    how: str
    """One sentence: how it is enforced, what is different, or why it is absent."""


@dataclass(frozen=True, slots=True)
class _Rule:
    id: str
    title: str
    status: Status
    how: str
    kafka: tuple[Status, str] | None = None
    """Where the Kafka profile stands otherwise."""


_RULES = (
    _Rule("B1", "Ingress path", "enforced", "404 for / and for an unknown Broker, 400 for any other path."),
    _Rule("B2", "Ingress methods", "enforced", "OPTIONS answers the web hook handshake, other methods get 405."),
    _Rule(
        "B3",
        "Only valid events",
        "different",
        "1.0 and 0.3, binary and structured, anything else is a 400; but header values are percent-decoded as the HTTP"
        " binding asks, ce-datacontenttype is read as Pub/Sub's publishers write it, and numbers with a fraction and"
        " names in upper case are refused.",
    ),
    _Rule(
        "B4",
        "Acceptance",
        "enforced",
        "202 with an empty body, after the event is on disk; 500 where it cannot be written.",
        ("enforced", "202 with an empty body, after the event is on disk; 503 where it cannot be written."),
    ),
    _Rule(
        "B5",
        "Synchronous Broker",
        "different",
        "Without the async annotation 202 waits for all deliveries, with it for the commit, as in Knative; but an"
        " accepted event survives a crash, and a reply whose own delivery fails is not sent a second time.",
        ("enforced", "202 after the commit; the annotation means nothing."),
    ),
    _Rule("B6", "Arrival time and TTL", "enforced", "Stamped and counted down on entry, hidden from subscribers."),
    _Rule("B7", "Header pass-through", "enforced", "x-request-id, retry-after, knative-* and x-b3-* only."),
    _Rule("B8", "Authentication", "absent", "On one machine every publisher is its user; EventPolicy is not acted on."),
    _Rule("F1", "filters over filter", "enforced", "A non-empty `filters` wins; all of it must pass."),
    _Rule("F2", "filter.attributes", "enforced", "Typed, case-sensitive equality; an empty value asks for presence."),
    _Rule("F3", "exact, prefix, suffix", "enforced", "Keys are ANDed; a filter with an empty value is skipped."),
    _Rule("F4", "all, any, not", "enforced", "They nest, and what filters nothing counts for nothing."),
    _Rule(
        "F5",
        "cesql",
        "different",
        "CloudEvents SQL 1.0.0, and any evaluation error is no match; but characters are Unicode's where Knative counts"
        " bytes, arithmetic beyond 32 bits is an error where it wraps around, and so is NOT of an integer but 0 and 1.",
    ),
    _Rule("F6", "Attribute look-up", "enforced", "Absent optional attributes read as empty, time as Go prints it."),
    _Rule(
        "F7",
        "Admission",
        "different",
        "Manifests are checked before anything starts, bad CESQL by line and column; there is no earlier version whose"
        " immutable fields could be compared.",
    ),
    _Rule("D1", "Request", "enforced", "POST in the mode of `format`, with Prefer: reply and Kn-Namespace."),
    _Rule("D2", "Success and retry", "enforced", "2xx; 404, 408, 409, 429, 5xx and no answer are retried."),
    _Rule("D3", "Attempts", "enforced", "1 + retry; a Broker without a delivery block has the cluster's default."),
    _Rule(
        "D4",
        "Backoff",
        "enforced",
        "Exponential d, 2d, 4d; linear 0, d, 2d; without a policy no wait.",
        ("enforced", "Exponential 2d, 4d, 8d; linear d, 2d, 3d."),
    ),
    _Rule(
        "D5",
        "Timeouts",
        "enforced",
        "ISO 8601, per attempt; none where unset; retryAfterMax is refused and Retry-After not read.",
        ("enforced", "ISO 8601, per attempt; 600 s where unset; retryAfterMax is refused and Retry-After not read."),
    ),
    _Rule("D6", "Trigger delivery", "enforced", "A Trigger's delivery block replaces the Broker's whole."),
    _Rule(
        "D7", "Replies", "enforced", "An event goes to the Broker, an empty 2xx is done, anything else fails as 502."
    ),
    _Rule(
        "D8",
        "Reply not accepted",
        "different",
        "A reply is stored in one transaction with its delivery's end, so it is never retried on its own; one without"
        " TTL left sends the original to the dead-letter sink, as in Knative.",
    ),
    _Rule(
        "D9",
        "Dead letters",
        "different",
        "The same attributes; an error body over 768 bytes, which crashes Knative's dispatcher, is cut.",
        ("enforced", "knativeerrordest, -code and -data of the first 1024 bytes; only -dest where nothing answered."),
    ),
    _Rule(
        "D10",
        "Order",
        "enforced",
        "None is promised: deliveries start in order of arrival, and one that waits is overtaken.",
        ("different", "As mt; delivery.order: ordered is not acted on."),
    ),
    _Rule("D11", "At least once", "enforced", "Killed at any point, everything accepted is still delivered."),
    _Rule("D12", "Channels", "absent", "Channel, Subscription, Sequence and Parallel are listed and not acted on."),
    _Rule(
        "S1",
        "Process contract",
        "different",
        "PORT, K_SERVICE, K_CONFIGURATION, K_REVISION, no stdin, no TTY; but PORT is a free one for each replica, and"
        " the environment and file system are this machine's.",
    ),
    _Rule(
        "S2",
        "Request headers",
        "different",
        "Host is kept, the forwarding headers are set, a held request says so; addresses are set apart by a comma and a"
        " space, where a cluster's ingress may leave the space out.",
    ),
    _Rule(
        "S3",
        "Readiness",
        "different",
        "TCP and HTTP probes decide when a replica starts to serve, with a second instead of 100 ms for an answer;"
        " liveness is that the process lives.",
    ),
    _Rule(
        "S4",
        "Revision must become ready",
        "different",
        "A broken function fails `renga up`; a revision unchanged since it last was ready is not tried again, and one"
        " with a startup probe only by its first request.",
    ),
    _Rule(
        "S5",
        "containerConcurrency",
        "enforced",
        "N in flight per replica, 10 N waiting for each, beyond that 503; 10,000 wait in the activator, as long as"
        " there is no room for target-burst-capacity more.",
    ),
    _Rule(
        "S6",
        "Autoscaling",
        "different",
        "Knative's decision every two seconds; without max-scale the limit is one replica per core.",
    ),
    _Rule("S7", "To zero", "enforced", "After the stable window and the retention period without a request."),
    _Rule("S8", "Activation", "enforced", "A request at zero is held; its wait counts against the timeout."),
    _Rule(
        "S9",
        "Timeouts of a revision",
        "different",
        "504 before the answer begins; after it only the idle timeout counts, and breaks the answer off, where Knative"
        " writes its message into it and ends it as if it were whole.",
    ),
    _Rule(
        "S10",
        "Drain",
        "different",
        "SIGTERM when the last request is done, SIGKILL at timeoutSeconds; no 30 s of quiet, because the router knows"
        " at once that none will follow.",
    ),
)


def report(profile: Profile = "mt") -> tuple[Row, ...]:
    """Every rule as it stands under a delivery profile."""
    return tuple(
        Row(rule.id, rule.title, *(rule.kafka if profile == "kafka" and rule.kafka else (rule.status, rule.how)))
        for rule in _RULES
    )


def page() -> str:
    """The report as a page for users, in Markdown: what is different first."""
    rows = report()
    kafka = [row for row, other in zip(report("kafka"), rows, strict=True) if row != other]
    sections = (
        ("Different, and why", [row for row in rows if row.status == "different"]),
        ("Absent, and why", [row for row in rows if row.status == "absent"]),
        ("As in Knative", [row for row in rows if row.status == "enforced"]),
        ("Otherwise with `--profile kafka`", kafka),
    )
    return _HEAD + "".join(f"\n## {title}\n\n{_table(found)}" for title, found in sections)


_HEAD = """<!-- Written by `python -m renga_dev.parity` from shared/renga_dev/parity.py; change it there. -->
# Where the laptop is as Knative, and where it is not

`renga up` follows the rules of Knative's Brokers, Triggers and Services. This is each of them, as `renga up --report`
says it. The table of tests in `tests/contract` plays what is said here over real sockets, for the default Broker (`mt`)
and the Broker for Apache Kafka (`kafka`).
"""


def _table(rows: list[Row]) -> str:
    lines = [f"| {row.id} | {row.title} | {row.how} |\n" for row in rows]
    return "| rule | what | here |\n| --- | --- | --- |\n" + "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(page())
