"""Work of known kinds that no change of the product makes faster or slower: the measure of its stages."""

import numpy as np
import torch

SORTED, EDGE, PRODUCTS, CELLS, SHIFTS = 600_000, 512, 6, 64, 4


def reference_work() -> None:
    """Sort, gather and count numbers, multiply matrices, convolve and compare volumes: a tenth of a second."""
    random = np.random.default_rng(0)
    keys = random.integers(0, 2**40, SORTED)
    np.sort(keys)
    order = np.argsort(keys[: SORTED // 2], kind="stable")
    np.cumsum(keys[order])
    np.bincount(keys % 1000, minlength=1000)
    matrix = torch.from_numpy(random.random((EDGE, EDGE), dtype=np.float32))
    for _ in range(PRODUCTS):
        matrix = (matrix @ matrix).clamp(0, 1)
    grey = torch.from_numpy(random.random((1, 1, CELLS, CELLS, CELLS), dtype=np.float32))
    torch.nn.functional.conv3d(grey, torch.ones(4, 1, 3, 3, 3))
    cells = random.random((2 * CELLS, 2 * CELLS, CELLS), dtype=np.float32)
    for _ in range(SHIFTS):
        cells = np.maximum(cells[1:], cells[:-1])
