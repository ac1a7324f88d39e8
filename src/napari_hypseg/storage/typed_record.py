"""Plain values from a file made into the records that they are to be, in full or not at all."""

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

R = TypeVar("R")


def checked(kind: type[R], record: Any) -> R:
    """`record` as a `kind`: a dataclass or model of typed fields; lists become tuples where those are wanted.

    Raises
    ------
    ValueError
        Naming the first value that does not fit.
    """
    try:
        return TypeAdapter(kind).validate_python(record)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from error
