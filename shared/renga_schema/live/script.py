"""The statements that a database gives of itself, and their reading."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from renga_schema.model import Dialect, Origin
from renga_schema.readers.source import Source
from renga_schema.report import Loss, Reading


@dataclass(slots=True)
class Script:
    """Statements in an order in which they can be read, and what the database keeps to itself."""

    shown: str
    """The database's URL without the password: the file of all origins."""
    parts: list[str] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)

    def add(self, statements: Iterable[str], *, end: str = ";") -> None:
        """Append statements. The end stands on its own line, for a statement may end in a comment."""
        self.parts += [f"{statement.rstrip().removesuffix(';')}\n{end}\n" for statement in statements]

    def add_bodies(self, statements: Iterable[str]) -> None:
        """Append MySQL's routines, triggers and events, whose own semicolons do not end them."""
        found = list(statements)
        if found:
            self.parts.append("DELIMITER ;;\n")
            self.add(found, end=";;")
            self.parts.append("DELIMITER ;\n")

    def lose(self, object_: str, feature: str, instead: str) -> None:
        """Enter into the ledger what cannot be asked for."""
        self.losses.append(
            Loss(object=object_, feature=feature, instead=instead, origin=Origin(line=1, file=self.shown))
        )

    def reading(self, dialect: Dialect) -> Reading:
        """Read the statements; of an empty database there are none."""
        from renga_schema.readers.sql.reader import read_sql

        reading = read_sql(Source("".join(self.parts), self.shown), dialect)
        return replace(reading, losses=(*reading.losses, *self.losses))
