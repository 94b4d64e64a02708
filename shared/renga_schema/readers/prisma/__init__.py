"""Read Prisma schemas, with a grammar of their blocks."""

from renga_schema.readers.prisma.reader import read_prisma, read_prisma_files

__all__ = ["read_prisma", "read_prisma_files"]
