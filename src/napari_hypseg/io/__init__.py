"""Arrays to files and back, nothing else: one registry of formats behind a few functions."""

from napari_hypseg.io.format import Format
from napari_hypseg.io.labels import LabelImage
from napari_hypseg.io.registry import (
    destination,
    format_of,
    formats,
    open_channels,
    open_volume,
    readable_suffixes,
    volume_destinations,
    volume_formats,
    writable_formats,
    write_labels,
    write_labels_job,
    write_volume,
    write_volume_job,
)
from napari_hypseg.io.savings import Savings

__all__ = [
    "Format",
    "LabelImage",
    "Savings",
    "destination",
    "format_of",
    "formats",
    "open_channels",
    "open_volume",
    "readable_suffixes",
    "volume_destinations",
    "volume_formats",
    "writable_formats",
    "write_labels",
    "write_labels_job",
    "write_volume",
    "write_volume_job",
]
