"""A trained model on disk: weights in safetensors and, beside them, all that rebuilds it. Nothing is unpickled."""

import json
import math
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import Tensor, nn

from napari_hypseg.errors import ProjectError
from napari_hypseg.storage import checksum
from napari_hypseg.storage.atomic import write_bytes
from napari_hypseg.storage.json_text import validated
from napari_hypseg.training.checkpoint_file import METADATA, read_checkpoint, reading_checkpoint, record_in
from napari_hypseg.volumes.volume import Vector3, relative_edges


@dataclass(frozen=True)
class ModelRecipe:
    """What a model is built from.

    Parameters
    ----------
    method
        Registered name.
    settings
        The method's settings as plain values.
    n_channels
        Channels of the specimens.
    voxel_size
        Edge lengths (z, y, x) the model was planned for; only their ratios matter.
    """

    method: str
    settings: dict[str, Any]
    n_channels: int
    voxel_size: Vector3

    def is_compatible_with(self, other: "ModelRecipe") -> bool:
        """Whether weights of one fit the other: the length of a voxel's edges does not matter, their ratios do."""
        mine, theirs = (replace(r, voxel_size=(1.0, 1.0, 1.0)) for r in (self, other))
        return mine == theirs and all(
            math.isclose(a, b, rel_tol=1e-3)
            for a, b in zip(relative_edges(self.voxel_size), relative_edges(other.voxel_size), strict=True)
        )


@dataclass(frozen=True)
class GreyStatistics:
    """Mean and standard deviation of the grey values of a specimen, one of each channel.

    Plain numbers of `Intensity`, exact in JSON.
    """

    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True)
class Checkpoint:
    """Weights and where training stood when they were taken.

    Parameters
    ----------
    recipe
        What the model is built from.
    weights
        State on the CPU.
    step, seconds, loss
        Where training stood.
    fingerprints
        Fingerprints of the specimens it learned from.
    statistics
        How the grey values of these specimens were standardised; empty in checkpoints of earlier versions.
    project
        Identity of the project it is of: one that takes the place of another in its folder has an identity of its own.
    """

    recipe: ModelRecipe
    weights: dict[str, Tensor] = field(repr=False)
    step: int = 0
    seconds: float = 0.0
    loss: float = float("nan")
    fingerprints: tuple[str, ...] = ()
    project: str = ""
    statistics: tuple[GreyStatistics, ...] = ()


@dataclass(frozen=True)
class _Record:
    """What stands beside the weights in the file."""

    recipe: ModelRecipe
    step: int
    seconds: float
    loss: float
    fingerprints: tuple[str, ...]
    project: str = ""
    statistics: tuple[GreyStatistics, ...] = ()


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write it whole, with a checksum over all of it: a killed process leaves the old checkpoint or the new one.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    record = {f.name: getattr(checkpoint, f.name) for f in fields(checkpoint) if f.name != "weights"}
    record["recipe"] = asdict(checkpoint.recipe)
    record["statistics"] = [asdict(statistics) for statistics in checkpoint.statistics]
    weights = {name: tensor.contiguous() for name, tensor in checkpoint.weights.items()}
    content = safetensors.torch.save(weights, metadata={METADATA: json.dumps(record), checksum.KEY: checksum.BLANK})
    write_bytes(path, checksum.with_checksum(content))


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises
    ------
    ProjectError
        If the file is missing or damaged.
    """
    content = read_checkpoint(path)
    with reading_checkpoint(path):
        record = record_in(content)
        weights = safetensors.torch.load(content)
        read = validated(_Record, record)
        if not all(math.isfinite(edge) and edge > 0 for edge in read.recipe.voxel_size) or read.recipe.n_channels < 1:
            raise ValueError("its model is one for no volume")
        if not all(_are_usable(statistics, read.recipe.n_channels) for statistics in read.statistics):
            raise ValueError("its grey-value statistics are those of no volume")
        return Checkpoint(weights=weights, **{f.name: getattr(read, f.name) for f in fields(read)})


def _are_usable(statistics: GreyStatistics, n_channels: int) -> bool:
    numbers = len(statistics.mean) == len(statistics.std) == n_channels
    return numbers and all(map(math.isfinite, statistics.mean)) and all(0 < std < math.inf for std in statistics.std)


def load_weights(model: nn.Module, checkpoint: Checkpoint) -> None:
    """Put the weights of `checkpoint` into `model`.

    Raises
    ------
    ProjectError
        If they are those of another network, as an earlier version may have written them.
    """
    try:
        model.load_state_dict(checkpoint.weights)
    except RuntimeError as error:
        raise ProjectError(
            "The checkpoint holds the weights of another network than this version builds; learn again to replace it."
        ) from error
