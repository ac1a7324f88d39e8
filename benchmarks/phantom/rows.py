"""The rows of the phantom benchmark, as data: what is compared, and why it is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from types import MappingProxyType
from typing import Any

from benchmarks.segmentation.baselines import Features, Learned, Supervised, Supervoxels
from benchmarks.segmentation.run_spec import Baseline
from napari_hypseg.errors import SettingError
from napari_hypseg.methods.registry import methods
from napari_hypseg.project.run_settings import RunSettings

BASELINE, ABLATION, PUBLISHED, DEFAULT, CEILING = "baseline", "ablation", "published", "default", "ceiling"

SPACES = ("euclidean", "hyperspherical", "hyperbolic")
DESIGNS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "base": {"decoder": "plain", "triplet_weight": 0},
        "gyroplane": {"decoder": "gyroplane", "triplet_weight": 0},
        "triplet": {"decoder": "plain"},
        "both": {"decoder": "gyroplane"},
    }
)
"""Settings of each row of the published ablation, for every latent space; the triplet's weight is the default."""


@dataclass(frozen=True)
class QualityRow:
    """Something that segments phantoms.

    Parameters
    ----------
    name
        Word of the command.
    title
        For the page.
    kind
        What it is there for.
    baseline
        How it segments.
    """

    name: str
    title: str
    kind: str
    baseline: Baseline

    def line(self, grouping: str) -> str:
        """Title of what one of the groupings gives."""
        alone = set(self.baseline.groupings) - {TREE_OF_KINDS} == {grouping}
        return self.title if alone else f"{self.title}, {grouping}"


BASELINES = (
    QualityRow("raw", "grey values", BASELINE, Features("raw")),
    QualityRow("gaussian", "Gaussian, σ 1", BASELINE, Features("gaussian")),
    QualityRow("tv", "total variation denoised", BASELINE, Features("tv")),
    QualityRow("filter-bank", "filter bank", BASELINE, Features("filter-bank")),
    QualityRow("slic", "SLIC supervoxels, Ward's tree", BASELINE, Supervoxels()),
)
CEILINGS = (QualityRow("unet", "3D U-Net, told the classes", CEILING, Supervised()),)

TREE, TREE_OF_KINDS = "tree", "tree of kinds"
Recipe = tuple[str, str, Mapping[str, Any], tuple[str, ...]]
"""Kind, method, settings and groupings of a row that is learned without classes."""
LEARNED: Mapping[str, Recipe] = MappingProxyType(
    {
        "hsu2021": (PUBLISHED, "hsu2021", {}, ("k-means", TREE)),
        **{f"{space}-{part}": (ABLATION, space, DESIGNS[part], (TREE,)) for space in SPACES for part in DESIGNS},
        "default": (DEFAULT, RunSettings.model_fields["method"].default, {}, (TREE, TREE_OF_KINDS)),
    }
)
QUICK_ROWS = ("gaussian", "slic", "default", "unet")
"""One of each kind, to see that everything works."""
OF_DIMENSION = ":"
"""Stands between the name of a row and the latent dimension that it is tried with."""


def choose_rows(patterns: Sequence[str] = (), latent_dims: Sequence[int] = ()) -> tuple[QualityRow, ...]:
    """The rows whose names match one of `patterns`, such as ``"hyperbolic-*"``, in their own order; all without any.

    Any installed method is a row as well, with its own defaults, if it is named in full. What learns without classes
    comes once for each of `latent_dims`, or with its own dimension.

    Raises
    ------
    SettingError
        If nothing matches one of the patterns.
    """
    rows = _rows(latent_dims)
    installed = {name: _learned(name, (ABLATION, name, {}, (TREE,)), latent_dims) for name in methods()}
    for pattern in patterns:
        if pattern not in installed and not any(fnmatchcase(name, pattern) for name in rows):
            named = ", ".join([*rows, *(name for name in installed if name not in rows)])
            raise SettingError(f"There is no row {pattern!r}; choose from: {named}.")
    chosen = [name for name in rows if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns)]
    named_in_full = [name for name in patterns if name in installed and name not in rows]
    return tuple(row for name in (*chosen, *named_in_full) for row in rows.get(name) or installed[name])


def row_named(name: str) -> QualityRow | None:
    """The row of a name as it stands in a measurement; None if there is none any more."""
    base, _, dim = name.partition(OF_DIMENSION)
    known = base in _rows(()) or base in methods()
    found = choose_rows([base], [int(dim)] if dim.isdecimal() else ()) if known else ()
    return next((row for row in found if row.name == name), None)


def _rows(latent_dims: Sequence[int]) -> dict[str, list[QualityRow]]:
    """All rows by name, each as often as there are latent dimensions to try it with."""
    learned = {name: _learned(name, recipe, latent_dims) for name, recipe in LEARNED.items()}
    return {**{row.name: [row] for row in BASELINES}, **learned, **{row.name: [row] for row in CEILINGS}}


def _learned(name: str, recipe: Recipe, latent_dims: Sequence[int]) -> list[QualityRow]:
    kind, method, settings, groupings = recipe
    varied = [
        QualityRow(
            f"{name}{OF_DIMENSION}{dim}",
            f"{name}, {dim} latent dimensions",
            kind,
            Learned(method, {**settings, "latent_dim": dim}, groupings),
        )
        for dim in latent_dims
    ]
    return varied or [QualityRow(name, name, kind, Learned(method, settings, groupings))]
