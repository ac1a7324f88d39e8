"""The geometry of the leaves' latent points, known from the settings alone: the window does not load the model."""

from napari_hypseg.geometry.metric import EUCLIDEAN, Metric, ball_metric, sphere_metric
from napari_hypseg.methods.registry import methods
from napari_hypseg.project.settings import RunSettings


def latent_curvature(settings: RunSettings) -> float:
    """The c of sectional curvature −c; 0, flat, for methods that are not installed any more."""
    method = methods().get(settings.method)
    return 0.0 if method is None else method.curvature(method.settings.model_validate(settings.model))


def latent_metric(settings: RunSettings) -> Metric:
    """The metric of the method's latent space."""
    curvature = latent_curvature(settings)
    if curvature > 0:
        return ball_metric(curvature)
    return EUCLIDEAN if curvature == 0 else sphere_metric()
