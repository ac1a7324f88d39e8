"""What a person reads first of particles: how many there are, how near one another, and how many a parent has."""

from collections.abc import Sequence

import numpy as np

from napari_hypseg.particles.counting import ParticleCount
from napari_hypseg.structures.length_units import unit_symbol
from napari_hypseg.structures.measurement_table import MeasurementTable


def particle_count_words(count: ParticleCount, name: str) -> str:
    """The count: ``312 particles of spike``."""
    return f"{count.count} particle{'' if count.count == 1 else 's'} of {name}"


def particle_summary_words(
    count: ParticleCount, unit: str, parents: MeasurementTable | None = None, parent: str = ""
) -> Sequence[str]:
    """Nearest distance, density, and how they are spread over the parents; each only where it is known."""
    words = []
    if count.nearest is not None:
        words.append(f"nearest {count.nearest:.4g} {unit_symbol(unit)} apart (median)")
    if count.density is not None:
        words.append(f"{count.density:{'.0f' if count.density >= 1000 else '.4g'}} in a µm³ of the tomogram")
    if parents is not None and len(parents):
        each = parents["particles"]
        words.append(f"{np.mean(each):.4g} on each of {len(parents)} pieces of {parent} ({each.min()} to {each.max()})")
    if count.free:
        words.append(f"{count.free} on none")
    return words
