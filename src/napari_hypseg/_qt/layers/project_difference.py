"""Whether the project at hand holds what is ticked, as far as that is seen at once; what differs is said."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from napari.layers import Image

from napari_hypseg._napari.layer_project import specimen_of
from napari_hypseg._qt.layers.boxes import Boxes
from napari_hypseg._qt.layers.specimens import alike
from napari_hypseg.volumes import Specimen

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
    ticked = [[specimen_of(layer, project) for layer in group] for group in groups]
    if not groups:
        return f"{here} holds {held}, which is not ticked in step 1."
    if any(number is None for group in ticked for number in group):
        other = next(layer for group in groups for layer in group if specimen_of(layer, project) is None)
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


def holds(project: "Project", specimens: Sequence[Specimen]) -> bool:
    """Whether a project was made from just these specimens; compares voxels where it must.

    Raises
    ------
    ProjectError
        If a source of the project is missing.
    """
    return len(project.records) == len(specimens) and all(map(alike, project.specimens, specimens))


def _counted(specimens: int) -> str:
    return "one specimen" if specimens == 1 else f"{specimens} specimens"
