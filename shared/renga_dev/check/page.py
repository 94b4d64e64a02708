"""The rules as a page for users, in Markdown: `python -m renga_dev.check.page`."""

import sys
from itertools import groupby
from textwrap import fill

from renga_dev.check import RULES, Example, Rule

FAMILIES = {
    "EVT": "Events in the cluster",
    "PUB": "Events through Pub/Sub",
    "TYP": "Types",
    "LOOP": "Circles",
    "IMG": "Images",
    "PRB": "Probes",
    "CPU": "Cold starts",
    "GPU": "GPUs",
    "FLAG": "Knative's flags",
    "SA": "Identities",
    "STO": "Stores",
}
"""What the rules of a family are about, in the order of the page."""
_WIDTH = 120


def page() -> str:
    """Every rule with its reason, what to do, and its first examples."""
    parts = [_HEAD]
    for family, rules in groupby(RULES, key=lambda rule: rule.family):
        parts.append(f"\n## {FAMILIES[family]}\n")
        parts += map(_section, rules)
    return "".join(parts)


_HEAD = """<!-- Written by `python -m renga_dev.check.page` from shared/renga_dev/check; change it there. -->
# What `renga check` finds

A schema says whether a cluster knows each field. It does not say whether events arrive, end, and are kept when nobody
takes them. `renga check [OVERLAY|DIR|-]` looks at the manifests as a cluster gets them, at what the handlers of the
project answer with, and at the table of Pub/Sub's subscriptions. An error is what a cluster refuses, or what loses or
repeats events, and makes the exit status 1. `--format json` is for machines. `--pinned` asks what only a deployment
can keep.

Every example on this page is a test: the first kind breaks its rule, the second keeps it. Below manifests stand, where
they matter, what handlers take and answer with (`suite/one: a.v1 -> b.v1 | nothing`), and how long
subscriptions wait.
"""


def _section(rule: Rule) -> str:
    asked = ", with `--pinned` only" if rule.pinned else ""
    said = (f"{rule.severity.capitalize()}{asked}. {rule.rationale}", rule.fix)
    reason, fix = (fill(text, _WIDTH, break_long_words=False, break_on_hyphens=False) for text in said)
    return (
        f"\n### {rule.id}: {rule.title}\n\n{reason}\n\n{fix}\n\n"
        f"Breaks it:\n\n{_block(rule.bad[0])}\nKeeps it:\n\n{_block(rule.good[0])}"
    )


def _block(example: Example) -> str:
    notes = "".join(f"# {line}\n" for line in (*example.functions.splitlines(), *example.subscriptions.splitlines()))
    return f"```yaml\n{example.manifests.strip()}\n{notes}```\n"


if __name__ == "__main__":
    sys.stdout.write(page())
