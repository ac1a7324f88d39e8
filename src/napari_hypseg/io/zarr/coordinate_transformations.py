"""The coordinate transformations of OME-NGFF as one affine map: versions 0.4 to 0.6 (RFC-5).

Whatever is linear is put together exactly; whether the whole is a scale and a translation is asked only of the result.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

Matrix = npt.NDArray[np.float64]
SEQUENCE = "sequence"
ROUNDING = 1e-9


class UnreadTransformationError(ValueError):
    """A transformation that is not linear, or whose numbers lie elsewhere; its text is the kind."""


def scale_and_translation(steps: Sequence[Mapping[str, Any]], count: int) -> tuple[list[float], list[float]]:
    """What transformations of `count` axes, applied one after the other, multiply and add.

    Raises
    ------
    UnreadTransformationError
        If they do anything else.
    ValueError
        If one has numbers for another count of axes.
    """
    matrix, turning = np.eye(count + 1), [""]
    for step in _flat(steps):
        one = _matrix(step, count)
        turning += [str(step["type"])] if _turns(one) else []
        matrix = one @ matrix
    if _turns(matrix):
        raise UnreadTransformationError(turning[-1])
    return np.diag(matrix)[:count].tolist(), matrix[:count, count].tolist()


def _flat(steps: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Steps with those of sequences, which hold no sequences themselves, in their place."""
    return [one for step in steps for one in (step["transformations"] if step.get("type") == SEQUENCE else [step])]


def _matrix(step: Mapping[str, Any], count: int) -> Matrix:
    """A transformation as (count + 1, count + 1), for columns with a 1 at their end."""
    kind = str(step.get("type"))
    if kind not in KINDS or (kind != "identity" and kind not in step):
        raise UnreadTransformationError(kind)
    return KINDS[kind](step.get(kind), count)


def _turns(matrix: Matrix) -> bool:
    """Whether a matrix mixes axes, by more than rounding."""
    linear = matrix[:-1, :-1]
    return bool(np.any(np.abs(linear - np.diag(np.diag(linear))) > ROUNDING * np.abs(linear).max()))


def _numbers(values: Any, *shape: int) -> Matrix:
    """The numbers of a transformation.

    Raises
    ------
    UnreadTransformationError
        If one is not finite.
    ValueError
        If there are more or fewer than `shape` has.
    """
    numbers = np.array(values, np.float64)
    if numbers.size != np.prod(shape):
        raise ValueError(f"a transformation has {numbers.size} numbers instead of {np.prod(shape)}")
    if not np.isfinite(numbers).all():
        raise UnreadTransformationError("numbers that are not finite")
    return numbers.reshape(shape)


def _identity(_: object, count: int) -> Matrix:
    return np.eye(count + 1)


def _scale(factors: Sequence[float], count: int) -> Matrix:
    return np.diag([*_numbers(factors, count), 1.0])


def _translation(shift: Sequence[float], count: int) -> Matrix:
    made = np.eye(count + 1)
    made[:count, count] = _numbers(shift, count)
    return made


def _rotation(rows: Any, count: int) -> Matrix:
    made = np.eye(count + 1)
    made[:count, :count] = _numbers(rows, count, count)
    return made


def _affine(rows: Any, count: int) -> Matrix:
    made = np.eye(count + 1)
    made[:count] = _numbers(rows, count, count + 1)
    return made


def _map_axis(order: Any, count: int) -> Matrix:
    if not isinstance(order, list) or sorted(order) != list(range(count)):
        raise UnreadTransformationError("mapAxis")
    return np.eye(count + 1)[[*order, count]]


KINDS: Mapping[str, Callable[[Any, int], Matrix]] = MappingProxyType(
    {
        "identity": _identity,
        "scale": _scale,
        "translation": _translation,
        "rotation": _rotation,
        "affine": _affine,
        "mapAxis": _map_axis,
    }
)
"""From the numbers of a transformation, which stand under the name of its kind, to its matrix."""
