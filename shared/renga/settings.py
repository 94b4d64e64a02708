"""Typed settings from the environment, read once at cold start.

Not pydantic-settings: that import alone would cost more than everything else a function stands on.
"""

import os
from collections.abc import Mapping
from typing import Any, ClassVar, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError


class MissingSettings(ValueError):  # noqa: N818 - says what is the case
    """Settings that are absent or wrong; the message names every one of them with its variable."""


class Settings(BaseModel):
    """A class of settings; each field is read from `<env_prefix><FIELD>`.

    ```python
    class ValidateSettings(Settings, env_prefix="SCHEMA_VALIDATE_"):
        fail_on: Literal["error", "warning", "never"] = "error"
    ```

    Lists and models are read as JSON. Raises MissingSettings on construction.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=False)

    env_prefix: ClassVar[str] = ""
    environ: ClassVar[Mapping[str, str]] = os.environ

    def __init_subclass__(cls, *, env_prefix: str = "", **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.env_prefix = env_prefix

    @classmethod
    def __pydantic_init_subclass__(cls, *, env_prefix: str = "", **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)

    def __init__(self, **given: Any) -> None:
        values = {name: value for name in type(self).model_fields if (value := self._read(name)) is not None}
        try:
            super().__init__(**{**values, **given})
        except ValidationError as error:
            raise MissingSettings(_explain(type(self), error)) from None

    @classmethod
    def variable(cls, field: str) -> str:
        """The environment variable of a field."""
        return f"{cls.env_prefix}{field}".upper()

    @classmethod
    def _read(cls, field: str) -> Any:
        text = cls.environ.get(cls.variable(field))
        if text is None:
            return None
        annotation = cls.model_fields[field].annotation
        if get_origin(annotation) in {list, tuple, dict, set}:
            from pydantic_core import from_json

            try:
                return from_json(text)
            except ValueError:
                return text
        return text


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
