"""A plane of one of the three geometries as a picture that is dragged about: the Poincaré disk and its counterparts.

Places in the picture are complex numbers. The hyperbolic plane is seen in the Poincaré disk, the sphere in Lambert's
equal-area map, both in the unit disk; the flat plane is scaled to fit.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from napari_hypseg.geometry.space_form import Array, SpaceForm

Places = npt.NDArray[np.complex128]

REACH = 0.97
"""Radius within which the picture is taken hold of: at the rim a pixel is any distance."""


@dataclass(frozen=True, eq=False)
class PicturePlane:
    """A view of a plane.

    Parameters
    ----------
    space
        The geometry.
    view
        float64 (3, 3): isometry applied before drawing.
    extent
        Length that is 1 in the picture, in the flat plane.
    """

    space: SpaceForm
    view: Array
    extent: float = 1.0

    @classmethod
    def of(cls, space: SpaceForm, points: Array) -> "PicturePlane":
        """A view of points (n, 3), the origin in the middle."""
        farthest = float(np.abs(points[:, 1:]).max(initial=0)) * 1.1
        return cls(space, np.eye(3), farthest if space.sign == 0 and farthest > 0 else 1.0)

    @property
    def has_rim(self) -> bool:
        """Whether the picture ends at the unit circle."""
        return self.space.sign != 0

    def places(self, points: Array) -> Places:
        """Places (…,) of points (…, 3)."""
        seen = points @ self.view.T
        flat = seen[..., 1] + 1j * seen[..., 2]
        if self.space.sign < 0:
            return np.asarray(flat / (1 + seen[..., 0]))
        if self.space.sign > 0:
            return np.asarray(flat / np.sqrt(np.maximum(2 * (1 + seen[..., 0]), 1e-12)))
        return np.asarray(flat / self.extent)

    def point_at(self, place: complex) -> Array:
        """The point (3,) that stands at a place before `view` is applied; beyond `REACH` the nearest within."""
        if self.has_rim and abs(place) > REACH:
            place *= REACH / abs(place)
        square = abs(place) ** 2
        if self.space.sign < 0:
            first, scale = (1 + square) / (1 - square), 2 / (1 - square)
        elif self.space.sign > 0:
            first, scale = 1 - 2 * square, 2 * float(np.sqrt(1 - square))
        else:
            first, scale = 1.0, self.extent
        return np.array([first, scale * place.real, scale * place.imag])

    def dragged(self, start: complex, end: complex) -> "PicturePlane":
        """The view in which what stood at `start` stands at `end`; in the Poincaré disk a Möbius translation."""
        first, last = self.point_at(start), self.point_at(end)
        back = self.space.translation(np.concatenate([last[:1], -last[1:]]))
        return replace(self, view=back @ self.space.translation(first) @ self.view)
