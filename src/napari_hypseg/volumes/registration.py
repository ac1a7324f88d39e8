"""Alignment of a volume with a map of labels by SimpleITK, and of label maps with one another by their labels.

No position of a scanner is trusted: a head lies in it as it lies, and a map of labels may come from anywhere.
"""

import itertools
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.errors import SettingError
from napari_hypseg.jobs import Job, Progress
from napari_hypseg.jobs.ordered_map import ordered_map
from napari_hypseg.volumes.index_map import IndexMap, index_map
from napari_hypseg.volumes.volume import Vector3

BINS = 50
"""Of the joint histogram of labels and grey values."""
ANGLES = (-40.0, -20.0, 0.0, 20.0, 40.0)
"""Degrees about the axis x that are tried first: heads nod more than they lean or turn."""
LESS_ANGLES = (-20.0, 0.0, 20.0)
"""About the axes y and z."""
KEPT = 3
"""First positions that are refined before one is chosen."""
COARSE, FINE = 2, 1
"""Voxels that become one."""
FEWEST_LANDMARKS = 6
"""Labels in common from which on their centres give an affine map; fewer give a shift."""
STEPS = 150
MOST_THREADS = 4
SEED = 1


@dataclass(frozen=True)
class Alignment:
    """Where a map of labels lies in a volume.

    Parameters
    ----------
    matrix
        From a voxel of the labels to one of the volume.
    explained
        Share of the variance of the grey values inside the labels that the labels explain, from 0 to 1.
    scale
        Volume of what the labels are mapped to, relative to their own.
    """

    matrix: IndexMap
    explained: float
    scale: float


def simple_itk() -> Any:
    """The library.

    Raises
    ------
    SettingError
        If it is not installed.
    """
    try:
        library: Any = import_module("SimpleITK")
    except ImportError as error:
        raise SettingError(
            "An anatomical prior needs the library SimpleITK, which aligns volumes; install it with "
            "pip install 'napari-hypseg[anatomical]'."
        ) from error
    library.ProcessObject.SetGlobalDefaultNumberOfThreads(min(MOST_THREADS, os.cpu_count() or 1))
    return library


def align_by_landmarks(fixed: npt.NDArray[np.float64], moving: npt.NDArray[np.float64]) -> IndexMap:
    """The map (3, 4) that brings points (n, 3), zyx, nearest to others; a shift where there are few of them."""
    if len(fixed) < FEWEST_LANDMARKS:
        return index_map(np.eye(3), (moving - fixed).mean(axis=0))
    sitk = simple_itk()
    points = [each[:, ::-1].ravel().tolist() for each in (fixed, moving)]
    transform = sitk.LandmarkBasedTransformInitializer(sitk.AffineTransform(3), *points)
    return _matrix(transform)


def align_with_labels(
    labels: npt.NDArray[np.uint8], spacing: Vector3, grey: npt.NDArray[np.float32], edges: Vector3
) -> Job[Alignment]:
    """Align labels with a volume by mutual information (Mattes et al. 2003): rigid, similar, then affine.

    Many first positions are tried, since mutual information is blind to what lies far away. Yields `Progress` of
    ``"align"``.

    Parameters
    ----------
    labels
        (z, y, x), 0 is the background.
    spacing, edges
        Edges (z, y, x) of the voxels of the labels and of the volume, in one unit.
    grey
        Finite grey values (z, y, x).
    """
    search = _Search(labels, spacing, grey, edges)
    scans: list[Callable[[], None]] = [partial(search.scan, angle) for angle in ANGLES]
    steps = [*scans, *(search.refine,) * KEPT, search.finish_coarse, search.finish_fine]
    with ThreadPoolExecutor(1, "hypseg-align") as executor:
        yield from ordered_map(
            executor, _call, steps, lambda _: None, lambda done: Progress("align", done, len(steps)), 1
        )
    physical = _matrix(search.transform)
    linear = physical[:, :3] * np.asarray(spacing) / np.asarray(edges)[:, None]
    matrix = index_map(linear, physical[:, 3] / np.asarray(edges))
    moved = search.resample(search.transform)
    scale = abs(float(np.linalg.det(physical[:, :3])))
    return Alignment(matrix, explained_variance(labels[labels > 0], moved[labels > 0]), scale)


def explained_variance(groups: npt.NDArray[np.uint8], values: npt.NDArray[np.float32]) -> float:
    """Share of the variance of `values` (n,) between `groups` (n,), the squared correlation ratio."""
    if not len(values) or not float(values.var()):
        return 0.0
    sizes = np.bincount(groups)
    means = np.bincount(groups, weights=values) / np.maximum(sizes, 1)
    return float((sizes * (means - values.mean()) ** 2).sum() / (len(values) * values.astype(np.float64).var()))


def resample(
    values: npt.NDArray[Any], matrix: IndexMap, shape: Sequence[int], nearest: bool = False
) -> npt.NDArray[np.float32]:
    """Values (z, y, x) of another grid: at each voxel of `shape`, those at the place that `matrix` maps it to.

    0 outside; linear interpolation, or the nearest voxel.
    """
    sitk = simple_itk()
    reference = sitk.Image([int(n) for n in shape[::-1]], sitk.sitkFloat32)
    transform = sitk.AffineTransform(3)
    transform.SetMatrix(matrix[::-1, 2::-1].ravel().tolist())
    transform.SetTranslation(matrix[::-1, 3].tolist())
    method = sitk.sitkNearestNeighbor if nearest else sitk.sitkLinear
    moved = sitk.Resample(_image(values, (1.0, 1.0, 1.0)), reference, transform, method, 0.0)
    return np.asarray(sitk.GetArrayFromImage(moved), dtype=np.float32)


