"""A table in the making."""

from dataclasses import dataclass, field

from renga_schema.model import Check, Column, DataType, ForeignKey, Identity, Origin, PrimaryKey, Table, Unique
from renga_schema.readers.json_schema.document import Node


@dataclass(slots=True)
class Draft:
    """A table while its properties are read."""

    name: str
    node: Node
    key: str | None = None
    """The column that identifies a row, where one does."""
    key_type: DataType = field(default_factory=lambda: DataType(name="bigint", written=""))
    is_made_up: bool = False
    """Whether that column is ours: no property identifies the object, and something refers to it."""
    comment: str | None = None
    columns: dict[str, Column] = field(default_factory=dict)
    primary_key: tuple[str, ...] = ()
    uniques: list[Unique] = field(default_factory=list)
    foreign_keys: list[ForeignKey] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)

    def freeze(self, origin: Origin) -> Table:
        """The table, with its key and, first of all, the column that was made up for it."""
        columns = self.columns
        key = self.primary_key
        if self.is_made_up and self.key:
            type_ = DataType(name="bigint", written="")
            made_up = Column(
                name=self.key, origin=origin, type=type_, nullable=False, identity=Identity(style="by default")
            )
            columns = {self.key: made_up} | columns
        if not key and self.key and self.key in columns:
            key = (self.key,)
            columns = columns | {self.key: columns[self.key].model_copy(update={"nullable": False})}
        uniques = [unique for unique in self.uniques if key]
        if not key and self.uniques:  # a list's own objects are known by their place in it
            key = self.uniques[0].columns
        return Table(
            name=self.name,
            comment=self.comment,
            origin=origin,
            columns=tuple(columns.values()),
            primary_key=PrimaryKey(columns=key, origin=origin) if key else None,
            uniques=tuple(uniques),
            foreign_keys=tuple(self.foreign_keys),
            checks=tuple(self.checks),
        )
