"""The ways that are compared, each composed of points and of how they are grouped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from benchmarks.segmentation.regions import Regions
from benchmarks.segmentation.run_spec import RunBudget, RunSpec, Segmenter
from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import Job
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.volumes.specimen import Specimen

if TYPE_CHECKING:
    from torch import Tensor

    from napari_hypseg.geometry.manifolds.manifold import Manifold

NEEDED: Mapping[str, str] = MappingProxyType({"mixture": "sklearn"})
"""Libraries that only the benchmarks need, by grouping."""


@dataclass(frozen=True)
class Features:
    """Features of every voxel that nobody had to learn, by their name in `features.FEATURES`."""

    feature: str
    groupings: tuple[str, ...] = ("k-means", "mixture", "tree")
    learns: bool = field(default=False, init=False)

    def check(self, run_budget: RunBudget) -> None:
        """Make sure that the libraries of the groupings are there."""
        for grouping in self.groupings:
            if grouping in NEEDED and find_spec(NEEDED[grouping]) is None:
                raise SettingError(
                    f"The {grouping} of {self.feature} needs scikit-learn; install napari-hypseg[benchmark], or choose "
                    "other rows with --method."
                )

    def learn(self, spec: RunSpec) -> Job[Segmenter]:
        """Nothing is learned."""
        from benchmarks.segmentation.features import FEATURES, FLAT

        yield None

        def computed(specimen: Specimen) -> "Job[Tensor]":
            yield None
            return FEATURES[self.feature](specimen)

        return _segmenter(computed, FLAT, self.groupings, spec)


@dataclass(frozen=True)
class Learned:
    """A method of the product, with settings other than its defaults."""

    method: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    groupings: tuple[str, ...] = ("tree",)
    learns: bool = field(default=True, init=False)

    def check(self, run_budget: RunBudget) -> None:
        """Make sure that there are such settings."""
        self.run_settings(run_budget, 0)

    def run_settings(self, run_budget: RunBudget, seed: int) -> RunSettings:
        """Settings of a run.

        Raises
        ------
        SettingError
            If there is no such method, or it has no such settings.
        """
        from napari_hypseg.methods.registry import get_method

        get_method(self.method).settings.check(dict(self.settings))
        training = {"minutes": run_budget.minutes, "steps": run_budget.steps, "device": run_budget.device, "seed": seed}
        leaves = {"leaves": run_budget.leaves}
        return RunSettings.check(
            {"method": self.method, "model": dict(self.settings), "training": training, "leaves": leaves}
        )

    def learn(self, spec: RunSpec) -> Job[Segmenter]:
        """Learn from all volumes together."""
        from benchmarks.segmentation.learning import learned_model, points_of

        specimens = [Specimen(made.volume) for made in spec.learned]
        model = yield from learned_model(specimens, self.run_settings(spec.run_budget, spec.seed))
        return _segmenter(lambda specimen: points_of(model, specimen), model.manifold, self.groupings, spec)


@dataclass(frozen=True)
class Supervoxels:
    """SLIC supervoxels of grey values (Achanta et al. 2012), and Ward's tree over their means."""

    groupings: tuple[str, ...] = field(default=("supervoxels",), init=False)
    learns: bool = field(default=False, init=False)

    def check(self, run_budget: RunBudget) -> None:
        """Nothing can be wrong."""

    def learn(self, spec: RunSpec) -> Job[Segmenter]:
        """Nothing is learned."""
        from benchmarks.segmentation.supervoxels import ward_over_supervoxels

        yield None

        def segment(specimen: Specimen) -> Job[Mapping[str, Regions]]:
            return {"supervoxels": (yield from ward_over_supervoxels(specimen))}

        return segment


@dataclass(frozen=True)
class Supervised:
    """A 3D U-Net that is told the classes: the ceiling."""

    groupings: tuple[str, ...] = field(default=("classes",), init=False)
    learns: bool = field(default=True, init=False)

    def check(self, run_budget: RunBudget) -> None:
        """Nothing can be wrong."""

    def learn(self, spec: RunSpec) -> Job[Segmenter]:
        """Learn classes from all volumes together."""
        from benchmarks.segmentation.supervised import classes_at_levels, learned_unet

        unet = yield from learned_unet(spec)

        def segment(specimen: Specimen) -> Job[Mapping[str, Regions]]:
            yield None
            return {"classes": classes_at_levels(unet, specimen)}

        return segment


def _segmenter(
    points_of: "Callable[[Specimen], Job[Tensor]]", manifold: "Manifold", groupings: tuple[str, ...], spec: RunSpec
) -> Segmenter:
    """Points of a specimen, grouped in every way that is asked for."""
    from benchmarks.segmentation.grouping import GROUPINGS

    def segment(specimen: Specimen) -> Job[Mapping[str, Regions]]:
        points = yield from points_of(specimen)
        regions = {}
        for name in groupings:
            told = (points, manifold, specimen, spec.run_budget.leaves, spec.seed)
            regions[name] = yield from GROUPINGS[name](*told)
        return regions

    return segment
