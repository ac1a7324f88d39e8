"""Draws sections of a tomogram with its particles, as in `docs/particles.md`.

    python docs/particles.py tomogram.mrc particles.csv points.csv --sections 48 57 66

Both lists are those of `hypseg particles`: circles for particles with a diameter, dots with normals for points.
"""

import argparse
import csv
from pathlib import Path

import mrcfile
import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter, zoom

SCALE, ARROW, COLOURS = 3, 11, 64
CIRCLE, DOT = (255, 210, 0), (0, 230, 255)


def read(path):
    """The columns of a table by name."""
    with path.open(newline="") as file:
        names, *rows = csv.reader(file)
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def vectors(table, names):
    """Three columns as an array (n, 3)."""
    return np.array([table[name] for name in names], dtype=float).T


def section(grey, z, voxel, particles, points):
    """One section with what lies in it."""
    picture = Image.fromarray(np.uint8(255 * np.clip(zoom(grey[z], SCALE, order=1), 0, 1))).convert("RGB")
    draw = ImageDraw.Draw(picture)
    centres, diameters = vectors(particles, ("z_voxel", "y_voxel", "x_voxel")), particles["diameter_angstrom"]
    for name, centre, diameter in zip(particles["id"], centres, diameters, strict=True):
        squared = (float(diameter) / voxel / 2) ** 2 - (centre[0] - z) ** 2
        if squared > 0:
            y, x, radius = centre[1] * SCALE, centre[2] * SCALE, SCALE * squared**0.5
            draw.ellipse([x - radius, y - radius, x + radius, y + radius], outline=CIRCLE)
            draw.text((x - 4, y - 5), name, fill=CIRCLE)
    places, normals = (vectors(points, [f"{stem}" % a for a in "zyx"]) for stem in ("%s_voxel", "axis_%s"))
    for place, normal in zip(places, normals, strict=True):
        if abs(place[0] - z) < 0.8:
            y, x = place[1:] * SCALE
            draw.ellipse([x - 1.5, y - 1.5, x + 1.5, y + 1.5], fill=DOT)
            draw.line([x, y, x + ARROW * normal[2], y + ARROW * normal[1]], fill=DOT)
    return np.asarray(picture)


def main():
    """Draw and save."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("tomogram", "particles", "points"):
        parser.add_argument(name, type=Path)
    parser.add_argument("--sections", type=int, nargs="+", default=[48, 57, 66])
    parser.add_argument("--out", type=Path, default=Path("docs/images/17-particles.png"))
    arguments = parser.parse_args()
    with mrcfile.open(arguments.tomogram) as file:
        grey, voxel = gaussian_filter(file.data.astype(float), 0.7), float(file.voxel_size.x)
    low, high = np.percentile(grey, [1, 99.5])
    tables = read(arguments.particles), read(arguments.points)
    sections = [section((grey - low) / (high - low), z, voxel, *tables) for z in arguments.sections]
    Image.fromarray(np.hstack(sections)).quantize(COLOURS).save(arguments.out, optimize=True)


if __name__ == "__main__":
    main()
