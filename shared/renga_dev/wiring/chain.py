"""Who answers what with what: the table that the ledger awaits events by, and the picture of it for people."""

import json
from collections.abc import Iterable, Mapping

from renga_dev.wiring.discovery import Function
from renga_dev.wiring.vocabulary import short_name
from renga_events.base import Event

BEGIN = "<!-- chain:begin -->"
END = "<!-- chain:end -->"


def chain_table(functions: Iterable[Function], types: Mapping[str, type[Event]]) -> str:
    """By type: its consumers, and what each answers with one of.

    Those that hear everything are left out, and those whose answers are all said beside a run: no run waits for them,
    and none fails with them.

    For a function that may answer nothing the list is empty: nobody can wait for what need not come.
    """
    table: dict[str, dict[str, list[str]]] = {}
    for function in functions:
        if function.answers and all(types[ce_type].aside for ce_type in function.answers if ce_type in types):
            continue
        for ce_type in function.consumes:
            table.setdefault(ce_type, {})[function.name] = [] if function.may_be_silent else sorted(function.answers)
    return json.dumps(table, indent=2, sort_keys=True) + "\n"


def picture(functions: Iterable[Function], types: Mapping[str, type[Event]]) -> str:
    """A Mermaid flowchart: functions are boxes, events are arrows; an event that nobody takes is an end."""
    functions = tuple(functions)
    consumers = {
        ce_type: [function for function in functions if ce_type in function.consumes]
        for function in functions
        for ce_type in (*function.answers, *function.consumes)
    }
    nodes, arrows = [], []
    for function in functions:
        nodes.append(f"    {_id(function.name)}[{function.name}]")
        if function.door:
            arrows.append(f"    http([HTTP]) --> {_id(function.name)}")
        if function.hears_everything:
            arrows.append(f"    everything([every event]) -.-> {_id(function.name)}")
        if function.takes_dead_letters:
            arrows.append(f"    dead([what nobody took]) -.-> {_id(function.name)}")
        for ce_type in function.answers:
            if not consumers[ce_type]:
                arrows.append(f"    {_id(function.name)} --> {_id(ce_type)}")
            arrows += [
                f"    {_id(function.name)} -- {short_name(ce_type)} --> {_id(consumer.name)}"
                for consumer in consumers[ce_type]
            ]
    answered = {ce_type for function in functions for ce_type in function.answers}
    for ce_type, takers in sorted(consumers.items()):
        if not takers:
            nodes.append(f"    {_id(ce_type)}([{_ending(types[ce_type])}])")
        elif ce_type not in answered:
            arrows += [f"    outside([anyone]) -- {short_name(ce_type)} --> {_id(taker.name)}" for taker in takers]
    return "\n".join(["```mermaid", "flowchart LR", *nodes, *arrows, "```"])


def with_picture(readme: str, drawn: str) -> str | None:
    """A page with the picture between its markers; None where it has none."""
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    return f"{before}{begin}\n{drawn}\n{end}{after}" if begin and end else None


def _ending(cls: type[Event]) -> str:
    said = short_name(cls.ce_type)
    if cls.aside:
        return f"{said}<br>beside the run"
    return f"{said}<br>ends {cls.ends}" if cls.ends else said


def _id(name: str) -> str:
    return name.replace("/", "_").replace(".", "_").replace("-", "_")
