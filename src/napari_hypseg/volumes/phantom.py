"""A simulated tomogram with a known hierarchy: sample data, demonstration and test."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from napari_hypseg.errors import SettingError
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.phantom_solids import Array, PlacedSolid, Solid, cuboid, place_at_random, rasterise, sphere
from napari_hypseg.volumes.volume import Volume

Labels = npt.NDArray[np.uint8]

BACKGROUND, OUTER_SPHERE, VESICLE, MITOCHONDRION, SMALL_SPHERE, SMALL_CUBOID = range(6)
NAMES: Mapping[int, str] = MappingProxyType(
    {
        BACKGROUND: "background",
        OUTER_SPHERE: "outer sphere",
        VESICLE: "vesicle",
        MITOCHONDRION: "mitochondrion",
        SMALL_SPHERE: "small sphere",
        SMALL_CUBOID: "small cuboid",
    }
)
HIERARCHY: Mapping[int, tuple[str, ...]] = MappingProxyType(
    {
        BACKGROUND: ("field of view", "background"),
        OUTER_SPHERE: ("field of view", "outer sphere", "interior"),
        VESICLE: ("field of view", "outer sphere", "vesicle", "vesicle interior"),
        MITOCHONDRION: ("field of view", "outer sphere", "mitochondrion", "mitochondrion interior"),
        SMALL_SPHERE: ("field of view", "outer sphere", "vesicle", "small sphere"),
        SMALL_CUBOID: ("field of view", "outer sphere", "mitochondrion", "small cuboid"),
    }
)
# For each level, what a class of the finest level counts as.
LEVELS: Mapping[int, tuple[int, ...]] = MappingProxyType(
    {
        1: (BACKGROUND, *(OUTER_SPHERE,) * 5),
        2: (BACKGROUND, OUTER_SPHERE, VESICLE, MITOCHONDRION, VESICLE, MITOCHONDRION),
        3: tuple(range(6)),
    }
)
EDGE = 50  # voxels of the published volumes
VOXEL_SIZE = 10.0  # Å; makes the outer sphere 50 nm wide, the size of a small virus
PARTS = 2  # level-3 objects tried in each level-2 object
ROUGHNESS = 0.12  # of the smallest half edge: depth (s.d.) of the dents of the irregular variant
WAVELENGTH = 3.0  # voxels: s.d. of the Gaussian that smooths those dents
TEXTURE = 0.2  # s.d. of a class's texture, a fifth of that of the colours
ATTEMPTS = 50


@dataclass(frozen=True, eq=False)
class Phantom:
    """A generated volume and the classes it was made of.

    Parameters
    ----------
    volume
        One float32 channel (z, y, x), voxel size 10 Å.
    labels
        uint8 (z, y, x): the six classes of `NAMES`.
    """

    volume: Volume
    labels: Labels

    def truth(self, level: int = 3) -> Volume:
        """Ground truth of a level as a uint8 volume at the same place.

        Level 1 has 2 classes (background and the outer sphere with all it holds), level 2 has 4 (vesicles and
        mitochondria, each with its contents, come apart), level 3 has 6 (the contents come apart as well).

        Raises
        ------
        SettingError
            If there is no such level.
        """
        if level not in LEVELS:
            raise SettingError(f"The phantom has no level {level}; choose one of {', '.join(map(str, LEVELS))}.")
        data = np.array(LEVELS[level], dtype=np.uint8)[self.labels]
        place_of = self.volume
        return Volume((data,), place_of.voxel_size, place_of.unit, place_of.origin, f"{place_of.name} truth {level}")


def phantom(
    shape: Index3 = (EDGE, EDGE, EDGE),
    seed: int = 0,
    irregular: bool = False,
    objects: int | None = None,
    noise: float = 0.25,
    coloured_background: bool = False,
) -> Phantom:
    """Generate a phantom tomogram with a known three-level hierarchy.

    The description is that of the toy data of Hsu, Gu, Wu, Chiu and Yeung (NeurIPS 2021): an outer sphere of radius
    N(25, 1) in noise; in it spheres ("vesicles") of radius N(8, 0.5) and cuboids ("mitochondria") of sides
    2·N(8, 0.5); in those, small spheres of radius N(2, 0.2) and small cuboids of sides 2·N(3, 0.15). Colours are
    N(0, 1), each class has a texture, pink noise of magnitude 0.25 lies over everything. What that description leaves
    open is chosen here:

    - N(a, b) has *standard deviation* b.
    - The outer sphere sits at the centre of the grid, moved by N(0, 1) voxels along each axis; where it reaches beyond
      the grid it is cut off. Its radius grows with the shortest edge of the grid. All else keeps its size in voxels, so
      that a larger grid holds more objects rather than larger ones; below 50 voxels everything shrinks in proportion.
    - `objects` level-2 objects are tried for each volume, mitochondria and vesicles in turn (default: 4 for 50³, in
      proportion to the volume of the grid otherwise), and in each of them 2 level-3 objects. One that finds no room
      after 400 random spots is left out; a volume without every class is drawn anew.
    - Objects never overlap: they keep a gap of one voxel to each other and to the skin of their parent. Cuboids are
      aligned with the axes and have three different sides.
    - A class has one colour and one texture in a volume. Colours per object would make classes meaningless.
    - A texture is white noise smoothed by an anisotropic Gaussian, whose s.d. along each axis is uniform in
      [0.5, 2.5] voxels and drawn for each class, brought to a s.d. of 0.2.
    - Pink noise has power 1/f over the radial frequency f in 3D, hence amplitude 1/√f, brought to a s.d. of `noise`.
    - The background is noise alone; `coloured_background` gives it colour and texture as well, which is harder.
    - `irregular` dents every skin by smooth noise (Gaussian of 3 voxels) of a s.d. of 12 % of the object's half edge.

    Level 3 has six classes: that is how many the description names. Scores at k = 8 are scores of eight regions
    against these six.

    Parameters
    ----------
    shape
        Grid (z, y, x) in voxels, at least 16 along each axis.
    seed
        Same seed, same phantom.
    irregular, objects, noise, coloured_background
        See above.

    Raises
    ------
    SettingError
        If the grid is too small or no arrangement holds every class.
    """
    if min(shape) < 16:
        raise SettingError(f"A phantom of {shape} voxels holds no object; use at least 16 along each axis.")
    rng = np.random.default_rng(seed)
    labels = _arrange(shape, irregular, objects, rng)
    data = _paint(labels, coloured_background, rng) + noise * _pink(shape, rng)
    volume = Volume((data.astype(np.float32),), (VOXEL_SIZE,) * 3, "angstrom", (0.0, 0.0, 0.0), "phantom")
    return Phantom(volume, labels)


def _arrange(shape: Index3, irregular: bool, objects: int | None, rng: np.random.Generator) -> Labels:
    """Labels of a volume in which every class occurs."""
    count = max(2, round(4 * np.prod(shape) / EDGE**3)) if objects is None else objects
    for _ in range(ATTEMPTS):
        waves = _unit(ndimage.gaussian_filter(rng.standard_normal(shape), WAVELENGTH))
        labels = _populate(waves, ROUGHNESS if irregular else 0.0, count, rng)
        if len(np.unique(labels)) == len(NAMES):
            return labels
    raise SettingError(f"No phantom of {shape} voxels holds every class with {objects} objects; try at least 2.")


def _populate(waves: Array, roughness: float, count: int, rng: np.random.Generator) -> Labels:
    """One attempt at an arrangement: the outer sphere, `count` objects in it, parts in those."""
    edge = min(waves.shape)
    shrink = min(1.0, edge / EDGE)
    labels = np.zeros(waves.shape, dtype=np.uint8)
    centre = (np.array(waves.shape) - 1) / 2 + shrink * rng.standard_normal(3)
    outer = rasterise(sphere(edge / EDGE * rng.normal(25, 1)), centre, waves, roughness)
    room = _mark(labels, outer, OUTER_SPHERE)
    for number in range(count):
        kind = (MITOCHONDRION, VESICLE)[number % 2]
        placed = place_at_random(_object(kind, shrink, rng), room, waves, roughness, rng)
        if placed is not None:
            _fill(labels, placed, kind, waves, roughness, shrink, rng)
    return labels


def _fill(
    labels: Labels,
    parent: PlacedSolid,
    kind: int,
    waves: Array,
    roughness: float,
    shrink: float,
    rng: np.random.Generator,
) -> None:
    """Label `parent` and put its parts into it."""
    room = _mark(labels, parent, kind)
    part = {MITOCHONDRION: SMALL_CUBOID, VESICLE: SMALL_SPHERE}[kind]
    for _ in range(PARTS):
        placed = place_at_random(_object(part, shrink, rng), room, waves, roughness, rng)
        if placed is not None:
            _mark(labels, placed, part)


def _mark(labels: Labels, placed: PlacedSolid, kind: int) -> npt.NDArray[np.bool_]:
    """Write `kind` into a placed solid and return the room inside it, on the whole grid."""
    labels[placed.window][placed.inside] = kind
    room = np.zeros(labels.shape, dtype=np.bool_)
    room[placed.window] = placed.core
    return room


def _object(kind: int, shrink: float, rng: np.random.Generator) -> Solid:
    """A random object of a class."""
    return {
        VESICLE: lambda: sphere(shrink * rng.normal(8, 0.5)),
        MITOCHONDRION: lambda: cuboid(shrink * rng.normal(8, 0.5, 3)),
        SMALL_SPHERE: lambda: sphere(shrink * rng.normal(2, 0.2)),
        SMALL_CUBOID: lambda: cuboid(shrink * rng.normal(3, 0.15, 3)),
    }[kind]()


def _paint(labels: Labels, coloured_background: bool, rng: np.random.Generator) -> Array:
    """Colour and texture of every voxel, by its class."""
    data = np.zeros(labels.shape)
    for kind in NAMES:
        colour = rng.standard_normal()
        texture = _unit(ndimage.gaussian_filter(rng.standard_normal(labels.shape), rng.uniform(0.5, 2.5, 3)))
        if kind != BACKGROUND or coloured_background:
            here = labels == kind
            data[here] = colour + TEXTURE * texture[here]
    return data


def _pink(shape: Index3, rng: np.random.Generator) -> Array:
    """Noise of unit variance whose power falls as 1/f."""
    spectrum = np.fft.rfftn(rng.standard_normal(shape))
    axes = [np.fft.fftfreq(n) for n in shape[:2]] + [np.fft.rfftfreq(shape[2])]
    z, y, x = np.meshgrid(*axes, indexing="ij", sparse=True)
    frequency = np.sqrt(z**2 + y**2 + x**2)
    frequency[0, 0, 0] = np.inf  # no constant part
    return _unit(np.fft.irfftn(spectrum / np.sqrt(frequency), s=shape, axes=(0, 1, 2)))


def _unit(data: Array) -> Array:
    """Data with mean 0 and standard deviation 1."""
    standard: Array = (data - data.mean()) / data.std()
    return standard
