"""Label maps of made-up specimens of one kind, and images of them."""

import nibabel as nib
import numpy as np

NAMES = {3: "body", 5: "left", 8: "right", 9: "core", 12: "front", 14: "cap", 20: "stem"}
SOLIDS = {
    3: ((0.0, 0.0, 0.0), (0.78, 0.72, 0.66)),
    5: ((0.1, 0.0, -0.3), (0.3, 0.34, 0.22)),
    8: ((0.1, 0.0, 0.3), (0.3, 0.34, 0.22)),
    9: ((-0.25, 0.1, 0.0), (0.16, 0.3, 0.3)),
    12: ((0.1, 0.45, 0.0), (0.3, 0.14, 0.25)),
    14: ((0.6, 0.0, 0.0), (0.12, 0.3, 0.3)),
    20: ((-0.55, -0.2, 0.0), (0.22, 0.16, 0.16)),
}
"""Centre and radii (z, y, x) of each label, relative to half the edge of the grid."""
GREY = {0: 0.0, 3: 60.0, 5: 100.0, 8: 105.0, 9: 30.0, 12: 140.0, 14: 90.0, 20: 120.0}


def label_phantom(shape=(36, 40, 32), seed=0, spread=0.04, labels=tuple(SOLIDS)):
    """uint8 (z, y, x); another seed is another specimen."""
    random = np.random.default_rng(seed)
    axes = [np.linspace(-1, 1, n) for n in shape]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    made = np.zeros(shape, dtype=np.uint8)
    for label in labels:
        centre, radii = (np.asarray(part) for part in SOLIDS[label])
        centre = centre + spread * random.standard_normal(3)
        radii = radii * (1 + spread * random.standard_normal(3))
        made[(((places - centre) / radii) ** 2).sum(axis=-1) < 1] = label
    return made


def image_of(labels, seed=0, noise=6.0):
    """Grey values float32 (z, y, x) of a label map."""
    table = np.zeros(256, dtype=np.float32)
    for label, grey in GREY.items():
        table[label] = grey
    return table[labels] + noise * np.random.default_rng(seed).standard_normal(labels.shape).astype(np.float32)


def save_nifti(path, values, size=1.0, flip=False):
    """A NIfTI file; `flip` stores it from the other side, in the same place."""
    affine = np.diag([size, size, size, 1.0])
    stored = values.transpose(2, 1, 0)
    if flip:
        stored = stored[::-1]
        affine[0, 0], affine[0, 3] = -size, size * (values.shape[2] - 1)
    image = nib.Nifti1Image(np.ascontiguousarray(stored), affine)
    image.header.set_xyzt_units("mm")
    nib.save(image, path)
    return path
