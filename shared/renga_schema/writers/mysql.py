"""DDL for MySQL 8.0 and MariaDB 10.6, and later."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from renga_schema.model import (
    Column,
    Constraint,
    DataType,
    ForeignKey,
    Index,
    IndexPart,
    Key,
    Partition,
    Partitioning,
    Schema,
    Table,
    View,
)
from renga_schema.report import Document, Loss
from renga_schema.types import parse
from renga_schema.writers.ddl import DdlWriter, enclosed, terminated
from renga_schema.writers.order import stable, words

_SPELLED: Final = {
    "numeric": "decimal",
    "real": "float",
    "boolean": "tinyint(1)",
    "timestamp": "datetime",
    "timestamptz": "timestamp",
}
_QUOTED_OPTIONS: Final = {"compression", "connection", "encryption", "password", "data directory", "index directory"}
_BESIDE_TYPE: Final = ("byte", "binary", "compressed")
_NO_PLAIN_DEFAULT: Final = {"json", "tinytext", "text", "mediumtext", "longtext"}
_NO_PLAIN_DEFAULT_BINARY: Final = {"tinyblob", "blob", "mediumblob", "longblob", "geometry"}


def write(schema: Schema, name: str, losses: Sequence[Loss]) -> Document:  # noqa: ARG001  a script has no place for them
    """The schema as a script for the mysql client."""
    return MysqlWriter.document(schema, name)


class MysqlWriter(DdlWriter):
    """Renders a schema in MySQL's terms; indexes and comments stand inside the table."""

    dialect = "mysql"
    label = "MySQL and MariaDB"

    def blocks(self) -> Iterator[str]:
        """Databases, tables, views; then routines and triggers as they were written, between delimiters."""
        schema = self.schema
        for namespace in schema.namespaces:
            options = "".join(f" {key.upper()} {value}" for key, value in namespace.options.items())
            yield f"CREATE DATABASE IF NOT EXISTS {self.quote(namespace.name)}{options};"
        used = {item.namespace for item in (*schema.tables, *schema.views, *schema.routines)}
        if len(used) == 1 and (only := used.pop()):
            yield f"USE {self.quote(only)};"  # what was kept as written counts on it
        for other in schema.others:
            if other.kind == "sequence":
                yield terminated(other.definition)
        yield from self.tables()
        programs = [routine.definition for routine in schema.routines]
        programs += [trigger.definition for trigger in schema.triggers]
        programs += [other.definition for other in schema.others if other.kind != "sequence"]
        names = {view.name for view in schema.views}
        for view in stable(schema.views, lambda view: view.name, lambda view: sorted(words(view.query) & names)):
            yield self._view(view)
        if programs:
            bodies = "\n\n".join(f"{program.strip().rstrip(';')};;" for program in programs)
            yield f"DELIMITER ;;\n\n{bodies}\n\nDELIMITER ;"

    def _view(self, view: View) -> str:
        options = view.options
        text = "CREATE "
        text += f"ALGORITHM={options['algorithm'].upper()} " if "algorithm" in options else ""
        text += f"DEFINER={options['definer']} " if "definer" in options else ""
        text += f"SQL SECURITY {options['sql security'].upper()} " if "sql security" in options else ""
        text += f"VIEW {self.name(view.ref)}"
        text += f" ({self.quote_all(view.columns)})" if view.columns else ""
        text += f" AS\n{view.query.strip().rstrip(';')}"
        return text + (f"\nWITH {view.check_option.upper()} CHECK OPTION" if view.check_option else "") + ";"

    def table(self, table: Table, foreign_keys: tuple[ForeignKey, ...]) -> str:
        """CREATE TABLE with its indexes, options and partitions."""
        temporary = "TEMPORARY " if table.persistence == "temporary" else ""
        # Inside the table UNIQUE KEY is a constraint, so a unique index, and those after it, follow in their order.
        inside = next((at for at, index in enumerate(table.indexes) if index.unique), len(table.indexes))
        indexes = [self._index(index) for index in table.indexes[:inside]]
        body = self.body(table, indexes, [key for key in foreign_keys if not key.ignored])
        statements = [f"CREATE {temporary}TABLE {self.name(table.ref)} {body}{self._options(table)};"]
        statements += [self._create_index(table, index) for index in table.indexes[inside:]]
        return "\n".join(statements)

    def _create_index(self, table: Table, index: Index) -> str:
        special = f"{index.method.upper()} " if index.method in {"fulltext", "spatial"} else "UNIQUE " * index.unique
        head = f"CREATE {special}INDEX {self.quote(index.name or '')} ON {self.name(table.ref)}"
        return f"{head} {self._index(index).partition('KEY ')[2].partition(' ')[2]};"

    def _options(self, table: Table) -> str:
        pairs = [("ENGINE", table.engine), ("DEFAULT CHARSET", table.charset), ("COLLATE", table.collation)]
        text = "".join(f" {key}={value}" for key, value in pairs if value)
        for key, value in table.options.items():
            plain = re.fullmatch(r"\w+", value) and key not in _QUOTED_OPTIONS
            text += f" {key.upper()}={value if plain else self.literal(value)}"
        text += f" COMMENT={self.literal(table.comment)}" if table.comment else ""
        return text + (self._partitioning(table.partitioning) if table.partitioning else "")

    def column(self, table: Table, column: Column) -> str:
        """Type, character set, computed value or default, NOT NULL, AUTO_INCREMENT, comment, an ignored reference."""
        text = self.type(column.type)
        text += "".join(f" {flag.upper()}" for flag in _BESIDE_TYPE if flag in column.options)
        text += f" CHARACTER SET {column.charset}" if column.charset else ""
        text += f" COLLATE {column.collation}" if column.collation else ""
        if column.generated:
            text += f" GENERATED ALWAYS AS ({column.generated.expression.text}) {column.generated.storage.upper()}"
        if not column.nullable:
            text += " NOT NULL"
        elif column.type.name == "timestamptz" and not column.generated:
            text += " NULL"  # where explicit_defaults_for_timestamp is off, a bare TIMESTAMP is NOT NULL
        text += "" if column.visible else " INVISIBLE"
        if column.default:
            text += f" DEFAULT {self._default(column)}"
        if column.on_update:
            text += f" ON UPDATE {column.on_update.text}"
        text += " AUTO_INCREMENT" if column.identity else ""
        for option in ("column_format", "storage", "srid"):
            text += f" {option.upper()} {column.options[option]}" if option in column.options else ""
        text += f" COMMENT {self.literal(column.comment)}" if column.comment else ""
        for key in table.foreign_keys:
            if key.ignored and key.columns == (column.name,):
                text += f" REFERENCES {self.foreign_key(key).partition(' REFERENCES ')[2]}"
        return text

    def _default(self, column: Column) -> str:
        text = column.default.text if column.default else ""
        if column.type.name in _NO_PLAIN_DEFAULT | _NO_PLAIN_DEFAULT_BINARY and text.upper() != "NULL":
            return text if text.startswith("(") else f"({text})"
        bare = text.upper().startswith(("CURRENT_TIMESTAMP", "NOW(", "B'", "X'", "_", "N'", '"', "0X", "LOCALTIME"))
        return text if bare or text.startswith(("+", "-")) else enclosed(text)

    def type(self, type_: DataType) -> str:
        """A type: as it was written where that still says it, else spelled from the model."""
        if type_.written:
            known = parse(type_.written, "mysql")
            if known.model_copy(update={"written": ""}) == type_.model_copy(update={"written": ""}):
                return type_.written
        if type_.values:
            return f"{type_.name}({', '.join(self.literal(value) for value in type_.values)})"
        arguments = f"({','.join(str(argument) for argument in type_.arguments)})" if type_.arguments else ""
        suffix = " zerofill" if type_.zerofill else " unsigned" if type_.unsigned else ""
        return _SPELLED.get(type_.name, type_.name) + arguments + suffix

    def key(self, key: Key) -> str:
        """A unique constraint is called by its KEY."""
        head, columns = super().key(key).split("(", 1)
        if not head.startswith("PRIMARY"):
            head = f"UNIQUE KEY {self.quote(key.name)} " if key.name else "UNIQUE KEY "
        using = f" USING {key.options['using'].upper()}" if "using" in key.options else ""
        using += f" KEY_BLOCK_SIZE={key.options['key_block_size']}" if "key_block_size" in key.options else ""
        comment = f" COMMENT {self.literal(key.comment)}" if key.comment else ""
        return f"{head}({columns}{using}{comment}"

    def key_columns(self, key: Key) -> str:
        """Columns with the length of the prefix that takes part."""
        lengths = key.prefix_lengths
        return ", ".join(self.quote(name) + (f"({lengths[name]})" if name in lengths else "") for name in key.columns)

    def timing(self, constraint: Constraint) -> str:
        """MySQL checks at once; only a check can be switched off."""
        return "" if constraint.enforced else " NOT ENFORCED"

    def _index(self, index: Index) -> str:
        special = f"{index.method.upper()} " if index.method in {"fulltext", "spatial"} else ""
        unique = "UNIQUE " if index.unique else ""
        name = f"{self.quote(index.name)} " if index.name else ""
        text = f"{special}{unique}KEY {name}({self.index_parts(index.parts)})"
        text += f" USING {index.method.upper()}" if index.method and not special else ""
        text += f" KEY_BLOCK_SIZE={index.options['key_block_size']}" if "key_block_size" in index.options else ""
        text += f" WITH PARSER {index.options['parser']}" if "parser" in index.options else ""
        text += f" COMMENT {self.literal(index.comment)}" if index.comment else ""
        return text + ("" if index.visible else " INVISIBLE")

    def index_part(self, part: IndexPart) -> str:
        """One key; an expression stands in parentheses of its own."""
        if part.expression:
            return enclosed(part.expression.text) + (" DESC" if part.order == "desc" else "")
        return super().index_part(part)

    def _partitioning(self, partitioning: Partitioning) -> str:
        text = f"\nPARTITION BY {self._method(partitioning)}"
        text += f" PARTITIONS {partitioning.count}" if partitioning.count else ""
        if sub := partitioning.subpartitioning:
            text += f" SUBPARTITION BY {self._method(sub)}" + (f" SUBPARTITIONS {sub.count}" if sub.count else "")
        if partitioning.partitions:
            text += " (\n    " + ",\n    ".join(self._partition(each) for each in partitioning.partitions) + "\n)"
        return text

    def _method(self, partitioning: Partitioning) -> str:
        keys = ", ".join(
            part.expression.text if part.expression else self.quote(part.column or "") for part in partitioning.keys
        )
        return f"{partitioning.strategy.upper()} ({keys})"

    def _partition(self, partition: Partition, kind: str = "PARTITION") -> str:
        text = f"{kind} {self.quote(partition.name)}" + (f" {partition.bound}" if partition.bound else "")
        text += f" COMMENT = {self.literal(partition.comment)}" if partition.comment else ""
        text += "".join(f" {key.upper()} = {value}" for key, value in partition.options.items())
        if partition.subpartitions:
            text += f" ({', '.join(self._partition(each, 'SUBPARTITION') for each in partition.subpartitions)})"
        return text
