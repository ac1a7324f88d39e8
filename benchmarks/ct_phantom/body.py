"""Bodies of organisms: rounded lumps that flow into each other, with dents."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from benchmarks.ct_phantom.frame import Array, Vectors, rotation

BLEND = 0.12  # width over which lumps flow into each other, in units of the body (about 2 across)
DENT_WIDTH = 0.45


@dataclass(frozen=True, eq=False)
class Lump:
    """Ellipsoid (power 2) or superquadric (4) at `centre` (3,) and its half axes `radii` along the rows of `turn`."""

    centre: Vectors
    radii: Vectors
    turn: Vectors
    power: int = 2

    def distance(self, z: Array, y: Array, x: Array) -> Array:
        """Roughly the distance from the surface, below 0 inside."""
        matrix = self.turn / self.radii[:, None]
        total: Array | float = 0.0
        for row in matrix.astype(np.float32):
            along = row[0] * (z - self.centre[0]) + row[1] * (y - self.centre[1]) + row[2] * (x - self.centre[2])
            square = np.square(along, dtype=np.float32)
            total = total + (square if self.power == 2 else square * square)
        radius = np.asarray(total, dtype=np.float32) ** np.float32(1 / self.power)
        return (radius - np.float32(1)) * np.float32(self.radii.min())


@dataclass(frozen=True, eq=False)
class Body:
    """Lumps that flow into each other; `dents` are (centre (3,), depth)."""

    lumps: tuple[Lump, ...]
    dents: tuple[tuple[Vectors, float], ...] = ()

    def distance(self, z: Array, y: Array, x: Array) -> Array:
        """Roughly the distance from the surface, below 0 inside, of positions that broadcast together."""
        near = sum((np.exp(-lump.distance(z, y, x) / BLEND) for lump in self.lumps), start=np.float32(0))
        field = -BLEND * np.log(np.maximum(near, 1e-30))
        for (cz, cy, cx), depth in self.dents:
            away = (z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2
            field = field + depth * np.exp(-away / DENT_WIDTH**2)
        return np.asarray(field, dtype=np.float32)


def draw_body(rng: np.random.Generator) -> Body:
    """A random body about 2 across, of one of the `KINDS`."""
    return KINDS[str(rng.choice(list(KINDS)))](rng)


def _cluster(rng: np.random.Generator) -> Body:
    """2-5 lumps around a common centre."""
    lumps = []
    for _ in range(rng.integers(2, 6)):
        centre = rng.normal(0, 0.35, 3)
        lumps.append(Lump(centre, rng.uniform(0.35, 0.8, 3), rotation(rng), int(rng.choice([2, 4]))))
    return Body(tuple(lumps))


def _worm(rng: np.random.Generator) -> Body:
    """A bent tube with blunt ends."""
    bend, swing = rng.uniform(0.6, 2.4), rng.uniform(-0.3, 0.3)
    thick = rng.uniform(0.26, 0.36)
    lumps = []
    for t in np.linspace(-1, 1, 7):
        centre = np.array([np.sin(t * bend) / bend, (1 - np.cos(t * bend)) / bend, swing * np.sin(2.5 * t)])
        radii = thick * (1.1 - 0.2 * t * t) * np.array([1.15, 1.0, 1.0])
        lumps.append(Lump(centre, radii, np.eye(3)))
    return Body(tuple(lumps))


def _egg(rng: np.random.Generator) -> Body:
    """An egg with a deep dent or two, as a limaçon has."""
    main = Lump(np.zeros(3), rng.uniform([0.6, 0.6, 0.8], [0.9, 0.9, 1.2]), np.eye(3))
    dents = []
    for _ in range(rng.integers(1, 3)):
        way = rng.standard_normal(3)
        dents.append((way / np.linalg.norm(way) * main.radii, float(rng.uniform(0.25, 0.5))))
    return Body((main,), tuple(dents))


def _embryo(rng: np.random.Generator) -> Body:
    """A yolk with a head at one side and a tail that curls around it."""
    yolk = rng.uniform(0.5, 0.65)
    lumps = [Lump(np.zeros(3), yolk * rng.uniform(0.9, 1.2, 3), np.eye(3))]
    head = rng.uniform(0.3, 0.42)
    for t, radius in zip(np.linspace(0, rng.uniform(1.8, 3.0), 5), np.linspace(head, 0.22, 5), strict=True):
        centre = (yolk + 0.15) * np.array([np.cos(t), np.sin(t), 0.1 * t])
        lumps.append(Lump(centre, radius * rng.uniform(0.9, 1.2, 3), rotation(rng)))
    return Body(tuple(lumps))


KINDS: Mapping[str, Callable[[np.random.Generator], Body]] = {
    "cluster": _cluster,
    "worm": _worm,
    "egg": _egg,
    "embryo": _embryo,
}
