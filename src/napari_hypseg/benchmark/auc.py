"""How well numbers tell what belongs to something from what does not."""

from typing import Any

import numpy as np
import numpy.typing as npt


def auc(numbers: npt.NDArray[np.floating[Any]], belongs: npt.NDArray[np.bool_]) -> float | None:
    """Area under the receiver operating characteristic (Hanley & McNeil 1982).

    Parameters
    ----------
    numbers
        One for each place, any shape; only their order matters.
    belongs
        Of the same shape.

    Returns
    -------
    float or None
        Probability that of two places the one that belongs has the higher number, ties counting half: 0.5 is chance.
        None if all places belong, or none.
    """
    from scipy.stats import rankdata

    many = int(np.count_nonzero(belongs))
    others = belongs.size - many
    if not many or not others:
        return None
    ranks = rankdata(numbers.ravel())
    return float((ranks[belongs.ravel()].sum() - many * (many + 1) / 2) / (many * others))
