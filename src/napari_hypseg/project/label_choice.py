"""Which labels of a project are to be written: what is shown, structures, the regions of a cut, or a kept level."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from napari_hypseg.errors import SettingError
from napari_hypseg.hierarchy.cuts import Cut
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.project.project import Project
from napari_hypseg.project.structure_image import shown_image, structure_image


@dataclass(frozen=True)
class LabelChoice:
    """A choice in plain values, so that a job of its own process can be asked for it.

    Parameters
    ----------
    kind
        A key of `IMAGES`.
    names
        Of structures (none for all), or of one level.
    cut
        Of regions.
    """

    kind: str
    names: tuple[str, ...] = ()
    cut: Cut | None = None

    def image(self, project: Project, specimen: int) -> LabelImage:
        """The labels, in place.

        Raises
        ------
        SettingError
            If there is no such structure or level.
        InputError
            If there is no such specimen.
        """
        if self.kind not in IMAGES:
            raise SettingError(f"Labels cannot be {self.kind!r}; choose one of {', '.join(IMAGES)}.")
        return IMAGES[self.kind](project, self, specimen)


IMAGES: Mapping[str, Callable[[Project, LabelChoice, int], LabelImage]] = MappingProxyType(
    {
        "shown": lambda project, choice, specimen: shown_image(project, choice.cut, specimen),
        "regions": lambda project, choice, specimen: project.label_image(choice.cut, specimen),
        "level": lambda project, choice, specimen: project.label_image(project.level(choice.names[0]), specimen),
        "structures": lambda project, choice, specimen: structure_image(project, choice.names, specimen),
    }
)
