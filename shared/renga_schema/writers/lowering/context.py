"""What every part of lowering shares: the source, the target, the ledger, and the names that are taken."""

from hashlib import sha256
from itertools import chain, count

from renga_schema.catalog import Catalog
from renga_schema.identifiers import LONGEST, length
from renga_schema.model import DataType, Dialect, Enum, Object, Origin, Ref, Schema
from renga_schema.report import Loss
from renga_schema.writers.lowering.capabilities import CAPABILITIES
from renga_schema.writers.lowering.expressions import Translator


class Context:
    """One lowering of one schema to one target."""

    def __init__(self, schema: Schema, target: Dialect) -> None:
        self.schema = schema
        self.catalog = Catalog(schema)
        self.source = schema.dialect
        self.target = target
        self.can = CAPABILITIES[target]
        self.translator = Translator(schema.dialect, target, self.is_boolean)
        self.losses: list[Loss] = []
        # Where everything is in one namespace, it is the database, and a target without namespaces needs no prefix.
        used = {item.namespace for item in (*schema.tables, *schema.views)}
        self._only_namespace = None if self.can.namespaces or len(used) != 1 else used.pop()
        self._taken: set[tuple[str, str | None, str]] = set()
        self._truths: dict[str, bool] = {}
        for table in schema.tables:
            for column in table.columns:
                name = self.catalog.fold(column.name)
                self._truths[name] = self._truths.get(name, True) and column.type.name == "boolean"
        self._enums = {self.catalog.key(enum.ref): enum for enum in schema.enums}
        self._composites = {self.catalog.key(composite.ref) for composite in schema.composite_types}
        self._relations = {self.catalog.key(item.ref) for item in (*schema.tables, *schema.views)}
        self.domains = {self.catalog.key(domain.ref): domain for domain in schema.domains}

    def lose(self, thing: str, feature: str, instead: str, origin: Origin | None = None) -> None:
        """Write into the ledger what the target cannot hold, and what was done instead."""
        self.losses.append(Loss(object=thing, feature=feature, instead=instead, origin=origin))

    def enum(self, type_: DataType) -> Enum | None:
        """The enum that the type names, or None."""
        return self._enums.get(self.catalog.key(Ref(name=type_.name, namespace=type_.namespace)))

    def describes(self, type_: DataType) -> bool:
        """Whether the schema says what the type is; one of no dialect may also name an extension's."""
        key = self.catalog.key(Ref(name=type_.name, namespace=type_.namespace))
        return self.source is None or key in self.domains or key in self._composites

    def locate(self, namespace: str | None, name: str, home: str | None) -> Ref | None:
        """Where the table or view is that a query in `home` calls so; None: the query means something else."""
        for candidate in dict.fromkeys((namespace or home, namespace)):
            ref = Ref(name=name, namespace=candidate)
            if self.catalog.key(ref) in self._relations:
                return self.ref(ref)
        return None

    def is_boolean(self, column: str) -> bool:
        """Whether every column of that name, in whatever table, is a boolean."""
        return self._truths.get(self.catalog.fold(column), False)

    def claim(self, space: str, namespace: str | None, wanted: str, table: str) -> str:
        """A name that is still free in its space and short enough: the one wanted, else one like it."""
        candidates = chain((wanted, f"{table}_{wanted}"), (f"{table}_{wanted}_{number}" for number in count(2)))
        fitting = (self._fitting(name) for name in candidates)
        name = next(name for name in fitting if (space, namespace, name.lower()) not in self._taken)
        self._taken.add((space, namespace, name.lower()))
        return name

    def _fitting(self, name: str) -> str:
        """The name, its middle replaced by a digest of all of it where the target finds it too long."""
        if length(name, self.target) <= (limit := LONGEST.get(self.target, len(name))):
            return name
        digest = sha256(name.encode()).hexdigest()[:8]
        head = name[: limit - len(digest) - 1]
        while length(head, self.target) + len(digest) + 1 > limit:
            head = head[:-1]
        return f"{head}_{digest}"

    def ref(self, ref: Ref) -> Ref:
        """Where an object of that name is in the target."""
        namespace = self.catalog.key(ref)[0] and ref.namespace
        if namespace and namespace == self._only_namespace:
            return Ref(name=ref.name)
        if namespace and not self.can.namespaces:
            return Ref(name=f"{namespace}_{ref.name}")
        return Ref(name=ref.name, namespace=namespace)

    def placed(self, item: Object) -> dict[str, str | None]:
        """The name and the namespace of an object in the target, as fields to update."""
        ref = self.ref(item.ref)
        if ref.name != item.name:
            self.lose(str(item.ref), "namespace", f"called {ref.name}", item.origin)
        return {"name": ref.name, "namespace": ref.namespace}
