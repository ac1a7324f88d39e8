"""Serialization of records as lines of JSON, between the window and the process of a job.

JSON and base64 rather than pickle, so that nothing that arrives is ever executed.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np


def encode(message: Any) -> str:
    """One line of text without its line break for plain values, arrays (of text, too), paths and frozen dataclasses."""
    return json.dumps(_plain(message), separators=(",", ":"))


def decode(line: str | bytes) -> Any:
    """What `encode` was given, with every list as a tuple and every path as text."""
    return _rich(json.loads(line))


def _plain(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        kind = type(value)
        body = {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
        return {"record": f"{kind.__module__}:{kind.__qualname__}", "fields": body}
    if isinstance(value, np.ndarray) and value.dtype == object:
        return {"objects": _plain(value.tolist())}
    if isinstance(value, np.ndarray):
        text = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        return {"array": text, "dtype": value.dtype.str, "shape": list(value.shape)}
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    return str(value) if isinstance(value, Path) else value


def _rich(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_rich(part) for part in value)
    if not isinstance(value, dict):
        return value
    if "record" in value:
        return _record(value["record"])(**{name: _rich(part) for name, part in value["fields"].items()})
    if "objects" in value:
        return np.array(value["objects"], dtype=object)
    if "array" in value:
        flat = np.frombuffer(base64.b64decode(value["array"]), dtype=value["dtype"])
        return flat.reshape(value["shape"])
    return {key: _rich(part) for key, part in value.items()}


def _record(name: str) -> Any:
    """The dataclass called ``module:name``."""
    module, _, attribute = name.partition(":")
    kind = getattr(import_module(module), attribute)
    if not is_dataclass(kind):
        raise TypeError(f"{name} is not a record.")
    return kind
