"""Base of every set of settings: the one source of flags, forms, saved runs and documentation.

A field carries its title, description, bounds and default; what a flag or a widget shows is read from there.
"""

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.config import JsonDict

from napari_hypseg.errors import SettingError

C = TypeVar("C", bound="Config")

ADVANCED: JsonDict = {"advanced": True}
"""Marks a field that is folded away in the panel and listed last in the command's help."""


class Config(BaseModel):
    """Frozen settings that refuse what they do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    @classmethod
    def check(cls: type[C], values: dict[str, Any]) -> C:
        """Build from plain values.

        Raises
        ------
        SettingError
            Naming the first setting that is not allowed and what is.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"]) or cls.__name__
            message = first["msg"][0].lower() + first["msg"][1:]
            raise SettingError(f"The setting {name} cannot be {first.get('input')!r}: {message}.") from error
