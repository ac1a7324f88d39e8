"""Which rows of a file are of the tomogram at hand: programs call one tomogram by many names."""

import re
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.particles.formats.file_settings import FileSettings

MANY = 5


def rows_of_tomogram(
    names: npt.NDArray[Any], tomogram: str, settings: FileSettings, path: Path
) -> npt.NDArray[np.bool_]:
    """Rows (n,) whose name is that of the tomogram.

    A name that stands as a whole in the other one counts, as ``TS_01`` does in ``TS_01_bin4``, but not in ``TS_012``.

    Raises
    ------
    InputError
        If there are none, naming those there are and how to choose one.
    """
    texts = np.array([str(name) for name in names], dtype=object)
    there = sorted(set(texts))
    if settings.tomo_name:
        fitting = [name for name in there if name == settings.tomo_name or _stem(name) == _stem(settings.tomo_name)]
    else:
        fitting = [name for name in there if _same(name, tomogram)]
    if len(fitting) != 1:
        wanted = settings.tomo_name or tomogram
        listed = ", ".join(there[:MANY]) + (f" and {len(there) - MANY} more" if len(there) > MANY else "")
        many = "tomogram" if len(there) == 1 else "tomograms"
        problem = f"and not of {wanted}" if not fitting else f"of which several may be {wanted}"
        raise InputError(
            f"{path} holds particles of the {many} {listed} {problem}; say which one is meant.", setting="tomo_name"
        )
    return np.asarray(texts == fitting[0])


def _same(one: str, other: str) -> bool:
    a, b = _stem(one), _stem(other)
    return a == b or _within(a, b) or _within(b, a)


def _stem(name: str) -> str:
    stem = PurePath(name.replace("\\", "/")).name
    return re.sub(r"\.(mrc|rec|map|mrcs|st|ali|tomostar|star|zarr|ome)$", "", stem, flags=re.IGNORECASE).casefold()


def _within(word: str, text: str) -> bool:
    return bool(word) and re.search(rf"(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None
