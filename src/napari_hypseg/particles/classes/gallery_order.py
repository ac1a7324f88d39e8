"""Orders in which a gallery shows particles."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class ParticleRanks:
    """What particles can be put in order by.

    Parameters
    ----------
    content
        int64 (n,): particles in the order of the leaves of their tree.
    classes
        int64 (n,): class of each, 0 for none.
    doubt
        float32 (n,): how doubtful the pose of each is.
    elbo
        float32 (n,): how well each is explained.
    """

    content: Integers
    classes: Integers
    doubt: Floats
    elbo: Floats


def _by_content(ranks: ParticleRanks) -> Integers:
    return ranks.content


def _by_class(ranks: ParticleRanks) -> Integers:
    """Large classes first, then similar ones side by side; particles of no class last."""
    classes = ranks.classes[ranks.content]
    sizes = np.bincount(classes)
    sizes[0] = 0
    return ranks.content[np.lexsort((classes, -sizes[classes]))]


def _by_doubt(ranks: ParticleRanks) -> Integers:
    return np.argsort(-ranks.doubt, kind="stable")


def _by_fit(ranks: ParticleRanks) -> Integers:
    return np.argsort(ranks.elbo, kind="stable")


ORDERS: Mapping[str, Callable[[ParticleRanks], Integers]] = MappingProxyType(
    {"content": _by_content, "class": _by_class, "doubt": _by_doubt, "fit": _by_fit}
)
"""By name: similar content side by side, class by class, most doubtful pose first, worst explained first."""
