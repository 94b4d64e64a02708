"""What every part of lowering shares: the source, the target, the ledger, and the names that are taken."""

from renga_schema.catalog import Catalog
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
        self.translator = Translator(schema.dialect, target)
        self.losses: list[Loss] = []
        self._taken: set[tuple[str, str | None, str]] = set()
        self._enums = {self.catalog.key(enum.ref): enum for enum in schema.enums}
        self.domains = {self.catalog.key(domain.ref): domain for domain in schema.domains}

    def lose(self, thing: str, feature: str, instead: str, origin: Origin | None = None) -> None:
        """Write into the ledger what the target cannot hold, and what was done instead."""
        self.losses.append(Loss(object=thing, feature=feature, instead=instead, origin=origin))

    def enum(self, type_: DataType) -> Enum | None:
        """The enum that the type names, or None."""
        return self._enums.get(self.catalog.key(Ref(name=type_.name, namespace=type_.namespace)))

    def claim(self, space: str, namespace: str | None, wanted: str, table: str) -> str:
        """A name that is still free in its space: the one wanted, else one that begins with the table's."""
        candidates = [wanted, f"{table}_{wanted}", *(f"{table}_{wanted}_{number}" for number in range(2, 100))]
        name = next(name for name in candidates if (space, namespace, name.lower()) not in self._taken)
        self._taken.add((space, namespace, name.lower()))
        return name

    def ref(self, ref: Ref) -> Ref:
        """Where an object of that name is in the target."""
        namespace = self.catalog.key(ref)[0] and ref.namespace
        if namespace and not self.can.namespaces:
            return Ref(name=f"{namespace}_{ref.name}")
        return Ref(name=ref.name, namespace=namespace)

    def placed(self, item: Object) -> dict[str, str | None]:
        """The name and the namespace of an object in the target, as fields to update."""
        ref = self.ref(item.ref)
        if ref.name != item.name:
            self.lose(str(item.ref), "namespace", f"called {ref.name}", item.origin)
        return {"name": ref.name, "namespace": ref.namespace}
