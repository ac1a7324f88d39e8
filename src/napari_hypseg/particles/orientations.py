"""Orientations of particles as unit quaternions, and as the Euler angles of the programs that average them.

An orientation is the rotation that turns the reference into the particle as it lies in the tomogram, in the
right-handed frame (x, y, z). Both RELION and Dynamo store angles of its inverse.
"""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
UNTURNED = (0.0, 0.0, 0.0, 1.0)
"""The quaternion of a particle that lies as the reference does."""
TINY = 1e-12
"""Quaternions and normals shorter than this have no direction."""


@dataclass(frozen=True)
class EulerConvention:
    """Three Euler angles for the inverse of an orientation.

    The inverse is a turn about z by the first angle of a triple, then about the turned x or y, then about the turned z
    (intrinsic), or the same turns about axes that stay (extrinsic), which are those of the reversed triple.

    Parameters
    ----------
    program
        Whose convention it is.
    names
        The three angles in the order of the triple.
    middle
        ``"x"`` or ``"y"``.
    extrinsic
        Whether the axes stay.
    """

    program: str
    names: tuple[str, str, str]
    middle: str
    extrinsic: bool

    def angles(self, quaternions: Floats) -> Floats:
        """Degrees (n, 3) in ``(-180, 180]``, the middle one in ``[0, 180]``, of orientations (n, 4)."""
        x, y, z, w = (quaternions * np.array([-1.0, -1.0, -1.0, 1.0]) + 0.0).T  # no -0, whose arctangent is a half turn
        half_sum = np.arctan2(z, w)
        half_difference = np.arctan2(x, y) if self.middle == "y" else np.arctan2(-y, x)
        tilt = 2 * np.arctan2(np.hypot(x, y), np.hypot(z, w))
        triple = [half_sum - half_difference, tilt, half_sum + half_difference]
        degrees = np.degrees(np.stack(triple[::-1] if self.extrinsic else triple, axis=1))
        degrees[:, ::2] = -((180 - degrees[:, ::2]) % 360 - 180)
        return np.asarray(degrees)

    def quaternions(self, angles: Floats) -> Floats:
        """Orientations (n, 4) of angles (n, 3) in degrees."""
        half = np.radians(angles[:, ::-1] if self.extrinsic else angles) / 2
        first, tilt, last = half.T
        across, along = np.sin(tilt), np.cos(tilt)
        sine, cosine = across * np.sin(last - first), across * np.cos(last - first)
        x, y = (sine, cosine) if self.middle == "y" else (cosine, -sine)
        return np.stack([-x, -y, -along * np.sin(first + last), along * np.cos(first + last)], axis=1)


RELION = EulerConvention("RELION", ("rot", "tilt", "psi"), "y", extrinsic=False)
"""``A = Rz(rot) Ry(tilt) Rz(psi)`` turns the particle onto the reference (Heymann, Chagoyen and Belnap, 2005)."""
DYNAMO = EulerConvention("Dynamo", ("tdrot", "tilt", "narot"), "x", extrinsic=True)
"""``A = Rz(narot) Rx(tilt) Rz(tdrot)`` turns the particle onto the reference."""


def unit_quaternions(quaternions: Floats) -> Floats:
    """Quaternions (n, 4) of length 1.

    Raises
    ------
    ValueError
        If one has no direction.
    """
    lengths = np.linalg.norm(quaternions, axis=1, keepdims=True)
    if not (lengths > TINY).all():
        raise ValueError("a quaternion of length 0 is no orientation")
    return np.asarray(quaternions / lengths)


def along_normals(normals: Floats) -> Floats:
    """Orientations (n, 4) that turn the z axis of the reference along `normals` (n, 3), order zyx.

    How the particle is turned about its normal is not known; RELION's rot is 0.
    """
    z, y, x = (normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), TINY)).T
    tilt, psi = np.degrees(np.arctan2(np.hypot(x, y), z)), np.degrees(np.arctan2(y, -x))
    return RELION.quaternions(np.stack([np.zeros_like(tilt), tilt, psi], axis=1))


def matrices(quaternions: Floats) -> Floats:
    """Rotation matrices (n, 3, 3) that act on columns (x, y, z), of orientations (n, 4)."""
    x, y, z, w = quaternions.T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0).reshape(-1, 3, 3)


def from_matrices(rotations: Floats) -> Floats:
    """Orientations (n, 4) of rotation matrices (n, 3, 3) that act on columns (x, y, z)."""
    from scipy.spatial.transform import Rotation

    return np.asarray(Rotation.from_matrix(rotations).as_quat()).reshape(-1, 4)
