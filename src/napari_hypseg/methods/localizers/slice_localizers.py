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
    description="Learns the order of slices; the sample is what the order is predicted from.",
    settings=SortingSettings,
    build=_build_sorting,
)
ROTATION = Localizer(
    name="rotation",
    title="Rotation",
    description="Learns the angle between neighbouring slices; slices where it is certain hold sample.",
    settings=RotationSettings,
    build=_build_rotation,
)
