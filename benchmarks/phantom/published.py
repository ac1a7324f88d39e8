"""What others published for phantoms of the same description, and what we aim at: matched Dice at levels 1, 2 and 3.

The original volumes are not to be had. Ours state their own choice where the description leaves one open, so that
published numbers can be compared with ours only with that caveat; none of them has an error bar.
"""

from collections.abc import Mapping
from types import MappingProxyType

Levels = tuple[float, float, float]

PUBLISHED: Mapping[str, Levels] = MappingProxyType(
    {
        "Hsu et al. 2021": (0.952, 0.541, 0.216),
        "Hsu et al. 2021, hyperbolic, triplet": (0.945, 0.534, 0.222),
        "Hsu et al. 2021, hyperbolic, gyroplane convolution": (0.905, 0.473, 0.204),
        "Hsu et al. 2021, hyperbolic, base": (0.832, 0.352, 0.135),
        "Hsu et al. 2021, Euclidean, triplet": (0.761, 0.342, 0.153),
        "Hsu et al. 2021, Euclidean, base": (0.784, 0.322, 0.109),
        "Moriya et al.": (0.628, 0.311, 0.141),
        "Ji et al. (IIC)": (0.589, 0.291, 0.150),
        "Nalepa et al.": (0.530, 0.276, 0.120),
        "Çiçek et al., semi-supervised": (0.968, 0.829, 0.668),
        "Zhao et al., semi-supervised": (0.989, 0.655, 0.357),
    }
)
TARGET: Levels = (0.95, 0.75, 0.50)
HOPED_FOR: Levels = (0.97, 0.83, 0.67)
"""What semi-supervised methods reach."""
ABOVE_BASELINES = 0.05
SHARE_OF_CEILING: Levels = (0.95, 0.85, 0.70)
