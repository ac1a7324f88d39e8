"""Encoding where memory is short: smaller blocks, then the processor. What was encoded before is not lost."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

import torch

from napari_hypseg.encoding.stream import BATCH, CPU_EDGE
from napari_hypseg.errors import HypsegError
from napari_hypseg.jobs import Job, Notice
from napari_hypseg.training.device import is_out_of_memory
from napari_hypseg.volumes.blocks import Block, even_edge

if TYPE_CHECKING:
    from napari_hypseg.encoding.stream import Encoder

SMALLEST = 16
"""Block edge below which the halo is nearly all there is: smaller blocks would save no memory."""

T = TypeVar("T")


class Retreat:
    """The encoders of a job, and how much they may ask of the memory.

    Parameters
    ----------
    encoders
        One for each specimen, all with the same model.
    """

    def __init__(self, encoders: Sequence["Encoder"]) -> None:
        self.encoders = tuple(encoders)
        self._edge: int | None = None

    @property
    def device(self) -> torch.device:
        """Where the model is by now."""
        return self.encoders[0].device

    def work(
        self, index: int, blocks: Sequence[Block], act: Callable[["Encoder", Sequence[Block]], Job[T]]
    ) -> Job[list[T]]:
        """Results of `act` on `blocks` of specimen number `index`, or on pieces that cover them if memory is short.

        `act` may be cut off and begun again on smaller blocks. Yields what it yields, and a `Notice` for each retreat.

        Raises
        ------
        HypsegError
            If memory does not suffice even for the smallest blocks on the processor.
        """
        while True:
            try:
                results = []
                for piece in self._pieces(self.encoders[index], blocks):
                    results.append((yield from act(self.encoders[index], piece)))
                return results
            except RuntimeError as error:
                if not is_out_of_memory(error):
                    raise
            # Outside of the handler, whose traceback holds on to the tensors that did not fit.
            yield self._give_way(max(blocks[0].aligned.shape))

    def _pieces(self, encoder: "Encoder", blocks: Sequence[Block]) -> list[Sequence[Block]]:
        if self._edge is None:
            return [blocks]
        pieces: list[Sequence[Block]] = []
        for block in blocks:
            smaller = encoder.walk(block.core, even_edge(block.core, self._edge, encoder.model.stride))
            pieces += [smaller[i : i + BATCH] for i in range(0, len(smaller), BATCH)]
        return pieces

    def _give_way(self, present: int) -> Notice:
        if self.device.type == "cuda":
            torch.cuda.empty_cache()
        edge = self._edge or present
        if edge > SMALLEST:
            self._edge = max(SMALLEST, edge // 2)
            return Notice(f"The device ran out of memory; encoding goes on with blocks of {self._edge} voxels.")
        if self.device.type == "cpu":
            raise HypsegError("There is not enough memory to encode even the smallest block; close other programs.")
        self.encoders[0].model.to("cpu")
        self.encoders = tuple(replace(encoder, device=torch.device("cpu")) for encoder in self.encoders)
        self._edge = CPU_EDGE
        return Notice("The device ran out of memory; encoding goes on, more slowly, on the processor.")
