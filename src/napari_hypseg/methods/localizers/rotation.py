"""The rotation localizer: a network that tells by how much two neighbouring slices are turned has to see a sample."""

from napari_hypseg.methods.localizers.base import FittedLocalizer, Localizer
from napari_hypseg.methods.localizers.slice_settings import RotationSettings


def _build(settings: RotationSettings, n_channels: int) -> FittedLocalizer:
    from napari_hypseg.methods.localizers.slice_turner import SliceTurner

    return SliceTurner(settings, n_channels)


LOCALIZER = Localizer(
    name="rotation",
    title="Rotation",
    description="Learns by how much neighbouring slices are turned; where it is certain, there is a sample.",
    settings=RotationSettings,
    build=_build,
)
