"""The localizers that learn from slices: the order of slices, or how far they are turned, is learned from the sample.

Their networks are imported when they are built, since a list of localizers has to be quick.
"""

from napari_hypseg.methods.localizers.base import FittedLocalizer, Localizer
from napari_hypseg.methods.localizers.slice_settings import RotationSettings, SortingSettings


def _build_sorting(settings: SortingSettings, n_channels: int) -> FittedLocalizer:
    from napari_hypseg.methods.localizers.slice_sorter import SliceSorter

    return SliceSorter(settings, n_channels)


def _build_rotation(settings: RotationSettings, n_channels: int) -> FittedLocalizer:
    from napari_hypseg.methods.localizers.slice_turner import SliceTurner

    return SliceTurner(settings, n_channels)


SORTING = Localizer(
    name="sorting",
    title="Sorting",
    description="Learns to put slices in order; the sample is what it needs for that.",
    settings=SortingSettings,
    build=_build_sorting,
)
ROTATION = Localizer(
    name="rotation",
    title="Rotation",
    description="Learns by how much neighbouring slices are turned; where it is certain, there is a sample.",
    settings=RotationSettings,
    build=_build_rotation,
)
