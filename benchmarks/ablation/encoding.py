"""What all variants share: a specimen learned from and encoded once, as the product does it."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from napari_hypseg.geometry.manifolds.manifold import Manifold
from napari_hypseg.inference.batches import make_batches
from napari_hypseg.inference.encoder import Encoder
from napari_hypseg.inference.memory_fallback import MemoryFallback
from napari_hypseg.jobs import Job
from napari_hypseg.pipeline.build_supervoxels import EncodedBasins, encode_basins
from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.trained_encoders import sampling_encoders
from napari_hypseg.project.project import Project
from napari_hypseg.project.run_settings import RunSettings
from napari_hypseg.supervoxels.workspace import Workspace, workspace_in_memory
from napari_hypseg.volumes.specimen import Specimen


@dataclass(frozen=True, eq=False)
class Encoded:
    """The encoded basins of one specimen, and where leaves are written."""

    basins: EncodedBasins
    sources: Sequence[Encoder]
    workspace: Workspace

    @property
    def manifold(self) -> Manifold:
        """Where the points lie."""
        return self.sources[0].manifold


def encoded(specimen: Specimen, settings: RunSettings) -> Job[Encoded]:
    """Learn from a specimen and encode its basins.

    Raises
    ------
    HypsegError
        If a setting cannot be used.
    """
    with tempfile.TemporaryDirectory() as folder:
        project = Project.create(Path(folder) / "run", [specimen], settings)
        yield from learn(project)
        sources = sampling_encoders(project)
    batches = yield from make_batches(sources)
    workspace = workspace_in_memory(sources)
    basins = yield from encode_basins(MemoryFallback(sources), batches, workspace)
    return Encoded(basins, sources, workspace)
