"""An anatomical prior on disk: the decoder's weights in safetensors and, beside them, what its labels are called."""

import json
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path

import numpy as np
import safetensors.torch
from torch import Tensor

from napari_hypseg.errors import InputError
from napari_hypseg.nn.anatomical.label_decoder import CELL, DISPLACING, LabelDecoder, reach_of
from napari_hypseg.nn.anatomical.prior_frame import PriorFrame
from napari_hypseg.storage import checksum
from napari_hypseg.storage.atomic import write_bytes
from napari_hypseg.storage.json_text import parse_json, validated
from napari_hypseg.storage.reading import reading
from napari_hypseg.volumes.box import Index3
from napari_hypseg.volumes.units import METERS, PIXEL
from napari_hypseg.volumes.volume import Direction, Vector3

SUFFIX = ".hypprior"
METADATA = "napari-hypseg prior"
VERSION = 1
MOST_LABELS = 255
MOST_VOXELS = 2**26
MOST_WIDTH = 4096
_HEADER_LIMIT = 2**24


@dataclass(frozen=True)
class PriorLabel:
    """A label of the prior.

    Parameters
    ----------
    code
        Its number in the label files.
    name
        What a person calls it.
    volume
        Mean over the specimens, in the cube of the prior's unit.
    """

    code: int
    name: str
    volume: float


@dataclass(frozen=True)
class PriorRecord:
    """What stands beside the weights in the file.

    Parameters
    ----------
    labels
        In the order of the decoder's labels 1, 2, …; its label 0 is the background.
    shape
        Grid (z, y, x) of the prior.
    spacing, unit
        Edges (z, y, x) of its voxels and the name of their unit, as in `Volume`.
    direction
        Of its axes, as in `Volume`.
    latent_dim, width
        Of the decoder.
    specimens
        Names of the label maps it was learned from.
    deformation
        Standard deviation of their random displacements, relative to the longest edge of the grid.
    steps, seconds, loss
        How long it learned, and the last loss in nats a voxel.
    """

    labels: tuple[PriorLabel, ...]
    shape: Index3
    spacing: Vector3
    unit: str
    direction: Direction | None
    latent_dim: int
    width: int
    specimens: tuple[str, ...]
    deformation: float
    steps: int
    seconds: float
    loss: float


@dataclass(frozen=True)
class AnatomicalPrior(PriorRecord):
    """What is known of specimens of one kind before a new one is seen.

    Parameters
    ----------
    weights
        State of the decoder, on the CPU.
    """

    weights: dict[str, Tensor] = field(repr=False)

    def decoder(self) -> LabelDecoder:
        """The network, with its weights."""
        decoder = LabelDecoder(
            len(self.labels) + 1, self.shape, self.latent_dim, self.width, reach_of(self.deformation, self.shape)
        )
        decoder.load_state_dict(self.weights)
        return decoder

    @property
    def frame(self) -> PriorFrame:
        """Where the grid lies."""
        return PriorFrame(self.spacing, self.unit, self.direction)


def save_prior(path: Path, prior: AnatomicalPrior) -> None:
    """Write it whole, with a checksum over all of it.

    Raises
    ------
    OutputError
        If the folder cannot be written.
    """
    record = {f.name: getattr(prior, f.name) for f in fields(PriorRecord)}
    record["labels"] = [asdict(label) for label in prior.labels]
    text = json.dumps({"version": VERSION, **record})
    weights = {name: tensor.contiguous() for name, tensor in prior.weights.items()}
    content = safetensors.torch.save(weights, metadata={METADATA: text, checksum.KEY: checksum.BLANK})
    write_bytes(path, checksum.with_checksum(content))


def load_prior(path: Path) -> AnatomicalPrior:
    """Read a prior.

    Raises
    ------
    InputError
        If it is missing, damaged, no prior, or of a newer version.
    """
    with reading(path, "an anatomical prior", "copy it again or learn it anew"):
        content = path.read_bytes()
        record = _record_in(content)
        if not checksum.checksum_matches(content):
            raise ValueError("its content is not what was written")
        version = record.pop("version", None)
        if isinstance(version, int) and version > VERSION:
            raise InputError(f"{path} was written by a newer version of hypseg; update hypseg to use it.")
        read = validated(PriorRecord, record)
        _check(read)
        weights = safetensors.torch.load(content)
        made = AnatomicalPrior(weights=weights, **{f.name: getattr(read, f.name) for f in fields(read)})
        made.decoder()
        return made


def _record_in(content: bytes) -> dict[str, object]:
    length = int.from_bytes(content[:8], "little")
    header = parse_json(content[8 : 8 + min(length, _HEADER_LIMIT)])
    metadata = header.get("__metadata__") if isinstance(header, dict) else None
    record = parse_json(metadata[METADATA]) if isinstance(metadata, dict) and METADATA in metadata else None
    if not isinstance(record, dict):
        raise ValueError("it is no prior")
    return record


def _check(read: PriorRecord) -> None:
    names = [label.name for label in read.labels]
    if not 1 <= len(names) <= MOST_LABELS - 1 or len(set(names)) != len(names) or not all(names):
        raise ValueError("its labels cannot be told apart")
    if min(read.shape) < 2 * CELL or any(n % CELL for n in read.shape) or np.prod(read.shape) > MOST_VOXELS:
        raise ValueError("its grid cannot be")
    if not all(np.isfinite(edge) and edge > 0 for edge in read.spacing):
        raise ValueError("its voxels have no size")
    if read.unit != PIXEL and read.unit not in METERS:
        raise ValueError(f"its unit {read.unit!r} is no length")
    if not DISPLACING <= read.latent_dim <= MOST_WIDTH or not 2 <= read.width <= MOST_WIDTH:
        raise ValueError("its network cannot be")
    if not 0 <= read.deformation <= 1:
        raise ValueError("its deformation cannot be")
