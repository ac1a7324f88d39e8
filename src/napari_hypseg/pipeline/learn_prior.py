"""Learning an anatomical prior from label files."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from napari_hypseg.jobs import Job, Notice, Progress
from napari_hypseg.nn.anatomical.deformation import DeformationScale
from napari_hypseg.nn.anatomical.label_autoencoder import LabelAutoencoder
from napari_hypseg.nn.anatomical.label_decoder import LabelDecoder, grid_of, reach_of
from napari_hypseg.pipeline.label_maps import LabelChoice, LabelMap, all_codes, common_codes, read_label_maps
from napari_hypseg.pipeline.mirror_symmetry import mirror_partners
from napari_hypseg.training.device import resolve_device
from napari_hypseg.training.loop import TrainingState, train
from napari_hypseg.training.prior_file import AnatomicalPrior, PriorLabel
from napari_hypseg.training.prior_settings import PriorSettings
from napari_hypseg.training.settings import TrainingSettings
from napari_hypseg.training.specimen_numbers import SpecimenNumbers
from napari_hypseg.volumes.index_map import IndexMap, chained, index_map
from napari_hypseg.volumes.registration import align_by_landmarks, resample
from napari_hypseg.volumes.units import METERS
from napari_hypseg.volumes.volume import Volume

if TYPE_CHECKING:
    from napari_hypseg.volumes.box import Index3
    from napari_hypseg.volumes.volume import Vector3

MARGIN = 0.06
"""Of the grid around the labels, relative to their longest edge: deformed ones stay in it."""
SEEN = 64
"""Deformations that the location prior is counted in."""
LINEAR = 1.2
"""Deviation of the linear part of a deformation, relative to that of displacements."""


def learn_prior(
    volumes: Sequence[Volume],
    settings: PriorSettings,
    choice: LabelChoice | None = None,
    names: Mapping[int, str] | None = None,
    device: str = "auto",
) -> Job[AnatomicalPrior]:
    """Learn a prior from label files of specimens of one kind.

    Every map is brought onto one grid by its own labels, those of the first file give its axes. Yields `Progress` of
    ``"read"``, ``"prepare"`` and ``"learn"``, and `Notice`. `Command.STOP` ends learning early.

    Parameters
    ----------
    volumes
        Of one channel each, whole numbers.
    settings
        On what grid, how freely, and how long.
    choice
        Which codes count; by default all but 0.
    names
        Names of codes, which go before those that the files hold.
    device
        What to compute on.

    Raises
    ------
    HypsegError
        If the files cannot be learned from together.
    """
    maps = yield from read_label_maps(volumes, choice or LabelChoice())
    codes = all_codes(maps)
    yield from _notices(maps)
    partners = mirror_partners(maps) if settings.mirror else None
    if partners:
        yield _mirror_notice(partners)
    shape, spacing, placed = yield from _on_one_grid(maps, codes, settings.grid, partners)
    torch.manual_seed(settings.seed)
    decoder = LabelDecoder(
        len(codes) + 1, shape, settings.latent_dim, settings.width, reach_of(settings.deformation, shape)
    )
    scale = DeformationScale(settings.deformation, LINEAR * settings.deformation)
    model = LabelAutoencoder(decoder, torch.from_numpy(placed), scale, settings.width)
    yield from _see(model, len(placed), settings)
    state = yield from _train(model, len(placed), settings, device)
    weights = {name: tensor.cpu() for name, tensor in model.decoder.state_dict().items()}
    return AnatomicalPrior(
        _labels(maps, codes, names or {}, spacing, placed[: len(maps)]), shape, spacing, maps[0].volume.unit,
        maps[0].volume.direction, settings.latent_dim, settings.width, tuple(one.name for one in maps),
        settings.deformation, state.step, state.seconds, state.loss, weights,
    )  # fmt: skip


def _notices(maps: Sequence[LabelMap]) -> Sequence[Notice]:
    """A word about labels that not every map has."""
    found = []
    common = set(common_codes(maps))
    for code in all_codes(maps):
        if code not in common:
            holders = sum(code in one.voxels for one in maps)
            found.append(f"{code} (in {holders} of {len(maps)})")
    if not found:
        return ()
    return (Notice(f"Labels that are not in every file are learned from those that have them: {', '.join(found)}."),)


def _mirror_notice(partners: Mapping[int, int]) -> Notice:
    pairs = sum(code < partner for code, partner in partners.items())
    return Notice(
        f"{pairs} pairs of labels are each other's mirror image, so every file is learned from in a mirror, too."
    )


def _on_one_grid(
    maps: Sequence[LabelMap], codes: Sequence[int], longest: int, partners: Mapping[int, int] | None
) -> Job[tuple["Index3", "Vector3", npt.NDArray[np.uint8]]]:
    """Grid and voxel edges of the prior, and the maps on it, uint8 (n, z, y, x), labels numbered as `codes` from 1.

    The mirror images of the maps follow where labels have `partners`.
    """
    first = maps[0]
    edges = np.asarray(first.volume.voxel_size)
    numbers = [_numbered(one, codes) for one in maps[:1]]
    inside = np.argwhere(numbers[0] > 0)
    low, high = inside.min(axis=0) * edges, (inside.max(axis=0) + 1) * edges
    extent = (high - low) + 2 * MARGIN * (high - low).max()
    spacing = float(extent.max()) / longest
    shape = grid_of((extent / spacing).tolist())
    corner = (low + high) / 2 - (np.asarray(shape) - 1) / 2 * spacing
    to_first = index_map(np.diag(spacing / edges), corner / edges)
    common = common_codes(maps)
    ways = [None] if partners is None else [None, partners]
    placed = np.zeros((len(ways) * len(maps), *shape), dtype=np.uint8)
    for number, one in enumerate(maps):
        values = numbers[0] if number == 0 else _numbered(one, codes)
        for way, exchanged in enumerate(ways):
            matrix = chained(_between(first, one, common, exchanged), to_first) if number or exchanged else to_first
            table = _exchanged(codes, exchanged)
            found = resample(values, matrix, shape, nearest=True).round().astype(np.uint8)
            placed[way * len(maps) + number] = table[found]
        yield Progress("prepare", number + 1, len(maps) + SEEN)
    return shape, (spacing, spacing, spacing), placed


def _between(first: LabelMap, other: LabelMap, common: Sequence[int], partners: Mapping[int, int] | None) -> IndexMap:
    """From the voxels of one map to those of another, by the centres of common labels and in true lengths.

    With `partners`, to those of its mirror image.
    """
    factor = METERS.get(other.volume.unit, 1.0) / METERS.get(first.volume.unit, 1.0)
    size, size_other = np.asarray(first.volume.voxel_size), np.asarray(other.volume.voxel_size) * factor
    fixed = np.stack([first.centres[code] for code in common])
    moving = np.stack([other.centres[partners[code] if partners else code] for code in common])
    world = align_by_landmarks(fixed * size, moving * size_other)
    return index_map(world[:, :3] * size / size_other[:, None], world[:, 3] / size_other)


def _exchanged(codes: Sequence[int], partners: Mapping[int, int] | None) -> npt.NDArray[np.uint8]:
    """The number that each number becomes in the mirror."""
    numbers = {code: number for number, code in enumerate(codes, 1)}
    partners = partners or {}
    return np.array([0, *(numbers[partners.get(code, code)] for code in codes)], dtype=np.uint8)


def _numbered(one: LabelMap, codes: Sequence[int]) -> npt.NDArray[np.uint8]:
    """Its labels by their place in `codes`, from 1; others are 0."""
    made = np.zeros(one.volume.shape, dtype=np.uint8)
    wanted = np.asarray(codes)
    for z in range(len(made)):
        plane = np.asarray(one.volume.channels[0][z]).astype(np.int64)
        place = np.searchsorted(wanted, plane).clip(max=len(wanted) - 1)
        made[z] = np.where(wanted[place] == plane, place + 1, 0)
    return made


def _see(model: LabelAutoencoder, count: int, settings: PriorSettings) -> Job[None]:
    generator = torch.Generator().manual_seed(settings.seed)
    seen = SEEN if settings.deformation else count
    for number in range(seen):
        model.see(number % count, generator)
        yield Progress("prepare", count + number + 1, count + seen)
    model.finish_location()


def _train(model: LabelAutoencoder, count: int, settings: PriorSettings, device: str) -> Job[TrainingState]:
    training = TrainingSettings(
        minutes=settings.minutes,
        steps=settings.steps,
        seed=settings.seed,
        batch=1,
        learning_rate=settings.learning_rate,
        mixed_precision=False,
    )
    sampler = SpecimenNumbers(count, settings.seed)
    state = yield from train(model, sampler, training, resolve_device(device), lambda _: None)
    model.load_state_dict(state.weights)
    return state


def _labels(
    maps: Sequence[LabelMap],
    codes: Sequence[int],
    names: Mapping[int, str],
    spacing: "Vector3",
    placed: npt.NDArray[np.uint8],
) -> tuple[PriorLabel, ...]:
    """The labels with their names, each of which is used once, and their mean volumes on the grid."""
    voxels = np.bincount(placed.ravel(), minlength=len(codes) + 1)[1:] * float(np.prod(spacing)) / len(maps)
    made, used = list[PriorLabel](), set[str]()
    for code, volume in zip(codes, voxels.tolist(), strict=True):
        held = (one.names.get(code) for one in maps)
        name = (names.get(code) or next((name for name in held if name), "")).strip() or f"label {code}"
        unique = name if name not in used else f"{name} ({code})"
        used.add(unique)
        made.append(PriorLabel(code, unique[:200], volume))
    return tuple(made)
