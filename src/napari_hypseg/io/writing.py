"""Writing of labels, and of a box of a volume (crop and save), as files that open at the same place in the world."""

from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from napari_hypseg.io.crop import crop
from napari_hypseg.io.destination import check_replaceable, label_destination, volume_destinations
from napari_hypseg.io.dtype_conversion import ConvertedArray
from napari_hypseg.io.format import Format
from napari_hypseg.io.label_image import LabelImage
from napari_hypseg.io.overwrite_protection import check_no_overwrite
from napari_hypseg.jobs import Job, Notice, Progress, quietly
from napari_hypseg.storage.atomic import replacing, sync
from napari_hypseg.volumes import Box, LazyArray, Volume


def write_volume_job(
    path: Path, volume: Volume, box: Box, format_name: str | None = None, inputs: Iterable[Path] = ()
) -> Job[tuple[Path, ...]]:
    """Write the voxels of `box`, slab by slab; gives the paths written.

    That is one path, or one for each channel where the format holds a single one; joined by ``+`` they open as one
    volume again. They appear whole and together or not at all, in place of older files of their name, and closing the
    job leaves nothing behind. The dtype is unchanged where the format supports it; a `Notice` says so if one was
    rounded. Yields `Progress` of stage ``"save"`` in planes.

    Raises
    ------
    SettingError
        If the box is empty, a single section or outside the grid, or the format is unknown, only read, or contradicts
        the ending of `path`.
    OutputError
        If `path` is a file of the volume itself or one of `inputs`, which are read too, lies in a project, or cannot be
        written.
    """
    part = crop(volume, box)
    targets, form = volume_destinations(path, volume, format_name, inputs)
    for target in targets:
        check_replaceable(target, form)
    groups = [part.channels] if len(targets) == 1 else [(channel,) for channel in part.channels]
    with ExitStack() as stack:
        for number, (target, channels) in enumerate(zip(targets, groups, strict=True)):
            temporary = stack.enter_context(replacing(target))
            job = _write(temporary, replace(part, channels=channels), form)
            yield from _as_part(job, number, len(targets))
            sync(temporary)  # all of them are on disk before the first gets its name
    return targets


def write_volume(path: Path, volume: Volume, box: Box, format_name: str | None = None) -> tuple[Path, ...]:
    """`write_volume_job` in one go."""
    return quietly(write_volume_job(path, volume, box, format_name))


def write_labels_job(
    path: Path, image: LabelImage, format_name: str | None = None, inputs: Iterable[Path] = ()
) -> Job[Path]:
    """Write `image` so that it appears under its name whole or not at all; gives the path written.

    Yields `Progress` of stage ``"export"`` in planes. Closing the job leaves nothing behind.

    Raises
    ------
    SettingError
        If the format is unknown, only read, or contradicts the ending of `path`.
    OutputError
        If `path` is one of the files that the labels were made from or one of `inputs`, which are read too, lies in a
        project, or cannot be written.
    """
    target, form = label_destination(path, format_name)
    check_no_overwrite([target], (*image.inputs, *inputs))
    assert form.write_labels is not None
    check_replaceable(target, form)
    with replacing(target) as temporary:
        yield from form.write_labels(temporary, image)
    return target


def write_labels(path: Path, image: LabelImage, format_name: str | None = None) -> Path:
    """`write_labels_job` in one go."""
    return quietly(write_labels_job(path, image, format_name))


def stored_dtype(form: Format, channels: Sequence[LazyArray]) -> np.dtype[Any]:
    """The dtype in which `form` stores `channels` in one file."""
    return form.stored_dtype(np.result_type(*(np.dtype(channel.dtype) for channel in channels)))


def _write(path: Path, volume: Volume, form: Format) -> Job[None]:
    """Write one file, and say if voxels were rounded in it."""
    assert form.write_volume is not None
    dtype = stored_dtype(form, volume.channels)
    casts = tuple(ConvertedArray(channel, dtype) for channel in volume.channels)
    yield from form.write_volume(path, replace(volume, channels=casts))
    rounded = sorted({np.dtype(cast.array.dtype).name for cast in casts if not cast.exact})
    if rounded:
        yield Notice(
            f"Some voxels in {path.name} were rounded: they were {' and '.join(rounded)}, but a {form.title} "
            f"holds them as {dtype.name}."
        )


def _as_part(job: Job[None], number: int, count: int) -> Job[None]:
    """Let the progress of `job` be that of one of `count` files."""
    with closing(job):
        for event in job:
            if isinstance(event, Progress) and event.total is not None:
                event = replace(event, step=event.step + number * event.total, total=count * event.total)
            yield event
