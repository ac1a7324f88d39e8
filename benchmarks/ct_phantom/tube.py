"""CT scans of a small specimen in a tube of medium in air, generated with the truth: scenes on which a tube misleads.

They differ from those of `ct_phantom` in what the specimen is drowned in: noise up to a fifth of the medium's grey
value, bubbles, beads (one may touch the specimen), a holder, rings, and a tube that stands out far more than it does.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from benchmarks.ct_phantom.artefacts import add_rings, axis_distance, frame_axes
from benchmarks.ct_phantom.frame import Array, Frame, oriented_noise, rotation
from benchmarks.ct_phantom.phantom import CTPhantom
from benchmarks.ct_phantom.surroundings import AIR, MEDIUM, SPECIMEN, WALL, Labels
from benchmarks.ct_phantom.tube_parts import (
    add_beads,
    add_bubbles,
    add_rod,
    fill_tube,
    place_in_medium,
)
from napari_hypseg.errors import SettingError
from napari_hypseg.volumes.box import Box, Index3
from napari_hypseg.volumes.volume import Volume

Container = Literal["capillary", "cylinder", "filling"]
CONTAINERS: tuple[Container, ...] = ("capillary", "cylinder", "filling")
ODDS = (0.65, 0.2, 0.15)
SMALLEST = 48
TEXTURES = ((0.024, 0.7), (0.05, 0.6), (0.1, 0.4))
"""Lattice of a texture as a share of the field's edge, and its weight."""


@dataclass(frozen=True)
class TubeChoices:
    """What a scan shows; grey values in units of the medium's, lengths in shares of the field's edge.

    Parameters
    ----------
    container
        A capillary of medium in air, a cylinder of medium without a wall in air, or medium as far as one sees.
    fraction
        Share of the field's volume that the specimen fills.
    texture, noise
        Standard deviations.
    offset
        Mean of the specimen above that of the medium.
    bubbles, beads
        How many.
    touching
        Whether one more bead lies against the specimen.
    rod
        Whether a holder comes along z.
    rings, cupping
        Strength of the artefacts.
    blur
        Standard deviation of the partial-volume blur in voxels.
    """

    container: Container
    fraction: float
    texture: float
    noise: float
    offset: float
    bubbles: int
    beads: int
    touching: bool
    rod: bool
    rings: float
    cupping: float
    blur: float


def draw_tube_choices(rng: np.random.Generator) -> TubeChoices:
    """Everything at random: fractions evenly on a logarithmic scale, the others evenly."""
    return TubeChoices(
        container=CONTAINERS[rng.choice(3, p=ODDS)],
        fraction=float(np.exp(rng.uniform(np.log(0.008), np.log(0.05)))),
        texture=rng.uniform(0.12, 0.3),
        noise=rng.uniform(0.03, 0.2),
        offset=rng.uniform(-0.03, 0.03),
        bubbles=int(rng.integers(0, 7)),
        beads=int(rng.integers(0, 3)),
        touching=bool(rng.random() < 0.35),
        rod=bool(rng.random() < 0.5),
        rings=rng.uniform(0.01, 0.06),
        cupping=rng.uniform(0.0, 0.12),
        blur=rng.uniform(0.5, 1.0),
    )


def choices_of(seed: int) -> TubeChoices:
    """What `tube_phantom` draws for a seed."""
    return draw_tube_choices(np.random.default_rng(seed).spawn(1)[0])


def draw_tube_shape(seed: int, edges: tuple[int, int]) -> Index3:
    """A grid (z, y, x) with edges between two numbers of voxels, z drawn apart from y and x, which are alike."""
    rng = np.random.default_rng([seed, 1])
    z, across = (int(n) for n in rng.integers(edges[0], edges[1] + 1, 2))
    return z, across, min(edges[1], across + int(rng.integers(0, 1 + across // 8)))


def tube_phantom(shape: Index3, seed: int, choices: TubeChoices | None = None) -> CTPhantom:
    """Generate a scan of a small textured specimen of the medium's mean grey value.

    Parameters
    ----------
    shape
        Grid (z, y, x) in voxels, at least 48 along each axis; z is the axis of the tube and of rotation.
    seed
        Same seed, same scan.
    choices
        What it shows; drawn if None.

    Raises
    ------
    SettingError
        If the grid is too small.
    """
    if np.size(shape) != 3 or min(shape) < SMALLEST:
        raise SettingError(f"A scan of {shape} voxels shows nothing; use {SMALLEST} or more along each axis.")
    _, around, inside, scanner = np.random.default_rng(seed).spawn(4)
    choices = choices or choices_of(seed)
    frame = Frame(shape, (1.0, 1.0, 1.0))
    labels = fill_tube(frame, choices.container, around)
    labels[place_in_medium(labels, frame, choices.fraction, inside)] = SPECIMEN
    box = _tight(labels)
    data = _paint(labels, frame, choices, around, inside)
    data = _scan(data, frame, choices, scanner)
    volume = Volume((data,), frame.voxel_size, "micrometer", (0.0, 0.0, 0.0), f"tube-{seed}")
    return CTPhantom(volume, labels, box)


def _tight(labels: Labels) -> Box:
    held = np.argwhere(labels == SPECIMEN)
    (z0, y0, x0), (z1, y1, x1) = (tuple(int(n) for n in end) for end in (held.min(0), held.max(0) + 1))
    return Box((z0, y0, x0), (z1, y1, x1))


def _paint(
    labels: Labels, frame: Frame, choices: TubeChoices, around: np.random.Generator, inside: np.random.Generator
) -> Array:
    """Grey values of a perfect scan: air 0 to 0.15, medium 1; distractors are labelled as they are painted."""
    levels = np.zeros(5, dtype=np.float32)
    levels[[AIR, MEDIUM, SPECIMEN, WALL]] = around.uniform(0, 0.15), 1, 1 + choices.offset, around.uniform(1.3, 2.2)
    data = levels[labels]
    texture = np.zeros(frame.shape, dtype=np.float32)
    for share, weight in TEXTURES:
        length = max(1.5, share * frame.scale * inside.uniform(0.8, 1.2))
        lengths = length * np.array([inside.uniform(1, 2), 1.0, 1.0])
        texture += np.float32(weight) * oriented_noise(frame, Box.whole(frame.shape), lengths, rotation(inside), inside)
    specimen = labels == SPECIMEN
    texture -= texture[specimen].mean()
    data[specimen] += (choices.texture / texture[specimen].std() * texture)[specimen]
    if choices.rod:
        add_rod(labels, data, frame, around)
    add_bubbles(labels, data, frame, choices.bubbles, float(levels[AIR]), around)
    add_beads(labels, data, frame, choices.beads, choices.touching, around)
    return data


def _scan(data: Array, frame: Frame, choices: TubeChoices, rng: np.random.Generator) -> Array:
    """Blur, cupping, rings and noise, half of it as coarse as the blur; then a random gain and offset."""
    from scipy import ndimage

    data = ndimage.gaussian_filter(data, choices.blur, mode="nearest", output=np.float32)
    _, y, x = frame_axes(frame.shape)
    data += np.float32(choices.cupping) * (np.square(y) + np.square(x) - np.float32(2 / 3))
    add_rings(data, axis_distance(frame, rng), choices.rings, rng)
    noise = rng.standard_normal(frame.shape, dtype=np.float32)
    if rng.random() < 0.5:
        noise = ndimage.gaussian_filter(noise, 0.6, output=np.float32)
    data += noise * np.float32(choices.noise / noise.std())
    data *= np.float32(rng.uniform(0.05, 5.0))
    data += np.float32(rng.uniform(-1.0, 1.0))
    return data
