"""The schema toolkit: read a database design, in whatever form it comes, into one model; check it; write it again."""

from renga_schema.errors import Unreadable
from renga_schema.model import Dialect, Schema
from renga_schema.readers import Detection, detect, read
from renga_schema.readers.several import FilesReading, read_files
from renga_schema.report import Diagnostic, Document, Loss, Proposal, Reading, Statements

__all__ = [
    "Detection",
    "Diagnostic",
    "Dialect",
    "Document",
    "FilesReading",
    "Loss",
    "Proposal",
    "Reading",
    "Schema",
    "Statements",
    "Unreadable",
    "detect",
    "read",
    "read_files",
]
