"""Read Prisma schemas, with a grammar of their blocks."""

from renga_schema.readers.prisma.reader import read_prisma

__all__ = ["read_prisma"]