class _Search:
    """A search for an alignment, in steps of a few seconds."""

    def __init__(
        self, labels: npt.NDArray[np.uint8], spacing: Vector3, grey: npt.NDArray[np.float32], edges: Vector3
    ) -> None:
        self.sitk = simple_itk()
        inside = np.argwhere(labels > 0)
        self.centre = ((inside.mean(axis=0) * spacing)[::-1]).tolist()
        weights = np.maximum(grey - np.median(grey), 0).astype(np.float64)
        weights += np.finfo(np.float64).tiny
        means = [np.average(np.arange(n), weights=weights.sum(axis=_others(axis))) for axis, n in enumerate(grey.shape)]
        middle = (np.asarray(means) * edges)[::-1]
        self.shift = (middle - np.asarray(self.centre)).tolist()
        self.labels = _image(labels, spacing)
        size = max(spacing)
        self.grey = {
            factor: self.sitk.DiscreteGaussian(_image(grey, edges), (factor * size) ** 2 / 2)
            for factor in (FINE, COARSE)
        }
        self.coarse = self.sitk.Shrink(self.labels, [COARSE] * 3)
        self.starts: list[tuple[float, tuple[float, ...]]] = []
        self.found: list[tuple[float, Any]] = []
        self.transform: Any = None

    def scan(self, first: float) -> None:
        """Try many first positions, all with one angle about the axis x."""
        method = self._method(0.1)
        for angles in itertools.product((first,), LESS_ANGLES, LESS_ANGLES):
            start = self._similarity(angles)
            method.SetInitialTransform(start)
            self.starts.append((method.MetricEvaluate(self.coarse, self.grey[COARSE]), angles))
        self.starts.sort()

    def refine(self) -> None:
        """Refine the next of the best of them."""
        start = self._similarity(self.starts[len(self.found)][1])
        self.found.append(self._optimise(start, self.coarse, self.grey[COARSE], 0.3, 2.0))

    def finish_coarse(self) -> None:
        """Choose the best, and let it be sheared."""
        best = min(self.found, key=lambda one: one[0])[1]
        self.transform = self._optimise(self._affine(best), self.coarse, self.grey[COARSE], 0.5, 1.0)[1]

    def finish_fine(self) -> None:
        """The last step, at full resolution."""
        self.transform = self._optimise(self._affine(self.transform), self.labels, self.grey[FINE], 0.15, 0.5)[1]

    def resample(self, transform: Any) -> npt.NDArray[np.float32]:
        """Grey values (z, y, x) at the voxels of the labels."""
        moved = self.sitk.Resample(self.grey[FINE], self.labels, transform, self.sitk.sitkLinear, 0.0)
        return np.asarray(self.sitk.GetArrayFromImage(moved), dtype=np.float32)

    def _similarity(self, angles: Sequence[float]) -> Any:
        turned = self.sitk.Euler3DTransform()
        turned.SetRotation(*np.deg2rad(angles).tolist())
        made = self.sitk.Similarity3DTransform()
        made.SetCenter(self.centre)
        made.SetMatrix(turned.GetMatrix())
        made.SetTranslation(self.shift)
        return made

    def _affine(self, start: Any) -> Any:
        made = self.sitk.AffineTransform(3)
        made.SetCenter(start.GetCenter())
        made.SetMatrix(start.GetMatrix())
        made.SetTranslation(start.GetTranslation())
        return made

    def _optimise(self, start: Any, labels: Any, grey: Any, share: float, step: float) -> tuple[float, Any]:
        method = self._method(share)
        method.SetOptimizerAsRegularStepGradientDescent(
            step, 0.01, STEPS, relaxationFactor=0.6, gradientMagnitudeTolerance=1e-9
        )
        method.SetOptimizerScalesFromPhysicalShift()
        method.SetInitialTransform(start, inPlace=True)
        try:
            method.Execute(labels, grey)
        except RuntimeError:  # it has left the volume
            return 0.0, start
        return method.GetMetricValue(), start

    def _method(self, share: float) -> Any:
        method = self.sitk.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(BINS)
        method.SetMetricSamplingStrategy(method.RANDOM)
        method.SetMetricSamplingPercentage(share, seed=SEED)
        method.SetInterpolator(self.sitk.sitkLinear)
        return method


def _call(step: Callable[[], None]) -> None:
    step()


def _others(axis: int) -> tuple[int, ...]:
    return tuple(other for other in range(3) if other != axis)


def _image(values: npt.NDArray[Any], edges: Vector3) -> Any:
    image = simple_itk().GetImageFromArray(np.ascontiguousarray(values, dtype=np.float32))
    image.SetSpacing([float(edge) for edge in edges[::-1]])
    return image


def _matrix(transform: Any) -> IndexMap:
    """A linear transform of points (x, y, z) as (3, 4) of points (z, y, x)."""
    linear = np.asarray(transform.GetMatrix()).reshape(3, 3)
    centre = np.asarray(transform.GetCenter())
    offset = np.asarray(transform.GetTranslation()) + centre - linear @ centre
    return index_map(linear[::-1, ::-1], offset[::-1])
