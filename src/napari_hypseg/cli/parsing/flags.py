"""Flags from settings: name, help, bounds and default are read from the fields, so that they are written down once."""

import argparse
import json
from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from napari_hypseg.config_base import Config

METAVARS = {"integer": "N", "number": "X", "string": "WORD", "array": "[…]", "object": "{…}"}
BOUNDS = {
    "minimum": "at least",
    "exclusiveMinimum": "more than",
    "maximum": "at most",
    "exclusiveMaximum": "less than",
}
UNREACHED = 1_000_000
"""Bounds from here on protect the program and would only clutter the help."""
Group = argparse._ArgumentGroup  # the standard library has no public name for it


def add_settings(
    group: Group,
    owner: str,
    settings: type[Config],
    *,
    advanced: bool | None = None,
    leave_out: Collection[str] = (),
    defaults: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Give `group` a flag for each field of `settings`.

    Parameters
    ----------
    group
        Where the help lists the flags.
    owner
        Word that `given` finds the values by, and that a flag begins with if another owner has its name already.
    settings
        The class whose fields become flags.
    advanced
        Take only the fields that are marked so, or only those that are not; None takes all.
    leave_out
        Fields that come about in another way.
    defaults
        What the help gives as defaults in place of those of the fields.
    """
    for name, schema in fields(settings):
        wanted = advanced is None or advanced == bool(schema.get("advanced", False))
        if wanted and name not in leave_out:
            _add_flag(group, owner, name, {**schema, "default": defaults.get(name, schema.get("default"))})


def given(arguments: argparse.Namespace, owner: str) -> dict[str, Any]:
    """The settings of `owner` that the person named, as the text or the switch they gave."""
    start = f"{owner}."
    return {name.removeprefix(start): value for name, value in vars(arguments).items() if name.startswith(start)}


def fields(settings: type[Config]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Name and JSON schema of each field; for an optional field, the schema of its value."""
    for name, schema in settings.model_json_schema()["properties"].items():
        kinds = [kind for kind in schema.get("anyOf", ()) if kind.get("type") != "null"]
        yield name, {**schema, **(kinds[0] if kinds else {})}


def describe(schema: Mapping[str, Any]) -> str:
    """What a field means in one line: its description, then unit, bounds and default."""
    text = str(schema.get("description") or schema.get("title", ""))
    facts = ", ".join(filter(None, (_bounds(schema), _default(schema))))
    return f"{text} [{facts}]" if facts else text


def _add_flag(group: Group, owner: str, name: str, schema: Mapping[str, Any]) -> None:
    word = name.replace("_", "-")
    try:
        _add_option(group, f"--{word}", f"{owner}.{name}", schema)
    except argparse.ArgumentError:  # the name is taken
        _add_option(group, f"--{owner}-{word}", f"{owner}.{name}", schema)


def _add_option(group: Group, flag: str, dest: str, schema: Mapping[str, Any]) -> None:
    options: dict[str, Any] = {"dest": dest, "default": argparse.SUPPRESS, "help": describe(schema).replace("%", "%%")}
    if schema.get("type") == "boolean":
        group.add_argument(flag, action=argparse.BooleanOptionalAction, **options)
    elif "enum" in schema:
        choices = schema["enum"]
        words = {str(choice): choice for choice in choices}
        group.add_argument(flag, choices=choices, type=lambda text: words.get(text, text), **options)
    else:
        group.add_argument(flag, type=_value, metavar=_metavar(schema), **options)


def _metavar(schema: Mapping[str, Any]) -> str:
    return "FILE" if "file" in schema else METAVARS.get(schema.get("type", ""), "VALUE")


def _value(text: str) -> Any:
    """Text as the settings class takes it, which itself turns words into numbers; lists are written as JSON."""
    return json.loads(text) if text[:1] in ("[", "{") else text


def _bounds(schema: Mapping[str, Any]) -> str:
    """Bounds and unit, such as ``at least 2 and at most 65535 leaves``."""
    reached = {key: word for key, word in BOUNDS.items() if abs(schema.get(key, UNREACHED)) < UNREACHED}
    said = [f"{word} {_number(schema[key])}" for key, word in reached.items()]
    return " ".join(filter(None, (" and ".join(said), schema.get("unit"))))


def _default(schema: Mapping[str, Any]) -> str:
    default = schema.get("default")
    if default is None or default == "":
        return ""
    return f"default {_number(default)}"


def _number(value: Any) -> str:
    """A default or a bound as short as it can be said."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"{value:g}" if isinstance(value, float) else str(value)
