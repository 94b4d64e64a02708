"""What a project's code and its table of subscriptions say, beside its manifests."""

from pathlib import Path

from renga_dev.check.cluster import Behaviour, Project
from renga_dev.pubsub.table import NoTable, read
from renga_dev.wiring.discovery import Function, discover
from renga_events.vocabulary import vocabulary


def project_of(root: Path) -> Project:
    """Import every function of a project, each in a process of its own, and read its table.

    A function that cannot be read has no behaviour here, and a project without a table has no subscriptions: `renga
    wiring` tells of both.
    """
    try:
        subscriptions = read(root).subscriptions
    except NoTable:
        subscriptions = ()
    types = vocabulary().items()
    return Project(
        behaviours={function.name: _behaviour(function) for function in discover(root).functions},
        begins=frozenset(ce_type for ce_type, cls in types if cls.begins),
        ends=frozenset(ce_type for ce_type, cls in types if cls.ends or cls.aside),
        subscriptions=subscriptions,
    )


def _behaviour(function: Function) -> Behaviour:
    return Behaviour(
        function=function.name,
        takes=frozenset(event.ce_type for event in function.accepts),
        answers=frozenset(function.answers),
        may_be_silent=function.may_be_silent,
        takes_dead_letters=function.takes_dead_letters,
    )
