"""Typed settings from the environment, read once at cold start.

Not pydantic-settings: that import alone would cost more than everything else a function stands on.
"""

import os
import typing
from collections.abc import Mapping
from typing import Any, ClassVar, Self

from pydantic import ConfigDict, ValidationError, create_model
from pydantic_core import from_json


class MissingSettings(ValueError):  # noqa: N818 - says what is the case
    """Settings that are absent or wrong; the message names every one of them with its variable."""


class Settings:
    """A class of settings; each annotated field is read from the variable `<env_prefix><FIELD>`.

    ```python
    class ValidateSettings(Settings, env_prefix="SCHEMA_VALIDATE_"):
        fail_on: Literal["error", "warning", "never"] = "error"
    ```

    Lists, tuples and dicts are read as JSON. Keyword arguments win over the environment.

    Raises:
        MissingSettings: on construction, naming everything that is absent or wrong.
    """

    env_prefix: ClassVar[str] = ""

    def __init_subclass__(cls, *, env_prefix: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.env_prefix = env_prefix

    def __new__(cls, **given: Any) -> Self:
        """Read the environment and check everything at once."""
        fields: dict[str, Any] = {
            name: (annotation, getattr(cls, name, ...))
            for name, annotation in typing.get_type_hints(cls).items()
            if typing.get_origin(annotation) is not ClassVar
        }
        model = create_model(cls.__name__, __config__=ConfigDict(extra="forbid"), **fields)
        found = _read(os.environ, {cls.variable(name): (name, fields[name][0]) for name in fields})
        try:
            values = model(**{**found, **given})
        except ValidationError as error:
            raise MissingSettings(_explain(cls, error)) from None
        settings = super().__new__(cls)
        settings.__dict__.update({name: getattr(values, name) for name in fields})
        return settings

    def __init__(self, **given: Any) -> None:
        """Everything was done in `__new__`."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Settings do not change while a process lives.

        Raises:
            AttributeError: always.
        """
        raise AttributeError(f"{type(self).__name__} is read once: {name} cannot be set.")

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        return hash(repr(self))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field."""
        return f"{cls.env_prefix}{field}".upper()


def _read(environ: Mapping[str, str], variables: Mapping[str, tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for variable, (name, annotation) in variables.items():
        text = environ.get(variable)
        if text is None:
            continue
        found[name] = text
        if typing.get_origin(annotation) in {list, tuple, dict, set}:
            try:
                found[name] = from_json(text)
            except ValueError:
                continue  # The check says what is wrong with it.
    return found


def _explain(cls: type[Settings], error: ValidationError) -> str:
    """Name every fault at once, each with the variable to set and the value that was found."""
    faults = []
    for fault in error.errors(include_url=False):
        field = str(fault["loc"][0])
        if fault["type"] == "missing":
            faults.append(f"{cls.variable(field)} is not set")
        elif fault["type"] == "extra_forbidden":
            faults.append(f"{field} is no setting of {cls.__name__}")
        else:
            faults.append(f"{cls.variable(field)}={str(fault['input'])[:60]!r}: {fault['msg'].lower()}")
    return f"{cls.__name__} cannot be read from the environment: {'; '.join(faults)}."
