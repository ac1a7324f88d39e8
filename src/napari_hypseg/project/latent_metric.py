"""Distances between the leaves' latent points, known from the settings alone: the window does not load the model."""

from napari_hypseg.geometry.metric import EUCLIDEAN, Metric, ball_metric, sphere_metric
from napari_hypseg.methods.registry import methods
from napari_hypseg.project.settings import RunSettings

SPHERE = "hyperspherical"


def latent_metric(settings: RunSettings) -> Metric:
    """The metric of the method's latent space; Euclidean for methods that say nothing of a curvature."""
    method = methods().get(settings.method)
    if method is not None and "curvature" in method.settings.model_fields:
        return ball_metric(method.settings.model_validate(settings.model).model_dump()["curvature"])
    return sphere_metric() if settings.method == SPHERE else EUCLIDEAN
