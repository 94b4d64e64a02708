"""Partial tables: members that several tables share."""

from typing import Final

from renga_schema.readers.dbml import elements as s
from renga_schema.readers.findings import Findings

MOST_COPIES: Final = 20_000
"""Members that injections may copy, all together: a small text must not grow without bounds."""

_OWN: Final = 0


class Partials:
    """The partial tables of a text."""

    def __init__(self, findings: Findings) -> None:
        self._findings = findings
        self._by_name: dict[str, s.Table] = {}
        self._copies = 0

    def add(self, name: str, given: s.Table) -> bool:
        """Take a partial table; False where there is one of that name."""
        for member in given.members:
            if isinstance(member, s.Injection):
                self._say(f"{name} is a partial table and cannot inject another; left out.", member, name)
        return self._by_name.setdefault(name, given) is given

    def expand(self, given: s.Table, path: str) -> s.Table:
        """The table with the members and settings of the partial tables that it injects.

        Of columns with one name the table's own is kept, else that of the partial table injected last.
        """
        members: list[tuple[int, s.Member]] = []
        settings = {each.key: each for each in given.settings}
        own = set(settings)
        injected: set[str] = set()
        for number, member in enumerate(given.members, start=1):
            if not isinstance(member, s.Injection):
                members.append((_OWN, member))
            elif member.name.text in injected:
                self._say(f"{path} injects {member.name.text} a second time.", member, path)
            elif (partial := self._partial(member, path)) is not None:
                injected.add(member.name.text)
                members += [(number, each) for each in partial.members if not isinstance(each, s.Injection)]
                settings |= {each.key: each for each in partial.settings if each.key not in own}
        owners: dict[str, int] = {}
        for owner, member in members:
            if isinstance(member, s.Column) and owners.get(member.name.text) != _OWN:
                owners[member.name.text] = owner
        kept = [
            (owner, member)
            for owner, member in members
            if not isinstance(member, s.Column) or owners[member.name.text] == owner
        ]
        # Of several notes the first counts, and the table's own comes before those of its partial tables.
        kept.sort(key=lambda each: isinstance(each[1], s.Note) and each[0] != _OWN)
        expanded = tuple(member for _, member in kept)
        return s.Table(given.path, given.alias, tuple(settings.values()), expanded)

    def _partial(self, injection: s.Injection, path: str) -> s.Table | None:
        """The partial table, or None after saying why not."""
        name = injection.name.text
        partial = self._by_name.get(name)
        message = advice = None
        if partial is None:
            message = f"{path} injects {name}, which is no TablePartial."
            advice = self._findings.did_you_mean(name, self._by_name)
        else:
            self._copies += len(partial.members)
            if self._copies > MOST_COPIES:
                message, partial = f"Injections copy more than {MOST_COPIES} members of partial tables.", None
        if message:
            self._say(message, injection, path, advice)
        return partial

    def _say(self, message: str, injection: s.Injection, path: str, help_: str | None = None) -> None:
        self._findings.say("DBML-PARTIAL", message, injection.name.offset, object_=path, help_=help_)
