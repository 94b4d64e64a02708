"""In which state an environment is."""

import json

import pytest

from renga_dev.cloud.root import Outputs, Part, Show
from renga_dev.cloud.states import State, look, remaining, together

POOL = Show(command="show pool", asleep="", awake="b a")
DATABASE = Show(command="show 'the database'", asleep="stopped", awake="available")


def part(*shows: Show) -> Part:
    """What shows this."""
    return Part(part="part", stop="stop", start="start", prints=None, ready=(), shows=shows)


@pytest.mark.parametrize(
    ("pool", "database", "state"),
    [
        ("\n\n", "stopped\n", "asleep"),
        ("a\nb\n", "available\n", "idle"),
        ("a\n", "available\n", "between"),
        ("", "available\n", "between"),
        ("", "stopping\n", "between"),
    ],
)
def test_a_part_is_what_all_of_it_shows(pool: str, database: str, state: State) -> None:
    """Words count, not their order and not empty lines; what is neither is on its way."""
    said: dict[tuple[str, ...], str] = {("show", "pool"): pool, ("show", "the database"): database}
    made = Outputs(env="dev", deletion_protection=False, sleeps=(part(POOL, DATABASE), part()), kubeconfig=())
    (seen,) = look(made, lambda command: said[command.argv])
    assert seen.state == state
    assert together([seen]) == state


def test_parts_in_several_states_are_between() -> None:
    """One that sleeps beside one that does not."""
    made = Outputs(env="dev", deletion_protection=False, sleeps=(part(POOL), part(DATABASE)), kubeconfig=())
    seen = look(made, lambda command: "" if command.argv[1] == "pool" else "available")
    assert [each.state for each in seen] == ["asleep", "idle"]
    assert together(seen) == "between"


def test_what_is_left_is_counted_through_all_modules() -> None:
    """A state that names nothing has no values at all."""
    below = {"resources": [{}, {}], "child_modules": [{"resources": [{}]}]}
    assert (
        remaining(json.dumps({"values": {"root_module": {"resources": [{}], "child_modules": [below]}}})).resources == 4
    )
    assert remaining('{"format_version": "1.0"}') == (0, 0)


def test_registry_and_topics_are_not_the_clusters() -> None:
    """What is there when an environment is gone is counted apart from what is not."""
    modules = [
        {"address": "module.cluster[0]", "resources": [{}], "child_modules": [{"resources": [{}, {}]}]},
        {"address": "module.events[0]", "resources": [{}] * 5},
        {"address": "module.registry", "resources": [{}] * 7},
    ]
    shown = {"values": {"root_module": {"resources": [{}], "child_modules": modules}}}
    assert remaining(json.dumps(shown)) == (16, 3)
