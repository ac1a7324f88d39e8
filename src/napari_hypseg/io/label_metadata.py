"""What goes into a label file beside its voxels: a small JSON record of region names and colours.

Formats with a free text field (NIfTI extensions, ImageJ's info) carry it there. Size and place are not part of it:
they stand in the format's own fields, which other programs keep right when they crop or resample.
"""

import json
from collections.abc import Mapping
from typing import Any

from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.storage.json_text import parse_json

KEY = "napari-hypseg"


def label_metadata_to_json(image: LabelImage) -> str:
    """Names and colours of `image` as ASCII JSON."""
    record = {
        "kind": "labels",
        "maximum": image.maximum,
        "names": {str(int(region)): name for region, name in image.names.items()},
        "colours": {
            str(int(region)): [round(float(part), 4) for part in rgba] for region, rgba in image.colours.items()
        },
    }
    return json.dumps({KEY: record})


def label_metadata_from_json(text: str | bytes | None) -> Mapping[str, Any]:
    """Volume metadata from the text of `label_metadata_to_json`, empty if it is anything else.

    ``"labels"`` is True, ``"names"`` maps region ids to names and ``"colours"`` to RGBA in [0, 1].
    """
    try:
        record = parse_json(text or "")[KEY]
        names = {int(region): str(name) for region, name in record["names"].items()}
        colours = {int(region): tuple(map(float, rgba)) for region, rgba in record["colours"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError):
        return {}
    return label_metadata(names, colours)


def label_metadata(names: Mapping[int, str], colours: Mapping[int, tuple[float, ...]]) -> Mapping[str, Any]:
    """Metadata that marks a volume as labels."""
    return {"labels": True, "names": dict(names), "colours": dict(colours)}
