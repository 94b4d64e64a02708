"""Read DBML, with a grammar of its elements."""

from renga_schema.readers.dbml.reader import read_dbml

__all__ = ["read_dbml"]
