"""The latent views: images of what a model has learned, offered by the command and the window alike."""

from collections.abc import Callable
from dataclasses import dataclass

from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.decode import components, denoise
from napari_hypseg.pipeline.reconstruct import reconstruct
from napari_hypseg.project.latent_views import COMPONENTS, DENOISED, RECONSTRUCTION
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Level
from napari_hypseg.volumes.volume import Volume


@dataclass(frozen=True)
class ViewRequest:
    """The options of a latent view.

    Parameters
    ----------
    specimen
        Which specimen.
    count
        How many latent components.
    regions
        Which regions, None for where the slider stands.
    """

    specimen: int = 0
    count: int = 3
    regions: Cut | Level | None = None


@dataclass(frozen=True)
class LatentView:
    """One kind of image of what was learned.

    Parameters
    ----------
    name
        Name in the command.
    title, description
        Shown in the window and the help of the command.
    draw
        Job that gives the image, at once if the project has it already.
    counted
        Whether `ViewRequest.count` is used.
    regional
        Whether it shows regions, and `ViewRequest.regions` is used.
    """

    name: str
    title: str
    description: str
    draw: Callable[[Project, ViewRequest], Job[Volume]]
    counted: bool = False
    regional: bool = False


LATENT_VIEWS = {
    view.name: view
    for view in (
        LatentView(
            DENOISED,
            "Denoised volume",
            "The volume as reconstructed by the model: the structure that it has learned, without the noise.",
            lambda project, wish: denoise(project, wish.specimen),
        ),
        LatentView(
            COMPONENTS,
            "Latent components",
            "Principal components of the latent space, largest first; voxels of one colour have similar features.",
            lambda project, wish: components(project, wish.count, wish.specimen),
            counted=True,
        ),
        LatentView(
            RECONSTRUCTION,
            "Regions as learned",
            "Each region shown now, in the grey value that the model reconstructs from the centre of its features.",
            lambda project, wish: reconstruct(project, wish.regions, wish.specimen),
            regional=True,
        ),
    )
}
