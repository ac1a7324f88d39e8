"""The page of `python -m benchmarks phantom` and `python -m benchmarks real`: what the segmentations are worth."""

from benchmarks.real.page import CHAPTER
from benchmarks.reporting.page import placeholder

PAGE = "quality.md"

TEMPLATE = f"""\
# What the segmentations are worth

## Phantoms

120 generated volumes of 50³ voxels: 80 are learned from, 20 are there to choose settings by, 20 are scored. Each of the
20 is segmented alone. Scored is the matched Dice: each class with its own region, matched so that the sum is the
highest possible, mean over the classes with the background among them. 2 regions are held against level 1 (2 classes),
4 against level 2 (4 classes) and 8 against level 3 (6 classes).

### Regular

{placeholder("phantom regular")}

### Irregular

Every skin is dented.

{placeholder("phantom irregular")}

### How it was measured

{placeholder("phantom run")}

{CHAPTER}
"""
