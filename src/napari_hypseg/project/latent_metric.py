"""The geometry of the leaves' latent points, known without the model: the window does not load it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from napari_hypseg.geometry.curvature_metric import curvature_metric
from napari_hypseg.geometry.metric import Metric
from napari_hypseg.methods.registry import methods
from napari_hypseg.project.run_settings import RunSettings

NOTHING: Mapping[str, Any] = MappingProxyType({})


def latent_curvature(settings: RunSettings, record: Mapping[str, Any] = NOTHING) -> float:
    """The c of sectional curvature −c.

    Parameters
    ----------
    settings
        Of the project. They may be those of a later run, and tell it only where the record does not, as in
        segmentations of earlier versions; 0, flat, for methods that are not installed any more.
    record
        Of the segmentation.
    """
    known = record.get("curvature")
    if isinstance(known, int | float):
        return float(known)
    method = methods().get(settings.method)
    return 0.0 if method is None else method.curvature(method.settings.model_validate(settings.model))


def latent_metric(settings: RunSettings, record: Mapping[str, Any] = NOTHING) -> Metric:
    """The metric of the latent space; parameters as for `latent_curvature`."""
    return curvature_metric(latent_curvature(settings, record))
