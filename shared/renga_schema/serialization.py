"""The model as JSON, with the version of its form: `schemas/model.schema.json` describes it.

A field that is as usual is left out. A newer version than this is refused rather than misread.
"""

import json
from typing import Any, Final

from pydantic import ValidationError

from renga_schema.errors import Unreadable
from renga_schema.model import Origin, Schema
from renga_schema.report import Diagnostic

VERSION: Final = 1
"""Raised with every change after which an older reader would misunderstand what is written."""
KEY: Final = "model_version"


def to_json(schema: Schema) -> str:
    """One JSON object: the version, then the model, origins included."""
    model = schema.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({KEY: VERSION, **model}, indent=2, ensure_ascii=False)


def from_json(text: str, *, file: str | None = None) -> Schema:
    """The schema that `to_json` wrote; the same, to the last origin.

    Raises:
        Unreadable: the text is not JSON, is of another version, or is no model.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"This is not JSON: {error}.", file, "Hand in what `renga read --as json` wrote.") from error
    version = data.pop(KEY, None) if isinstance(data, dict) else None
    if version != VERSION:
        message = f"This model is of version {json.dumps(version)[:40]}; this release reads version {VERSION}."
        raise _unreadable(message, file, "Write it anew from its source with this release, or read it with its own.")
    try:
        return Schema.model_validate(data)
    except ValidationError as errors:
        first = errors.errors(include_url=False)[0]
        where = ".".join(map(str, first["loc"])) or "the model"
        raise _unreadable(f"{where}: {first['msg']}.", file, "See schemas/model.schema.json.") from None


def json_schema() -> dict[str, Any]:
    """The JSON Schema of what `to_json` writes (draft 2020-12)."""
    schema = Schema.model_json_schema(mode="validation")
    schema["properties"] = {KEY: {"const": VERSION, "description": "Of the form of the model."}, **schema["properties"]}
    schema["required"] = [KEY, *schema.get("required", [])]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://renga.dev/schemas/model.v{VERSION}.schema.json",
        **schema,
    }


def _unreadable(message: str, file: str | None, advice: str) -> Unreadable:
    origin = Origin(line=1, file=file)
    return Unreadable(Diagnostic(severity="error", code="READ-MODEL", message=message, origin=origin, help=advice))
