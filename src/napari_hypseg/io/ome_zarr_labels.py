"""Labels as OME-Zarr (NGFF 0.5): a group ``labels/NAME`` as the specification wants it.

The specification keeps labels inside the image they belong to. An export has no image to sit in, so the outer group
shows the labels' own array as its image: whatever opens the folder, as an image or as labels, finds them.
"""

from pathlib import Path
from typing import Any

from napari_hypseg.io import ome_zarr_write
from napari_hypseg.io.chunk_rows import fill
from napari_hypseg.io.labels import LabelImage
from napari_hypseg.jobs import Job

GREY = (0.5, 0.5, 0.5, 1.0)


def write_labels(path: Path, image: LabelImage) -> Job[None]:
    """Write labels chunk row by chunk row."""
    name = ome_zarr_write.name_of(path) or "regions"
    root = ome_zarr_write.open_root(path, ome_zarr_write.multiscale(name, f"labels/{name}/0", image), "labels")
    labels = root.create_group("labels")
    labels.attrs["ome"] = {"version": ome_zarr_write.VERSION, "labels": [name]}
    group = labels.create_group(name)
    group.attrs["ome"] = ome_zarr_write.multiscale(name, "0", image) | {"image-label": _image_label(image)}
    array = ome_zarr_write.create_array(group, image.shape, image.unsigned())
    yield from fill(array, [image.data], [()], "export")


def _image_label(image: LabelImage) -> dict[str, Any]:
    """Colours and names; where there are colours, the specification wants one for each region that has a name."""
    regions = sorted(map(int, {*image.colours, *image.names}))
    colours = {region: [round(255 * float(part)) for part in image.colours.get(region, GREY)] for region in regions}
    names = {int(region): {"name": name} for region, name in image.names.items()}
    record: dict[str, Any] = {"version": ome_zarr_write.VERSION, "source": {"image": "../../"}}
    if image.colours:
        record["colors"] = [{"label-value": region, "rgba": rgba} for region, rgba in colours.items()]
    if image.names:
        record["properties"] = [{"label-value": region, **names.get(region, {})} for region in regions]
    return record
