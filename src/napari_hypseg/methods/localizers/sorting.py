"""The sorting localizer: a network that puts slices in order has to look at the sample."""

from napari_hypseg.methods.localizers.base import FittedLocalizer, Localizer
from napari_hypseg.methods.localizers.slice_settings import SortingSettings


def _build(settings: SortingSettings, n_channels: int) -> FittedLocalizer:
    from napari_hypseg.methods.localizers.slice_sorter import SliceSorter

    return SliceSorter(settings, n_channels)


LOCALIZER = Localizer(
    name="sorting",
    title="Sorting",
    description="Learns to put slices in order; the sample is what it needs for that.",
    settings=SortingSettings,
    build=_build,
)
