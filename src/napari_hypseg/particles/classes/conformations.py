"""What the generator draws along a direction of the latent space: a short movie of a conformation."""

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.geometry.principal_components import fit_principal_components
from napari_hypseg.nn.spatial.spatial_vae import SpatialVAE

REACH = 2.0
"""How far a movie goes to either side of the mean, in standard deviations of the particles' content."""


@torch.no_grad()
def conformations(
    model: SpatialVAE, points: npt.NDArray[np.float32], component: int = 0, frames: int = 15
) -> npt.NDArray[np.float32]:
    """Images (frames, *shape) along a principal component of the content of particles, upright and in the middle.

    Parameters
    ----------
    model
        What draws.
    points
        float32 (n, e); content of the particles.
    component
        Which principal component, from 0.
    frames
        Number of images, evenly spaced.
    """
    manifold, there = model.manifold, torch.from_numpy(points)
    components = fit_principal_components(there, component + 1, manifold)
    direction = components.directions[component]
    spread = float(components.of(there, manifold)[component].std())
    steps = torch.linspace(-REACH, REACH, frames)[:, None] * spread
    origin = manifold.expmap0(torch.zeros_like(there[0]))
    along = manifold.expmap0(manifold.from_frame(origin, components.mean + steps * direction))
    return np.asarray(model.generate(along).numpy())
