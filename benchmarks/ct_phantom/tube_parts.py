"""What a tube scan is made of: the tube, a specimen in its medium, a holder, bubbles and beads."""

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from benchmarks.ct_phantom.body import Body, Lump, draw_body
from benchmarks.ct_phantom.frame import Array, Frame, Vectors, oriented_noise, rotation
from benchmarks.ct_phantom.surroundings import AIR, DISTRACTOR, MEDIUM, SPECIMEN, WALL, Labels
from napari_hypseg.volumes.box import Box

Mask = npt.NDArray[np.bool_]
TRIES = 60
SMALLER = 0.93
ROUGH = 0.03
"""Depth of the dents of a specimen's surface (s.d.) as a share of its size."""


def fill_tube(frame: Frame, container: str, rng: np.random.Generator) -> Labels:
    """Label air, wall and medium; the tube leans by up to 8 degrees and may end in a meniscus at one side."""
    labels = np.full(frame.shape, MEDIUM, dtype=np.uint8)
    if container != "filling":
        z, y, x = frame.axes()
        across = min(frame.size[1:])
        lean, shift = np.tan(np.radians(rng.uniform(-8, 8, 2))), rng.uniform(-0.04, 0.04, 2) * across
        radius = np.hypot(y - shift[0] - lean[0] * z, x - shift[1] - lean[1] * z)
        outer = across * rng.uniform(0.36, 0.48)
        wall = across * rng.uniform(0.015, 0.045) if container == "capillary" else 0.0
        labels[radius > outer - wall] = WALL
        labels[radius > outer] = AIR
    if rng.random() < 0.25:
        _add_meniscus(labels, frame, rng)
    return labels


def _add_meniscus(labels: Labels, frame: Frame, rng: np.random.Generator) -> None:
    """Air instead of medium beyond a surface across z."""
    z, y, x = frame.axes()
    height = 0.5 * frame.size[0] * rng.uniform(0.55, 0.85)
    slope = rng.normal(0, 0.1, 2)
    surface = height + slope[0] * y + slope[1] * x + (np.square(y) + np.square(x)) / (2 * frame.scale)
    labels[(rng.choice([-1, 1]) * z > surface) & (labels == MEDIUM)] = AIR


def place_in_medium(labels: Labels, frame: Frame, fraction: float, rng: np.random.Generator) -> Mask:
    """A connected body (z, y, x) of a share of the field's volume that touches nothing but medium."""
    room = ndimage.distance_transform_edt(np.pad(labels == MEDIUM, 1))[1:-1, 1:-1, 1:-1] > 3
    spots = np.argwhere(room & (ndimage.distance_transform_edt(room) > 0.04 * frame.scale))
    volume = fraction * float(np.prod(frame.size))
    while True:
        for _ in range(TRIES):
            body: Body = draw_body(rng) if rng.random() < 0.4 else _ellipsoid(rng)
            placed = _draw_body(body, frame, frame.position(spots[rng.integers(len(spots))]), volume, rng)
            if placed is not None and room[placed].all():
                return placed
        volume *= SMALLER


def _ellipsoid(rng: np.random.Generator) -> Body:
    return Body((Lump(np.zeros(3), np.array([1.0, rng.uniform(0.4, 0.8), rng.uniform(0.35, 0.7)]), np.eye(3)),))


def _draw_body(body: Body, frame: Frame, centre: Vectors, volume: float, rng: np.random.Generator) -> Mask | None:
    """A body turned at random and scaled to a volume; None if it leaves the field."""
    tick = np.linspace(-2, 2, 40, dtype=np.float32)
    unit = body.distance(tick[:, None, None], tick[None, :, None], tick[None, None, :]) < 0
    size = (volume / (unit.mean() * 4**3)) ** (1 / 3)
    box = frame.around(centre, 1.8 * size)
    z, y, x = frame.axes(box)
    turn = rotation(rng).astype(np.float32)
    rows = [(row[0] * (z - centre[0]) + row[1] * (y - centre[1]) + row[2] * (x - centre[2])) / size for row in turn]
    near = body.distance(*(row.astype(np.float32) for row in rows))
    near += np.float32(ROUGH) * oriented_noise(frame, box, 0.25 * size, rotation(rng), rng)
    pieces, count = ndimage.label(near < 0)
    if not count:
        return None
    piece = pieces == 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    faces = zip((0, 0, 1, 1, 2, 2), (0, -1) * 3, strict=True)
    if any(piece.take(side, axis).any() for axis, side in faces):
        return None
    whole = np.zeros(frame.shape, dtype=np.bool_)
    whole[box.slices] = piece
    return whole


def add_rod(labels: Labels, data: Array, frame: Frame, rng: np.random.Generator) -> None:
    """A rod along z, nearly, that ends at the specimen or shortly before it."""
    z, y, x = frame.axes()
    way, radius = rng.choice([-1.0, 1.0]), frame.scale * rng.uniform(0.02, 0.045)
    held = np.argwhere(labels == SPECIMEN)
    end = held[np.argmax(way * held[:, 0])]
    tip = frame.position(end)
    tip[0] += way * rng.choice([0.0, 0.02]) * frame.scale
    lean = rng.normal(0, 0.06, 2)
    along = way * (z - tip[0])
    aside = np.hypot(y - tip[1] - lean[0] * (z - tip[0]), x - tip[2] - lean[1] * (z - tip[0]))
    inside = (along > 0) & (aside < radius) & ((labels == MEDIUM) | (labels == AIR))
    labels[inside] = DISTRACTOR
    data[inside] = rng.uniform(1.3, 2.2) if rng.random() < 0.7 else rng.uniform(0.3, 0.7)


def add_bubbles(labels: Labels, data: Array, frame: Frame, count: int, level: float, rng: np.random.Generator) -> None:
    """Dark spheres anywhere in the medium."""
    spots = np.argwhere(labels == MEDIUM)
    for _ in range(count):
        centre = frame.position(spots[rng.integers(len(spots))])
        _add_ball(labels, data, frame, centre, frame.scale * rng.uniform(0.015, 0.05), level)


def add_beads(labels: Labels, data: Array, frame: Frame, count: int, touching: bool, rng: np.random.Generator) -> None:
    """Bright spheres anywhere in the medium; one more lies against the specimen if `touching`."""
    spots = np.argwhere(labels == MEDIUM)
    for _ in range(count):
        centre = frame.position(spots[rng.integers(len(spots))])
        _add_ball(labels, data, frame, centre, frame.scale * rng.uniform(0.015, 0.045), rng.uniform(1.8, 3.0))
    if touching:
        radius = frame.scale * rng.uniform(0.025, 0.05)
        away = ndimage.distance_transform_edt(labels != SPECIMEN)
        beside = np.argwhere((np.abs(away - radius) < 0.8) & (labels == MEDIUM))
        if len(beside):
            _add_ball(
                labels, data, frame, frame.position(beside[rng.integers(len(beside))]), radius, rng.uniform(1.8, 3.0)
            )


def _add_ball(labels: Labels, data: Array, frame: Frame, centre: Vectors, radius: float, level: float) -> None:
    box: Box = frame.around(centre, radius)
    z, y, x = frame.axes(box)
    near = np.square(z - centre[0]) + np.square(y - centre[1]) + np.square(x - centre[2]) < radius**2
    inside = near & (labels[box.slices] == MEDIUM)
    labels[box.slices][inside] = DISTRACTOR
    data[box.slices][inside] = level
