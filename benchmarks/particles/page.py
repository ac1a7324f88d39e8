"""The tables of `python -m benchmarks particles`, which go into the page of the method."""

from collections.abc import Sequence

import numpy as np

from benchmarks.particles.measure import Score
from benchmarks.particles.space import NEAR, SpaceScore
from benchmarks.particles.tomogram import TomogramScore
from benchmarks.reporting.page import placeholder, table

PAGE = "spatial_vae.md"
SECTIONS = {
    "conformation": "particles conformation",
    "digits": "particles digits",
    "space": "particles space",
    "run": "particles run",
}
TEMPLATE = f"""\
# `spatial-vae`: content apart from pose

## What it finds

### Two domains

{placeholder(SECTIONS["conformation"])}

### Digits

{placeholder(SECTIONS["digits"])}

### Boxes in space

{placeholder(SECTIONS["space"])}

### How it was measured

{placeholder(SECTIONS["run"])}
"""
TOMOGRAM_PAGE = "subtomogram_alignment.md"
TOMOGRAM_SECTIONS = {"count": "tomogram count", "kinds": "tomogram kinds", "run": "tomogram run"}
TOMOGRAM_TEMPLATE = f"""\
# `alignment`: classes and rotations of boxes in space

## What it finds

### Counts

{placeholder(TOMOGRAM_SECTIONS["count"])}

### Kinds and rotations

{placeholder(TOMOGRAM_SECTIONS["kinds"])}

### How it was measured

{placeholder(TOMOGRAM_SECTIONS["run"])}
"""
TARGETS = {"content": 0.95, "rotation": 0.92}
PUBLISHED = (
    ("published: spatial-VAE", "0.95", "0.92", "", "", ""),
    ("published: plain VAE", "0.00 to 0.09", "0.02 to 0.18", "", "", ""),
)


def conformation_table(scores: Sequence[Score]) -> str:
    """Correlations with conformation and rotation of each model, mean and range over the seeds."""
    head = ("model", "conformation", "rotation", "angle of (z₁, z₂)", "ELBO, nats an image", "steps (CPU s)")
    rows = [
        (
            model,
            _range([s.content for s in found]),
            _range([s.rotation for s in found]),
            _range([s.ring for s in found]) if any(s.ring for s in found) else "",
            f"{np.mean([s.elbo for s in found]):.1f}",
            _cost(found),
        )
        for model, found in _by_model(scores)
    ]
    return table(head, [*rows, *PUBLISHED])


def digits_table(scores: Sequence[Score]) -> str:
    """Bound, rotation and shift of each model, mean and range over the seeds."""
    head = ("model", "ELBO, nats an image", "rotation", "shift error, pixels", "steps (CPU s)")
    rows = [
        (
            model,
            f"{np.mean([s.elbo for s in found]):.1f}",
            _range([s.rotation for s in found]),
            _range([s.shift_error for s in found]) if np.isfinite(found[0].shift_error) else "",
            _cost(found),
        )
        for model, found in _by_model(scores)
    ]
    return table(head, rows)


def space_table(scores: Sequence[SpaceScore]) -> str:
    """Rotations and kinds of boxes, mean and range over the seeds."""
    head = ("turned about", "median error, °", f"within {NEAR:g}°", "adjusted Rand index", "steps (CPU s)")
    rows = []
    for rotations, name in (("axis", "one axis"), ("space", "all axes")):
        found = [s for s in scores if s.rotations == rotations]
        numbers = ([s.error for s in found], [s.right for s in found], [s.rand for s in found])
        rows.append((name, *(_range(values) for values in numbers), _cost(found)))
    return table(head, rows)


def count_table(scores: Sequence[TomogramScore], particles: int) -> str:
    """How many particles were found in each tomogram, and which."""
    head = ("noise", "SNR", "seed", "found", "error", "precision", "recall", "off, voxels")
    rows = [
        (
            *(s.noise, f"{s.snr:g}", str(s.seed), str(s.count.found), f"{s.count.found / particles - 1:+.1%}"),
            *(f"{s.count.precision:.3f}", f"{s.count.recall:.3f}", f"{s.count.distance:.2f}"),
        )
        for s in scores
    ]
    return table(head, rows)


def kinds_table(scores: Sequence[TomogramScore]) -> str:
    """Classes and rotations in each tomogram."""
    kinds = [one.kind for one in scores[0].angles]
    head = ("noise", "SNR", "seed", "Rand index", *(f"{kind}, °" for kind in kinds), "CPU s")
    rows = [
        (
            *(s.noise, f"{s.snr:g}", str(s.seed), f"{s.rand:.3f}"),
            *(
                f"{one.error:.1f} ({one.right:.0%}), axis {one.axis_error:.1f} ({one.axis_right:.0%})"
                for one in s.angles
            ),
            f"{s.seconds:.0f}",
        )
        for s in scores
    ]
    return table(head, rows)


def _by_model(scores: Sequence[Score]) -> list[tuple[str, list[Score]]]:
    return [(model, [s for s in scores if s.model == model]) for model in dict.fromkeys(s.model for s in scores)]


def _range(values: Sequence[float]) -> str:
    if len(values) == 1:
        return f"{values[0]:.2f}"
    return f"{np.mean(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def _cost(found: Sequence[Score] | Sequence[SpaceScore]) -> str:
    return f"{found[0].steps} ({np.mean([s.seconds for s in found]):.0f})"
