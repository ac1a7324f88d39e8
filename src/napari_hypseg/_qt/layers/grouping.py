"""Which of the ticked volumes are channels of one specimen: known from where they come from, or asked."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from enum import Enum

from napari.layers import Image

from napari_hypseg._napari.metadata_keys import BINNING, CHANNEL, ORIGINALS, PROJECT, SOURCE, SPECIMEN
from napari_hypseg._qt.layers.boxes import grid_of


class Role(Enum):
    """What several volumes on one grid are to each other."""

    CHANNELS = "channels"
    SPECIMENS = "specimens"


@dataclass(frozen=True)
class Grouping:
    """Volumes by specimen.

    Parameters
    ----------
    groups
        The channels of each specimen.
    choosable
        Whether the volumes could as well be the other thing, because they share a grid.
    role
        What they are, None where that has to be asked; `groups` takes them for specimens then.
    """

    groups: tuple[tuple[Image, ...], ...]
    choosable: bool
    role: Role | None


def group(layers: Sequence[Image], answer: Role | None) -> Grouping:
    """Group `layers` as the person has answered, else as their project has them, else as their files and grids say."""
    files = by_file(layers)
    choosable = len(files) > 1 and len({grid_of(layer) for layer in layers}) == 1
    if choosable and answer is not None:
        return Grouping((tuple(layers),) if answer is Role.CHANNELS else files, True, answer)
    known = by_specimen(layers)
    if known is None and choosable:
        return Grouping(files, True, None)
    groups = files if known is None else known
    return Grouping(groups, choosable, Role.SPECIMENS if len(groups) > 1 else Role.CHANNELS)


def by_file(layers: Sequence[Image]) -> tuple[tuple[Image, ...], ...]:
    """Layers that are channels of one file belong together."""
    return _by_key(layers, [_file(layer) for layer in layers])


def by_specimen(layers: Sequence[Image]) -> tuple[tuple[Image, ...], ...] | None:
    """The specimens of the project that all of `layers` belong to, None if there is no such project."""
    if len({layer.metadata.get(PROJECT) for layer in layers}) != 1 or PROJECT not in layers[0].metadata:
        return None
    return _by_key(layers, [layer.metadata[SPECIMEN] for layer in layers])


def _file(layer: Image) -> Hashable:
    _, count = layer.metadata.get(CHANNEL, (0, 1))
    files = layer.metadata.get(SOURCE) or layer.metadata.get(ORIGINALS)
    return (files, layer.metadata.get(BINNING)) if count > 1 and files else id(layer)


def _by_key(layers: Sequence[Image], keys: Sequence[Hashable]) -> tuple[tuple[Image, ...], ...]:
    """`layers` of one key together, in the order in which the keys come first."""
    pairs = list(zip(layers, keys, strict=True))
    return tuple(tuple(layer for layer, other in pairs if other == key) for key in dict.fromkeys(keys))
