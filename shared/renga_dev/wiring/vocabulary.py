"""Each event type's data as JSON Schema."""

import ast
import functools
import inspect
import textwrap
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from renga_events.base import Event

DRAFT = "https://json-schema.org/draft/2020-12/schema"
HOME = "https://renga.dev/schemas"
"""Where the schemas' ids begin. An id is a name; nothing is fetched from there."""


def short_name(ce_type: str) -> str:
    """`schema.parsed.v1`: a type without what all of ours begin with."""
    return ce_type.removeprefix("dev.renga.")


def schema_of(cls: type[Event], *, comment: str = "") -> dict[str, Any]:
    """The data of an event type as JSON Schema 2020-12.

    Fields with a default are optional, because a default does not travel. Unknown fields are allowed everywhere,
    because readers pass over them. Docstrings, of classes and of attributes, are the descriptions.
    """
    body = cls.model_json_schema(schema_generator=_Generator)
    head: dict[str, Any] = {
        "$schema": DRAFT,
        "$id": f"{HOME}/{cls.ce_type}.json",
        **({"$comment": comment} if comment else {}),
        **{name: body.pop(name) for name in ("title", "description", "type") if name in body},
    }
    definitions = {"$defs": body.pop("$defs")} if "$defs" in body else {}
    return {**head, **body, **definitions}


class _Generator(GenerateJsonSchema):
    """pydantic's generator with attribute docstrings; `use_attribute_docstrings` would be paid at every cold start."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        """A field's name says it: a title made of it would say it twice."""
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """An object with its attributes described, and open to fields that a newer producer adds."""
        result = super().model_schema(schema)
        result.pop("additionalProperties", None)
        described = attribute_docstrings(schema["cls"])
        for name, field in result.get("properties", {}).items():
            if name in described:
                field.setdefault("description", described[name])
        return result

    def generate(self, schema: CoreSchema, mode: Any = "validation") -> JsonSchemaValue:
        """The whole schema, each description on one line."""
        result = super().generate(schema, mode)
        _unwrap(result)
        return result


def attribute_docstrings(cls: type[BaseModel]) -> Mapping[str, str]:
    """The string below each attribute of a class, those it inherits included, each on one line."""
    found: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if issubclass(base, BaseModel) and base not in {BaseModel, Event}:
            found |= _own_docstrings(base)
    return found


@functools.cache
def _own_docstrings(cls: type[BaseModel]) -> dict[str, str]:
    try:
        source = inspect.getsource(cls)
    except (OSError, TypeError):  # made at run time: there is no source to read
        return {}
    declaration = ast.parse(textwrap.dedent(source)).body[0]
    assert isinstance(declaration, ast.ClassDef)  # noqa: S101 - what getsource returns for a class
    found = {}
    for statement, follower in zip(declaration.body, declaration.body[1:], strict=False):
        match statement, follower:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                found[name] = inspect.cleandoc(text)
            case _:
                pass
    return found


def _unwrap(node: Any) -> None:
    """Docstrings are wrapped for the source; a description is not."""
    if isinstance(node, dict):
        text = node.get("description")
        if isinstance(text, str):
            node["description"] = "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
        for child in node.values():
            _unwrap(child)
    elif isinstance(node, list):
        for child in node:
            _unwrap(child)
