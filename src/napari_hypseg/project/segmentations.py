"""The segmentations that a project keeps: the present one, and older ones that kept levels are cuts of."""

from collections.abc import Sequence
from dataclasses import replace

from napari_hypseg.project.records import Level, Segmentation, SpecimenRecord
from napari_hypseg.project.store import Store
from napari_hypseg.volumes.chunk_cache import ChunkMemory


class Segmentations:
    """Segmentations on disk; older ones stay loaded once they were asked for.

    However many are loaded, and however often, what their pictures keep in memory is bounded: they share it.

    Parameters
    ----------
    store
        The folder they lie in.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._memory = ChunkMemory()
        self._older: dict[str, Segmentation] = {}

    def load(self, fingerprint: str, specimens: Sequence[SpecimenRecord]) -> Segmentation:
        """Read one and check that it fits the specimens.

        Raises
        ------
        ProjectError
            If it is missing, damaged, or of other specimens.
        """
        segmentation = self._store.load_segmentation(fingerprint, len(specimens))
        segmentation.check([record.shape for record in specimens])
        return replace(segmentation, memory=self._memory)

    def of(self, level: Level, specimens: Sequence[SpecimenRecord]) -> Segmentation:
        """The older one that a kept level is a cut of.

        Raises
        ------
        ProjectError
            As `load` does.
        """
        if level.segmentation not in self._older:
            self._older[level.segmentation] = self.load(level.segmentation, specimens)
        return self._older[level.segmentation]

    def forget_all_but(self, levels: Sequence[Level], present: Segmentation | None, edited: frozenset[str]) -> None:
        """Remove all but the present one, those that kept levels are cuts of, and those that were edited."""
        needed = {level.segmentation for level in levels} | edited
        self._older = {name: kept for name, kept in self._older.items() if name in needed}
        self._store.forget_segmentations(needed | ({present.fingerprint} if present else set()))
