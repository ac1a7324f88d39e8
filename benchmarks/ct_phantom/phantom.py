"""CT scans that never were, with a specimen whose box is known: training and scoring data of the localizers."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from benchmarks.ct_phantom.artefacts import add_rings, add_streaks, add_unevenness, axis_distance, blur_with_noise
from benchmarks.ct_phantom.choices import Choices, check_field, choose
from benchmarks.ct_phantom.distractor import Distractor, add_holder, add_object
from benchmarks.ct_phantom.frame import Array, Frame, Vectors, slow_field
from benchmarks.ct_phantom.specimen import Placed, place_specimen
from benchmarks.ct_phantom.surroundings import AIR, DISTRACTOR, MEDIUM, SPECIMEN, WALL, Labels, Medium, surround
from benchmarks.ct_phantom.tissue import fringe, tissue
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import Vector3, Volume

NAMES: Mapping[int, str] = MappingProxyType(
    {
        AIR: "air",
        SPECIMEN: "specimen",
        MEDIUM: "medium",
        WALL: "container",
        DISTRACTOR: "holder or second object",
    }
)
CENTRING = {"capillary": (0.2, 0.6, 0.6), "agarose": (0.1, 0.1, 0.1)}


@dataclass(frozen=True, eq=False)
class CTPhantom:
    """A generated scan and the truth about it.

    Parameters
    ----------
    volume
        One float32 channel (z, y, x); z is the rotation axis.
    labels
        uint8 (z, y, x): the classes of `NAMES`.
    box
        Tight bounding box of the specimen.
    """

    volume: Volume
    labels: Labels
    box: Box

    @property
    def mask(self) -> npt.NDArray[np.bool_]:
        """Voxels of the specimen."""
        return np.asarray(self.labels == SPECIMEN)


def ct_phantom(
    shape: Index3 = (160, 160, 160),
    seed: int = 0,
    medium: Medium | None = None,
    distractor: Distractor | None = None,
    extent: float | None = None,
    voxel_size: Vector3 = (5.0, 5.0, 5.0),
    noise: float | None = None,
    contrast: float | None = None,
) -> CTPhantom:
    """Generate a CT scan of a specimen that no threshold finds and whose box is known.

    Grey values are made in units of the specimen's own standard deviation (s.d.) around its mean; gain and offset of
    the result are random. All lengths are in physical units, so that anisotropic voxels show the same field. With
    "drawn" a range means uniformly.

    - Specimen: one connected body of 2-5 rounded lumps, a bent tube, a dented egg or a curled embryo, at a random spot
      and orientation, stretched so that it spans 45-75 % of each edge and its box holds 15-30 % of the field; 6 % of
      the edge stay free around it. Of 40 orientations that one is taken which needs little stretching and has blunt
      ends, so that the slices at the faces of the box hold more than a tip. Smooth noise dents the skin.
    - Tissue: texture of three scales (about 24, 10 and 5 % of the extent), the middle one fibrous; 3-7 organs (±0.6 to
      1.3 s.d.) and a cavity; 5-19 small bright rods; a skin as phase contrast shows it, a rim inside (mostly bright,
      0.8-1.5 s.d.) with its opposite outside.
    - Medium: homogeneous but for slow waves of 0.12 s.d.; its mean is that of the specimen to ±0.25 s.d. (`contrast`)
      before the scanner's unevenness.
      "capillary": liquid in a tube along z that leans by up to 4 degrees, wall 1.2-3 s.d. brighter, air outside.
      "agarose": fills the field, or ends at an oblique curved surface, or is a cylinder in air.
      Air is 0.8-2.5 s.d. darker.
    - Distractor: "holder", a homogeneous rod, pin or plate from the border (along z in a capillary) that ends at the
      specimen (40 %) or up to 5 % of the field before it; "object", a smooth ellipsoid of 2-12 % of the specimen's
      volume in the medium. Both 1.2-3 s.d. brighter (70 %) or darker. Drawn with 45, 35 and 20 % (none).
    - Scanner: cupping and slow gradients (s.d. 0.35-0.7), streaks from up to 6 bright spots, noise (s.d. 0.35-0.6) that
      is blurred with the image and stronger at the rotation axis, weak rings around it that change slowly along z.

    Parameters
    ----------
    shape
        Grid (z, y, x) in voxels, at least 48 along each axis; z is the rotation axis.
    seed
        Same seed, same scan. A choice that is given leaves all others as they were drawn.
    medium, distractor
        See above; drawn if None.
    extent
        Share of the field's edges that the specimen spans on average, 0.2-0.85; drawn if None.
    voxel_size
        Edges of a voxel (z, y, x) in micrometers.
    noise
        s.d. of the noise in s.d. of the specimen; drawn if None.
    contrast
        Mean of the medium above that of the specimen, in s.d. of the specimen; drawn if None.

    Raises
    ------
    SettingError
        If the grid is too small or a choice does not exist.
    """
    frame = Frame(shape, voxel_size)
    draw, body, inside, around, scanner = np.random.default_rng(seed).spawn(5)
    check_field(frame, extent)
    choices = choose(medium, distractor, noise, contrast, draw)
    choices.check()
    specimen = place_specimen(frame, extent, CENTRING[choices.medium], body)
    labels = surround(frame, specimen.on(shape), choices.medium, around)
    _distract(labels, frame, choices, around)
    data, spots = _paint(frame, labels, specimen, choices.contrast, inside)
    data = _scan(data, frame, spots, choices.noise, scanner)
    volume = Volume((data,), voxel_size, "micrometer", (0.0, 0.0, 0.0), f"ct-phantom-{seed}")
    return CTPhantom(volume, labels, specimen.box)


def _distract(labels: Labels, frame: Frame, choices: Choices, rng: np.random.Generator) -> None:
    """Label the distractor."""
    if choices.distractor == "holder":
        add_holder(labels, frame, choices.medium == "capillary", rng)
    elif choices.distractor == "object":
        add_object(labels, frame, rng)


def _paint(
    frame: Frame, labels: Labels, specimen: Placed, contrast: float, rng: np.random.Generator
) -> tuple[Array, list[Vectors]]:
    """Grey values of a perfect scan in units of the specimen's own s.d., around its mean, and its bright spots."""
    levels = np.zeros(len(NAMES), dtype=np.float32)
    levels[MEDIUM] = contrast
    levels[AIR] = -rng.uniform(0.8, 2.5)
    levels[WALL] = rng.uniform(1.2, 3.0)
    levels[DISTRACTOR] = rng.choice([-1, 1], p=[0.3, 0.7]) * rng.uniform(1.2, 3.0)
    data = levels[labels]
    data += slow_field(frame.shape, rng) * np.float32(0.12)
    window = specimen.window.slices
    grey, spots = tissue(frame, specimen, rng)
    data[window][specimen.mask] = grey[specimen.mask]
    data[window] += fringe(frame, specimen, rng)
    return data, spots


def _scan(data: Array, frame: Frame, spots: list[Vectors], noise: float, rng: np.random.Generator) -> Array:
    """What the scanner makes of perfect grey values."""
    distance = axis_distance(frame, rng)
    add_unevenness(data, rng.uniform(0.35, 0.7), rng)
    add_streaks(data, frame, spots[: rng.integers(2, 7)], rng.uniform(0.4, 1.1), rng)
    data = blur_with_noise(data, distance, rng.uniform(0.55, 0.75), noise, rng)
    add_rings(data, distance, rng.uniform(0.04, 0.16), rng)
    data *= np.float32(rng.uniform(0.05, 0.15))
    data += np.float32(rng.uniform(0.3, 0.8))
    return data
