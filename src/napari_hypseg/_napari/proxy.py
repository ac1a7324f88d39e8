"""What napari hands to a dock is a proxy that wraps whatever it gives out; this is the way to the thing itself."""

from typing import Any


def unwrapped(thing: Any) -> Any:
    """The viewer or layer behind a proxy, or `thing` if it is none."""
    return getattr(thing, "__wrapped__", thing)
