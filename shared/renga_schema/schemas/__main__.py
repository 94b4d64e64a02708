"""`python -m renga_schema.schemas` writes the published JSON Schemas anew."""

import json
from pathlib import Path

from renga_schema import serialization
from renga_schema.native import definition

PUBLISHED = {
    "model.schema.json": serialization.json_schema,
    "native.schema.json": definition.json_schema,
}
"""File name -> what makes its content."""


def text(name: str) -> str:
    """What stands in a published file."""
    return json.dumps(PUBLISHED[name](), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name in PUBLISHED:
        (Path(__file__).parent / name).write_text(text(name))
