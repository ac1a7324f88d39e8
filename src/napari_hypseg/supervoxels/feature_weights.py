"""How much counts, beside latent points, of what else is known of a region: one setting for leaves and trees."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FeatureWeights:
    """Standard deviations relative to that of the latent points, over the voxels of all regions.

    Parameters
    ----------
    factors
        Of the autocorrelation factors; 0 leaves them out.
    descriptors
        Of the principal components of the descriptors; 0 leaves them out.
    components
        How many of these there are, at most.
    """

    factors: float = 0.7
    descriptors: float = 0.5
    components: int = 6


WEIGHTS = FeatureWeights()
"""Those that leaves and trees are made with, chosen on real volumes and checked on phantoms."""
