"""The page of `python -m benchmarks structures`, and of a part of `python -m benchmarks clicks`."""

from benchmarks.reporting.page import placeholder

PAGE = "explorer.md"
STRUCTURES, NUCLEI, SIMILAR = "structures", "nuclei", "similar"

TEMPLATE = f"""\
# The explorer

## Counting and measuring

```console
python -m benchmarks structures --data DIR
```

{placeholder(STRUCTURES)}

Labels of real nuclei, taken together as one structure and split into pieces again with the default settings. A piece is
right if it shares more than half of its union with one nucleus.

{placeholder(NUCLEI)}

## More like this

```console
python -m benchmarks clicks --data DIR
```

{placeholder(SIMILAR)}
"""
