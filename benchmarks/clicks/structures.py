"""Which structures of a specimen are looked at."""

from collections.abc import Sequence

from benchmarks.real.annotated_groups import Group
from napari_hypseg.hierarchy.contingency import Contingency

MIN_SHARE = 0.001
"""Of the voxels that count; smaller structures are left out."""
MOST = 8
"""Structures of a specimen, the largest ones."""


def large_structures(groups: Sequence[Group], table: Contingency) -> list[Group]:
    """Those that are large enough, the largest first."""
    shares = {group.name: table.against(group.labels)[2] / table.counts.sum() for group in groups}
    large = [group for group in groups if shares[group.name] >= MIN_SHARE]
    return sorted(large, key=lambda group: -shares[group.name])
