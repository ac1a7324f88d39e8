from .errors import HypsegError
from .hierarchy.cuts import Cut
from .hierarchy.tree import Hierarchy
from .io.opening import open_channels, open_volume
from .io.writing import write_labels
from .jobs import drive, quietly
from .pipeline import components, denoise, learn, reconstruct, reconstruct_points, regroup, run, segment
from .project.project import Project
from .project.run_settings import RunSettings
from .volumes import Box, Specimen, Volume
from .volumes.binning import binned
from .volumes.phantom import phantom

__all__ = [
    "Box",
    "Cut",
    "Hierarchy",
    "HypsegError",
    "Project",
    "RunSettings",
    "Specimen",
    "Volume",
    "binned",
    "components",
    "denoise",
    "drive",
    "learn",
    "open_channels",
    "open_volume",
    "phantom",
    "quietly",
    "reconstruct",
    "reconstruct_points",
    "regroup",
    "run",
    "segment",
    "write_labels",
]
