"""The stages as jobs: learn, segment, compute latent views. The command iterates them, the window runs them beside it.

Jobs write to the project's folder and leave the `Project` object alone; the caller calls `Project.reload`
when it has ended.
"""

from napari_hypseg.pipeline.decode import components, denoise
from napari_hypseg.pipeline.describe import describe
from napari_hypseg.pipeline.first_regions import FirstRegions, first_regions
from napari_hypseg.pipeline.latent_views import LATENT_VIEWS, LatentView, ViewRequest
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.preview import Preview, SliceView
from napari_hypseg.pipeline.reconstruct import reconstruct, reconstruct_points
from napari_hypseg.pipeline.regroup import regroup
from napari_hypseg.pipeline.run import run
from napari_hypseg.pipeline.segment import segment

__all__ = [
    "LATENT_VIEWS",
    "FirstRegions",
    "LatentView",
    "Preview",
    "SliceView",
    "ViewRequest",
    "components",
    "denoise",
    "describe",
    "first_regions",
    "learn",
    "reconstruct",
    "reconstruct_points",
    "regroup",
    "run",
    "segment",
]
