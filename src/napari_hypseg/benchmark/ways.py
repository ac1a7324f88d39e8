"""The ways that are compared, each composed of points and of how they are grouped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from napari_hypseg.benchmark.regions import Regions
from napari_hypseg.benchmark.trial import Effort, Segmenter, Trial
from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import Job
from napari_hypseg.project.settings import RunSettings
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from torch import Tensor

    from napari_hypseg.geometry.manifold import Manifold

NEEDED: Mapping[str, str] = MappingProxyType({"mixture": "sklearn"})
"""Libraries that only the benchmarks need, by grouping."""


@dataclass(frozen=True)
class Features:
    """Features of every voxel that nobody had to learn, by their name in `features.FEATURES`."""

    feature: str
    groupings: tuple[str, ...] = ("k-means", "mixture", "tree")
    learns: bool = field(default=False, init=False)

    def check(self, effort: Effort) -> None:
        """Make sure that the libraries of the groupings are there."""
        for grouping in self.groupings:
            if grouping in NEEDED and find_spec(NEEDED[grouping]) is None:
                raise SettingError(
                    f"The {grouping} of {self.feature} needs scikit-learn; install napari-hypseg[benchmark], or choose "
                    "other rows with --method."
                )

    def learn(self, trial: Trial) -> Job[Segmenter]:
        """Nothing is learned."""
        from napari_hypseg.benchmark.features import FEATURES, FLAT

        yield None

        def computed(specimen: Specimen) -> "Job[Tensor]":
            yield None
            return FEATURES[self.feature](specimen)

        return _segmenter(computed, FLAT, self.groupings, trial)


@dataclass(frozen=True)
class Learned:
    """A method of the product, with settings other than its defaults."""

    method: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    groupings: tuple[str, ...] = ("tree",)
    learns: bool = field(default=True, init=False)

    def check(self, effort: Effort) -> None:
        """Make sure that there are such settings."""
        self.run_settings(effort, 0)

    def run_settings(self, effort: Effort, seed: int) -> RunSettings:
        """Settings of a run.

        Raises
        ------
        SettingError
            If there is no such method, or it has no such settings.
        """
        from napari_hypseg.methods.registry import get_method

        get_method(self.method).settings.check(dict(self.settings))
        training = {"minutes": effort.minutes, "steps": effort.steps, "device": effort.device, "seed": seed}
        leaves = {"leaves": effort.leaves}
        return RunSettings.check(
            {"method": self.method, "model": dict(self.settings), "training": training, "leaves": leaves}
        )

    def learn(self, trial: Trial) -> Job[Segmenter]:
        """Learn from all volumes together."""
        from napari_hypseg.benchmark.learning import learned_model, points_of

        specimens = [Specimen(made.volume) for made in trial.learned]
        model = yield from learned_model(specimens, self.run_settings(trial.effort, trial.seed))
        return _segmenter(lambda specimen: points_of(model, specimen), model.manifold, self.groupings, trial)


@dataclass(frozen=True)
class Supervoxels:
    """SLIC supervoxels of grey values (Achanta et al. 2012), and Ward's tree over their means."""

    groupings: tuple[str, ...] = field(default=("supervoxels",), init=False)
    learns: bool = field(default=False, init=False)

    def check(self, effort: Effort) -> None:
        """Nothing can be wrong."""

    def learn(self, trial: Trial) -> Job[Segmenter]:
        """Nothing is learned."""
        from napari_hypseg.benchmark.supervoxels import ward_over_supervoxels

        yield None

        def segment(specimen: Specimen) -> Job[Mapping[str, Regions]]:
            return {"supervoxels": (yield from ward_over_supervoxels(specimen))}

        return segment


@dataclass(frozen=True)
class Supervised:
    """A 3D U-Net that is told the classes: the ceiling."""

    groupings: tuple[str, ...] = field(default=("classes",), init=False)
    learns: bool = field(default=True, init=False)

    def check(self, effort: Effort) -> None:
        """Nothing can be wrong."""

    def learn(self, trial: Trial) -> Job[Segmenter]:
        """Learn classes from all volumes together."""
        from napari_hypseg.benchmark.supervised import classes_at_levels, learned_unet

        unet = yield from learned_unet(trial)

        def segment(specimen: Specimen) -> Job[Mapping[str, Regions]]:
            yield None
            return {"classes": classes_at_levels(unet, specimen)}

        return segment


def _segmenter(
    points_of: "Callable[[Specimen], Job[Tensor]]", manifold: "Manifold", groupings: tuple[str, ...], trial: Trial
) -> Segmenter:
    """Points of a specimen, grouped in every way that is asked for."""
    from napari_hypseg.benchmark.grouping import GROUPINGS

    def segment(specimen: Specimen) -> Job[Mapping[str, Regions]]:
        points = yield from points_of(specimen)
        regions = {}
        for name in groupings:
            told = (points, manifold, specimen, trial.effort.leaves, trial.seed)
            regions[name] = yield from GROUPINGS[name](*told)
        return regions

    return segment
