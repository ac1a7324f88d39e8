"""The least time that a stage can take: bytes that must be moved over bandwidth, or operations over their rate."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from benchmarks.speed.machine_rates import MachineRates
from napari_hypseg.supervoxels.leaves import SAMPLE
from napari_hypseg.supervoxels.merging import VOXELS
from napari_hypseg.supervoxels.sampling import LARGE

WIDTH, HIDDEN, OUT = 6, 64, 16
"""Features of a voxel of one channel, hidden width and outputs of the default network."""
SAMPLED = 8
"""Voxels for each of which a point is computed, in a large volume of cubic voxels."""
COLUMNS, ROUNDS = 18, 20
"""Of the k-means that makes leaves: features of a supervoxel, and most rounds."""


@dataclass(frozen=True)
class Floor:
    """A floor in seconds, and what it is made of in words."""

    seconds: float
    named: str


Estimate = Callable[[int, int, MachineRates], Floor]
"""From voxels, leaves and the machine's rates."""


def floor_of(stage: str, voxels: int, leaves: int, rates: MachineRates) -> Floor | None:
    """The floor of a stage of segmenting, None where none can be named."""
    estimate = FLOORS.get(stage)
    return None if estimate is None else estimate(voxels, leaves, rates)


def named_floor(stage: str) -> str:
    """What the floor of a stage is made of, in words."""
    return FLOORS[stage](1, 1, MachineRates(1.0, 1.0)).named


def _moved(bytes_per_voxel: float, named: str) -> Estimate:
    def estimate(voxels: int, _: int, rates: MachineRates) -> Floor:
        return Floor(voxels * bytes_per_voxel / rates.bytes, named)

    return estimate


def _encode(voxels: int, _: int, rates: MachineRates) -> Floor:
    operations = 2 * (WIDTH * HIDDEN + HIDDEN**2 + HIDDEN * OUT) / (SAMPLED if voxels >= LARGE else 1)
    return Floor(voxels * max(operations / rates.flops, 4 / rates.bytes), "network of samples")


def _cluster(voxels: int, leaves: int, rates: MachineRates) -> Floor:
    supervoxels = min(SAMPLE, voxels // VOXELS)
    return Floor(2 * supervoxels * COLUMNS * leaves * ROUNDS / rates.flops, "distances of k-means")


FLOORS: Mapping[str, Estimate] = MappingProxyType(
    {
        "regions": _moved(8.75, "read grey, write basins and samples"),
        "encode": _encode,
        "touch": _moved(4, "read basins"),
        "describe": _moved(4.5, "read grey and samples"),
        "cluster": _cluster,
        "leaves": _moved(6, "read basins, write leaves"),
        "context": _moved(2, "read leaves"),
        "export": _moved(4, "read leaves, write labels"),
    }
)
