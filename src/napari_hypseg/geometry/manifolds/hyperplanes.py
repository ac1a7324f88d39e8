"""Signed distances to hyperplanes, in one form for all manifolds.

The signed distance of z to a hyperplane is ``plane_activation(<lift(z), normal>)``: an inner product in lifted
coordinates, then one scalar function. A layer over many hyperplanes is therefore a matrix product and an elementwise
function, and the layer depends neither on the manifold nor on its curvature.
"""

from torch import Tensor

from napari_hypseg.geometry.manifolds.manifold import Manifold


def hyperplane_values(manifold: Manifold, z: Tensor, direction: Tensor, offset: Tensor) -> Tensor:
    """Signed distance of `z` to hyperplanes, times the length of their normals.

    Parameters
    ----------
    manifold
        Where `z` lies.
    z
        Points (…, d).
    direction
        Normals (m, d) in frame coordinates at the origin, up to a factor; the hyperplane's own normal is its
        parallel transport.
    offset
        (m,); hyperplane i passes through ``expmap0(offset_i * direction_i / |direction_i|)``.

    Returns
    -------
    Tensor
        (…, m), positive on the side to which the normal points.
    """
    normals, magnitudes = manifold.hyperplanes(direction, offset)
    return magnitudes * manifold.plane_activation.value(manifold.lift(z) @ normals.T)
