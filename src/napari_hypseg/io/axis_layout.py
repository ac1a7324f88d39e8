"""Which axis of an image is which: z, y, x and channels from the letters that metadata give."""

from dataclasses import dataclass
from pathlib import Path

from napari_hypseg.errors import InputError
from napari_hypseg.io import validation

DEPTH = "ZQI"
"""Letters that can mean sections: z, "some axis" and "sequence of images"."""


@dataclass(frozen=True)
class AxisLayout:
    """How (z, y, x) channels lie in the stored array.

    Parameters
    ----------
    axes
        Stored axes in the order (lead..., z, y, x).
    leads
        For each channel its index into the leading axes.
    """

    axes: tuple[int, ...]
    leads: tuple[tuple[int, ...], ...]


def find_axis_layout(path: Path, letters: str, shape: tuple[int, ...]) -> AxisLayout:
    """Find sections and channels in axes such as ``"TZCYX"``.

    Raises
    ------
    InputError
        If the image is 2-D, RGB, a time series, or has an axis with no place in a volume.
    """
    long = [axis for axis, letter in enumerate(letters) if shape[axis] > 1 and letter not in "YX"]
    kinds = "".join(letters[axis] for axis in long)
    if "S" in kinds:
        raise validation.rgb_error(path)
    if "T" in kinds:
        raise InputError(
            f"{path} is a time series of {shape[letters.index('T')]} frames; save one time point, or, if the frames "
            "are sections, say so in its metadata (in Fiji: Image › Properties)."
        )
    depth = [axis for axis in long if letters[axis] in DEPTH]
    colour = [axis for axis in long if letters[axis] == "C"]
    if not depth or not {"Y", "X"} <= set(letters):
        raise validation.two_dimensional_error(path, shape)
    if len(depth) > 1 or len(colour) > 1 or len(long) > len(depth) + len(colour):
        raise validation.stack_error(path, tuple(n for n in shape if n > 1))
    z, y, x = depth[0], letters.index("Y"), letters.index("X")
    lead = tuple(axis for axis in range(len(letters)) if axis not in (z, y, x))
    channels = range(shape[colour[0]] if colour else 1)
    leads = tuple(tuple(channel if axis in colour else 0 for axis in lead) for channel in channels)
    return AxisLayout((*lead, z, y, x), leads)
