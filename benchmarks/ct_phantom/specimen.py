"""The specimen of a CT phantom: a body put into the field of view, off centre and oblique."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from benchmarks.ct_phantom.body import Body, draw_body
from benchmarks.ct_phantom.frame import Array, Frame, Vectors, oriented_noise, refine, rotation
from napari_hypseg.volumes.box import Box, Index3

Mask = npt.NDArray[np.bool_]
MARGIN = 0.06  # of the field's edge, between the specimen and the border
SHARES = (0.45, 0.75)  # of the field's edge that the specimen spans
BOX_SHARES = (0.15, 0.30)  # of the field that its box holds
COARSE = 72  # cells along each axis on which a body is evaluated: it is smooth, and finer grids are interpolated
ROUGHNESS = 0.022  # of the specimen's mean extent: depth (s.d.) of the dents of its skin
TURNS = 40  # random orientations of which the best is taken
BLUNT = 0.15  # weight of blunt ends against little stretching
CLOSE = 0.05  # of the extent: what counts as the end


@dataclass(frozen=True, eq=False)
class Placed:
    """A specimen in the field.

    Parameters
    ----------
    window
        Voxels that hold all of it, and a few more.
    depth
        float32 (z, y, x) on the window: distance from the skin in units of the voxel size, above 0 inside; trusted
        near the skin only.
    mask
        Voxels of the window that belong to it: one connected piece.
    extent
        Edge of the cube that is as large as its box.
    """

    window: Box
    depth: Array
    mask: Mask
    extent: float

    def on(self, shape: Index3) -> Mask:
        """Mask on the whole grid."""
        whole = np.zeros(shape, dtype=np.bool_)
        whole[self.window.slices] = self.mask
        return whole

    @property
    def box(self) -> Box:
        """Tight bounding box on the whole grid."""
        (tight,) = ndimage.find_objects(self.mask.astype(np.uint8))
        z, y, x = ((int(s.start), int(s.stop)) for s in tight)
        return Box((z[0], y[0], x[0]), (z[1], y[1], x[1])).shift(self.window.start)


def place_specimen(frame: Frame, extent: float | None, centring: npt.ArrayLike, rng: np.random.Generator) -> Placed:
    """Draw a body and put it into the field.

    Parameters
    ----------
    extent
        Share of the field's edges that the specimen spans, on average; drawn if None.
    centring
        Share (z, y, x) by which the specimen is moved from its random spot to the field's centre.
    """
    body = draw_body(rng)
    span = _shares(extent, rng) * frame.size
    free = frame.size * (0.5 - MARGIN) - span / 2
    centre = rng.uniform(-1, 1, 3) * np.maximum(free, 0) * (1 - np.asarray(centring))
    window = frame.around(centre, 0.6 * span)
    depth = _evaluate(body, frame, window, centre, span, rng)
    return Placed(window, depth, _largest(depth > 0), float(np.prod(span) ** (1 / 3)))


def _shares(extent: float | None, rng: np.random.Generator) -> Vectors:
    """Share of each edge of the field that the specimen spans."""
    if extent is not None:
        return np.minimum(extent * rng.uniform(0.92, 1.08, 3), 1 - 2 * MARGIN)
    while True:
        shares = rng.uniform(*SHARES, 3)
        if BOX_SHARES[0] <= np.prod(shares) <= BOX_SHARES[1]:
            return np.asarray(shares)


def _evaluate(body: Body, frame: Frame, window: Box, centre: Vectors, span: Vectors, rng: np.random.Generator) -> Array:
    """Depth below the skin on the window, the body being turned and stretched to span `span` around `centre`."""
    turn, middle, reach = _orient(body, span, rng)
    first, last = frame.position(window.start), frame.position(np.array(window.stop) - 1)
    ticks = [np.linspace(a, b, COARSE) for a, b in zip((first - centre), (last - centre), strict=True)]
    place = np.stack(np.meshgrid(*ticks, indexing="ij"), axis=-1) / span * reach + middle
    z, y, x = np.moveaxis((place @ turn).astype(np.float32), -1, 0)  # rows of `turn` are the field's axes
    field = body.distance(z, y, x)
    steps = [float(tick[1] - tick[0]) for tick in ticks]
    slope = np.sqrt(sum(np.square(part) for part in np.gradient(field, *steps)))
    depth = -field / np.maximum(slope, 1e-3 * float(slope.max()))
    extent = float(np.prod(span) ** (1 / 3))
    grid = Frame((COARSE,) * 3, (steps[0], steps[1], steps[2]))
    for wave, share in ((0.16, 0.8), (0.07, 0.35)):
        bumps = oriented_noise(grid, Box.whole(grid.shape), wave * extent, rotation(rng), rng)
        depth -= np.float32(ROUGHNESS * share * extent) * np.clip(bumps, -2, 2)
    return refine(depth.astype(np.float32), window.shape)


def _orient(body: Body, span: Vectors, rng: np.random.Generator) -> tuple[Vectors, Vectors, Vectors]:
    """Orientation (3, 3) that needs little stretching to span `span` and has blunt ends, its box's middle and edges."""
    tick = np.linspace(-2, 2, 48, dtype=np.float32)
    inside = body.distance(tick[:, None, None], tick[None, :, None], tick[None, None, :]) < 0
    skin = inside & ~ndimage.binary_erosion(inside)
    points = tick[np.argwhere(skin)].astype(np.float64)
    best, least = (np.eye(3), np.zeros(3), np.full(3, 2.0)), np.inf
    for _ in range(TURNS):
        turn = rotation(rng)
        turned = points @ turn.T
        low, high = turned.min(axis=0), turned.max(axis=0)
        reach = high - low + (tick[1] - tick[0])
        score = float(np.std(np.log(reach / span))) - BLUNT * _bluntness(turned, low, high)
        if score < least:
            best, least = (turn, (low + high) / 2, reach), score
    return best


def _bluntness(points: Vectors, low: Vectors, high: Vectors) -> float:
    """Logarithm of the share of a skin's points that lie close to the sharpest of the six ends."""
    near = CLOSE * (high - low)
    ends = np.minimum((points < low + near).mean(axis=0), (points > high - near).mean(axis=0))
    return float(np.log(ends.min()))


def _largest(mask: Mask) -> Mask:
    """The largest connected piece, without the islands that rough skin may have cast off."""
    pieces, _ = ndimage.label(mask)
    sizes = np.bincount(pieces.ravel())
    sizes[0] = 0
    return np.asarray(pieces == sizes.argmax())
