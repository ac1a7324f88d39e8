"""Handwriting of our own making: ten digits of strokes, with a hand that wavers, slants and presses."""

import numpy as np

from benchmarks.particles.posed_images import Floats, PosedImages, rotated_points

POINTS = 12
"""Points of a stroke after it was resampled."""


def _arc(y: float, x: float, height: float, width: float, start: float, stop: float) -> Floats:
    turn = np.radians(np.linspace(start, stop, POINTS))
    return np.stack([y - height * np.sin(turn), x + width * np.cos(turn)], axis=1)


def _line(*corners: tuple[float, float]) -> Floats:
    there = np.array(corners)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(there, axis=0).T))])
    steps = np.linspace(0, along[-1], POINTS)
    return np.stack([np.interp(steps, along, there[:, axis]) for axis in (0, 1)], axis=1)


STROKES: tuple[tuple[Floats, ...], ...] = (
    (_arc(0, 0, 0.6, 0.4, 0, 360),),
    (_line((-0.35, -0.2), (-0.6, 0.05), (0.6, 0.05)),),
    (np.concatenate([_arc(-0.27, 0, 0.33, 0.36, 160, -40)[::2], _line((0.05, 0.2), (0.6, -0.38), (0.6, 0.4))[::2]]),),
    (_arc(-0.29, -0.05, 0.31, 0.38, 140, -90), _arc(0.29, -0.05, 0.31, 0.42, 90, -140)),
    (_line((-0.6, 0.0), (0.15, -0.4), (0.15, 0.42)), _line((-0.25, 0.18), (0.6, 0.18))),
    (_line((-0.6, 0.38), (-0.6, -0.28), (-0.08, -0.3)), _arc(0.22, -0.08, 0.36, 0.44, 110, -140)),
    (_line((-0.6, 0.22), (-0.25, -0.22), (0.2, -0.36)), _arc(0.27, 0, 0.33, 0.36, 0, 360)),
    (_line((-0.6, -0.4), (-0.6, 0.4), (0.6, -0.12)),),
    (_arc(-0.3, 0, 0.3, 0.3, 0, 360), _arc(0.3, 0, 0.32, 0.38, 0, 360)),
    (_arc(-0.27, 0, 0.33, 0.36, 0, 360), _line((-0.2, 0.36), (0.25, 0.22), (0.6, 0.1))),
)
"""Strokes of each digit, points (12, 2) in (y, x); the image reaches from −1 to 1."""
WAVER, SLANT, THICKNESS, SOFTNESS = 0.035, 0.2, (0.06, 0.13), 0.035


def digits(count: int, edge: int, angle_scale: float, shift_scale: float, random: np.random.Generator) -> PosedImages:
    """`count` digits with values from 0 to 1.

    Parameters
    ----------
    count, edge
        Number of images, and their edge in pixels.
    angle_scale, shift_scale
        Standard deviations of the rotation in radians and of the shift in pixels.
    random
        Source of everything.
    """
    numbers = random.integers(10, size=count)
    angles = random.normal(0, angle_scale, count)
    shifts = random.normal(0, shift_scale, (count, 2))
    drawn = [
        _drawn(STROKES[number], angle, shift * 2 / (edge - 1), edge, random)
        for number, angle, shift in zip(numbers, angles, shifts, strict=True)
    ]
    return PosedImages(np.stack(drawn).astype(np.float32), numbers.astype(float), angles, shifts)


def _drawn(strokes: tuple[Floats, ...], angle: float, shift: Floats, edge: int, random: np.random.Generator) -> Floats:
    slant = random.normal(0, SLANT)
    offsets = random.normal(0, WAVER, (2, 4))
    line = np.linspace(-1, 1, edge)
    pixels = np.stack(np.meshgrid(line, line, indexing="ij"), axis=-1).reshape(-1, 2)
    nearest = np.full(len(pixels), np.inf)
    for stroke in strokes:
        waved = stroke + sum(offsets[:, n] * np.sin((n + 1) * stroke[:, ::-1] + n) for n in range(offsets.shape[1]))
        waved[:, 1] -= slant * waved[:, 0]
        placed = rotated_points(waved[None], np.array([angle]))[0] + shift
        nearest = np.minimum(nearest, _distance(pixels, placed))
    thickness = random.uniform(*THICKNESS)
    return np.asarray(1 / (1 + np.exp((nearest - thickness) / SOFTNESS))).reshape(edge, edge)


def _distance(pixels: Floats, stroke: Floats) -> Floats:
    """Distance (m,) of `pixels` (m, 2) to the nearest segment of a `stroke` (k, 2)."""
    first, along = stroke[:-1], np.diff(stroke, axis=0)
    length = np.maximum((along**2).sum(1), 1e-12)
    offset = pixels[:, None] - first
    share = np.clip((offset * along).sum(-1) / length, 0, 1)
    return np.asarray(np.sqrt(((offset - share[..., None] * along) ** 2).sum(-1)).min(1))
