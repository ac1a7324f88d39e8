"""Whether the project at hand holds what is ticked, as far as that is seen at once; what differs is said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari.layers import Image

from napari_hypseg._napari.metadata_keys import SPECIMEN
from napari_hypseg._qt.layers.boxes import Boxes
from napari_hypseg._qt.layers.project_view import project_of

if TYPE_CHECKING:
    from napari_hypseg.project.project import Project


def project_difference(project: "Project", groups: Sequence[Sequence[Image]], boxes: Boxes, masked: bool) -> str | None:
    """How what is ticked differs from what `project` holds, in one sentence; None if it does not.

    Parameters
    ----------
    groups
        The ticked layers by specimen.
    boxes
        The part of each that counts.
    masked
        Whether a mask is chosen.
    """
    held, here = " and ".join(record.name for record in project.records), f"the project {project.path.name}"
    ticked = [[_specimen(project, layer) for layer in group] for group in groups]
    if not groups:
        return f"{here} holds {held}, which is not ticked in step 1."
    if any(number is None for group in ticked for number in group):
        other = next(layer for group in groups for layer in group if _specimen(project, layer) is None)
        return f"{here} holds {held}, but {other.name} is ticked: tick {held}, or train anew."
    if [set(group) for group in ticked] != [{number} for number in range(len(project.records))]:
        return f"{here} holds {_counted(len(project.records))} ({held}), and not all of it as it is ticked: train anew."
    for record, group in zip(project.records, groups, strict=True):
        if (box := boxes.of(group)) != record.box:
            was, now = record.box or "the whole volume", box or "the whole volume"
            return f"{here} was made from {was} of {record.name}, but now {now} is chosen: put it back, or train anew."
    if any(record.mask for record in project.records) != masked:
        return f"{here} was made {'without' if masked else 'with'} a mask: choose it so again, or train anew."
    return None


def _specimen(project: "Project", layer: Image) -> int | None:
    """Number of the specimen of `project` that a layer is a channel of."""
    return int(layer.metadata[SPECIMEN]) if project_of(layer) == project.path else None


def _counted(specimens: int) -> str:
    return "one specimen" if specimens == 1 else f"{specimens} specimens"
