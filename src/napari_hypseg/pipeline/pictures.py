"""The one list of pictures of what was learned: the command and the window both offer what stands here."""

from collections.abc import Callable
from dataclasses import dataclass

from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.decode import components, denoise
from napari_hypseg.pipeline.reconstruct import reconstruct
from napari_hypseg.project.pictures import COMPONENTS, DENOISED, RECONSTRUCTION
from napari_hypseg.project.project import Project
from napari_hypseg.project.records import Level
from napari_hypseg.volumes.volume import Volume


@dataclass(frozen=True)
class Wish:
    """What of a picture is wanted.

    Parameters
    ----------
    specimen
        Of which specimen.
    count
        How many latent components.
    regions
        Which regions, None for where the slider stands.
    """

    specimen: int = 0
    count: int = 3
    regions: Cut | Level | None = None


@dataclass(frozen=True)
class Picture:
    """One way to see what was learned.

    Parameters
    ----------
    name
        Word of the command.
    title, description
        What a person reads.
    draw
        Job that gives the picture, at once if the project keeps it already.
    counted
        Whether `Wish.count` counts.
    regional
        Whether it shows regions, and `Wish.regions` counts.
    """

    name: str
    title: str
    description: str
    draw: Callable[[Project, Wish], Job[Volume]]
    counted: bool = False
    regional: bool = False


PICTURES = {
    picture.name: picture
    for picture in (
        Picture(
            DENOISED,
            "Denoised volume",
            "The volume as the model gives it back: structure it can tell from the surroundings, without the noise.",
            lambda project, wish: denoise(project, wish.specimen),
        ),
        Picture(
            COMPONENTS,
            "Latent components",
            "What the model tells apart, strongest difference first; places of one colour look alike to it.",
            lambda project, wish: components(project, wish.count, wish.specimen),
            counted=True,
        ),
        Picture(
            RECONSTRUCTION,
            "Regions as learned",
            "Each region now shown, in the grey value that is typical of it for the model.",
            lambda project, wish: reconstruct(project, wish.regions, wish.specimen),
            regional=True,
        ),
    )
}
