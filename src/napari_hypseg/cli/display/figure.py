"""Figures: panels with captions side by side, grey values and labels as pixels."""

import colorsys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from napari_hypseg.storage.atomic import replacing

Pixels = npt.NDArray[np.uint8]

PANEL = 256  # pixels along the longer edge of a panel
CAPTION = 26  # pixels above it
GAP = 8
FONT_SIZE = 16
GOLDEN_ANGLE = 0.381966  # share of a turn: neighbouring numbers get hues far apart


def grey(image: npt.NDArray[np.floating[Any]]) -> Pixels:
    """Grey values (rows, columns) as RGB (rows, columns, 3), between their 1st and 99th percentile."""
    low, high = np.percentile(image, [1, 99])
    scaled = np.clip((image - low) / max(high - low, 1e-12), 0, 1)
    return np.repeat((255 * scaled).astype(np.uint8)[..., None], 3, axis=2)


def coloured(labels: npt.NDArray[np.integer[Any]], colours: npt.NDArray[np.floating[Any]]) -> Pixels:
    """Labels (rows, columns) through `colours`, RGB or RGBA in [0, 1] of shape (labels, 3 or 4)."""
    table = (255 * colours[:, :3]).astype(np.uint8)
    return np.asarray(table[labels])


def distinct_colours(count: int) -> npt.NDArray[np.float32]:
    """`count` colours, RGB in [0, 1], that stay apart; the first is dark as befits a background."""
    hues = [colorsys.hsv_to_rgb(i * GOLDEN_ANGLE % 1, 0.65, 0.95) for i in range(1, count)]
    return np.array([(0.1, 0.1, 0.1), *hues], dtype=np.float32)


def draw_figure(path: Path, panels: Sequence[tuple[str, Pixels]], colours: int | None = None) -> None:
    """Write `panels`, each a caption and RGB pixels, side by side as a PNG; of a few colours it is a small file."""
    from PIL import Image, ImageDraw, ImageFont

    pictures = [_enlarged(Image.fromarray(pixels)) for _, pixels in panels]
    width = sum(picture.width for picture in pictures) + GAP * (len(pictures) + 1)
    height = max(picture.height for picture in pictures) + CAPTION + GAP
    sheet = Image.new("RGB", (width, height), "white")
    pen, font, left = ImageDraw.Draw(sheet), ImageFont.load_default(FONT_SIZE), GAP
    for (caption, _), picture in zip(panels, pictures, strict=True):
        pen.text((left, 4), caption, fill="black", font=font)
        sheet.paste(picture, (left, CAPTION))
        left += picture.width + GAP
    # Of the ways to choose colours this one keeps thin lines of a colour of their own.
    reduced = sheet.quantize(colours, method=Image.Quantize.MAXCOVERAGE) if colours else sheet
    with replacing(path) as temporary:
        reduced.save(temporary, format="PNG", optimize=True)


def _enlarged(picture: Any) -> Any:
    """The picture at a size one can look at, voxels as squares."""
    factor = max(1, PANEL // max(picture.size))
    return picture.resize((picture.width * factor, picture.height * factor), resample=0)
