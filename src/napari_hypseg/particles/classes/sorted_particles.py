"""A table of classes read back: which class each particle is in, what orders a gallery has, and how particles lie."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import InputError
from napari_hypseg.particles.classes.gallery_order import ParticleRanks
from napari_hypseg.particles.classes.particle_content import ParticleContent, content_of

NEEDED = ("class", "place", "doubt", "elbo")
ANGLE, CENTRES = "angle_deg", ("centre_y", "centre_x")
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class SortedParticles:
    """Classes of n particles.

    Parameters
    ----------
    ranks
        What they can be put in order by, with the class of each, 0 for none.
    angles
        float64 (n,): by how many degrees each is turned in the plane, NaN where nothing is known; None for all.
    centres
        float64 (n, 2), order yx, in pixels from the middle of the box; None where nothing is known.
    content
        What they were sorted by, None where nothing is known.
    """

    ranks: ParticleRanks
    angles: Floats | None = None
    centres: Floats | None = None
    content: ParticleContent | None = None

    def __len__(self) -> int:
        return len(self.ranks.classes)

    def spread(self, rows: Rows, n: int) -> "SortedParticles":
        """The classes of `n` particles, of which those at `rows` are these and all others are in none."""
        ranks = self.ranks
        others = np.setdiff1d(np.arange(n), rows)
        classes, doubt, elbo = np.zeros(n, np.int64), np.full(n, -np.inf, np.float32), np.full(n, np.inf, np.float32)
        classes[rows], doubt[rows], elbo[rows] = ranks.classes, ranks.doubt, ranks.elbo
        content = np.concatenate([rows[ranks.content], others])
        angles, centres = self.angles, self.centres
        if angles is not None and centres is not None:
            wide, wider = np.full(n, np.nan), np.zeros((n, 2))
            wide[rows], wider[rows] = angles, centres
            angles, centres = wide, wider
        known = None if self.content is None else self.content.spread(rows, n)
        return SortedParticles(ParticleRanks(content, classes, doubt, elbo), angles, centres, known)

    def with_class(self, rows: Rows) -> "SortedParticles":
        """The same with the particles at `rows` in a class of their own, whose number is the first that is free."""
        classes = self.ranks.classes.copy()
        classes[rows] = 0
        free = np.setdiff1d(np.arange(1, len(np.unique(classes)) + 2), classes)[0]
        classes[rows] = free
        return replace(self, ranks=replace(self.ranks, classes=classes))

    def take(self, rows: Rows) -> "SortedParticles":
        """Those at the places `rows` (m,); inverse of `spread`."""
        ranks = self.ranks
        place = np.full(len(self), -1)
        place[rows] = np.arange(len(rows))
        content = place[ranks.content]
        kept = ParticleRanks(content[content >= 0], ranks.classes[rows], ranks.doubt[rows], ranks.elbo[rows])
        angles, centres = (None if one is None else one[rows] for one in (self.angles, self.centres))
        known = None if self.content is None else replace(self.content, points=self.content.points[rows])
        return SortedParticles(kept, angles, centres, known)


def sorted_columns(sorted_particles: SortedParticles) -> dict[str, npt.NDArray[Any]]:
    """Columns (n,) by name, those that `read_class_table` reads."""
    ranks, n = sorted_particles.ranks, len(sorted_particles)
    place = np.empty(n, dtype=np.int64)
    place[ranks.content] = np.arange(n)
    columns: dict[str, npt.NDArray[Any]] = {
        "particle": np.arange(1, n + 1), "class": ranks.classes, "place": place + 1,
    }  # fmt: skip
    if sorted_particles.content is not None:
        columns |= sorted_particles.content.columns()
    if sorted_particles.angles is not None and sorted_particles.centres is not None:
        columns |= {ANGLE: sorted_particles.angles, **dict(zip(CENTRES, sorted_particles.centres.T, strict=True))}
    return columns | {"doubt": ranks.doubt, "elbo": ranks.elbo}


def read_class_table(path: Path) -> SortedParticles:
    """The table that `hypseg classify --out` has written.

    Raises
    ------
    InputError
        If it cannot be read, or is no such table.
    """
    columns = read_columns(path)
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        raise InputError(
            f"{path.name} has no column {', '.join(missing)}; choose a table that hypseg classify has written."
        )
    classes = columns["class"].astype(np.int64)
    if (classes < 0).any():
        raise InputError(f"{path.name} has classes below 0; choose a table that hypseg classify has written.")
    content = np.argsort(columns["place"], kind="stable")
    doubt, elbo = (columns[name].astype(np.float32) for name in ("doubt", "elbo"))
    ranks, known = ParticleRanks(content, classes, doubt, elbo), content_of(columns)
    if ANGLE not in columns or any(name not in columns for name in CENTRES):
        return SortedParticles(ranks, content=known)
    return SortedParticles(ranks, columns[ANGLE], np.stack([columns[name] for name in CENTRES], axis=1), known)


def read_columns(path: Path) -> dict[str, Floats]:
    """The columns of a table of numbers by name.

    Raises
    ------
    InputError
        If it cannot be read, or is none.
    """
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = list(csv.reader(file))
        names, values = rows[0], np.array(rows[1:], dtype=np.float64).reshape(-1, len(rows[0]))
    except OSError as error:
        raise InputError(f"{path} cannot be read ({error.strerror}).") from error
    except (ValueError, IndexError, csv.Error) as error:
        raise InputError(f"{path.name} is no table of numbers; choose one that hypseg classify has written.") from error
    return dict(zip(names, values.T, strict=True))
