"""Batch covariates: what specimens were made with, as one-hot vectors that a network is told."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError

SPECIMEN = "specimen"
"""Stands for each specimen by itself."""
FORM = "write name=value,value,… with one value a specimen, several covariates joined by a semicolon"


def settled_covariates(text: str, n_specimens: int) -> str:
    """Batch covariates as they are kept with a model: `SPECIMEN` spelt out, all else as it is.

    Raises
    ------
    SettingError
        If they are not one value for each of `n_specimens` specimens, or tell no two of them apart.
    """
    if text.strip() == SPECIMEN:
        if n_specimens < 2:
            raise SettingError("There is one specimen, so no batch tells any apart; leave the batch covariates out.")
        return f"{SPECIMEN}={','.join(str(number) for number in range(1, n_specimens + 1))}"
    for name, values in covariates(text).items():
        if len(values) != n_specimens:
            raise SettingError(
                f"The batch covariate {name} has {len(values)} values for {n_specimens} specimens; give one for each."
            )
        if len(set(values)) < 2:
            raise SettingError(f"The batch covariate {name} is the same for all specimens; leave it out.")
    return text


def covariates(text: str) -> Mapping[str, Sequence[str]]:
    """The value of each specimen by the name of the covariate, from such as ``"day=mon,tue,tue;microscope=a,b,a"``.

    None while `SPECIMEN` is not spelt out, or the text is empty.

    Raises
    ------
    SettingError
        If the text cannot be read.
    """
    found = dict[str, Sequence[str]]()
    if text.strip() == SPECIMEN:
        return found
    for part in filter(None, (part.strip() for part in text.split(";"))):
        name, equals, listed = (piece.strip() for piece in part.partition("="))
        values = [value.strip() for value in listed.split(",")]
        if not equals or not name or not all(values):
            raise SettingError(f"The batch covariate {part!r} cannot be read; {FORM}.")
        if name in found:
            raise SettingError(f"The batch covariate {name} is given twice; give it once.")
        found[name] = values
    return found


def one_hot(named: Mapping[str, Sequence[str]]) -> npt.NDArray[np.float32]:
    """Batch vectors float32 (s, n) of s specimens, with a 1 at the place of each covariate's value; n is 0 for none."""
    columns = [
        np.array([[value == one for one in sorted(set(values))] for value in values], dtype=np.float32)
        for values in named.values()
    ]
    return np.concatenate(columns, axis=1) if columns else np.zeros((0, 0), dtype=np.float32)
