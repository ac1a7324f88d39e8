"""Arrays to files and back, nothing else: one registry of formats behind a few functions."""

from napari_hypseg.io.destination import label_destination, volume_destinations
from napari_hypseg.io.format import Format
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.opening import open_channels, open_volume
from napari_hypseg.io.registry import format_of, formats, label_formats, readable_suffixes, volume_formats
from napari_hypseg.io.size_report import SizeReport
from napari_hypseg.io.writing import write_labels, write_labels_job, write_volume, write_volume_job

__all__ = [
    "Format",
    "LabelImage",
    "SizeReport",
    "format_of",
    "formats",
    "label_destination",
    "label_formats",
    "open_channels",
    "open_volume",
    "readable_suffixes",
    "volume_destinations",
    "volume_formats",
    "write_labels",
    "write_labels_job",
    "write_volume",
    "write_volume_job",
]
