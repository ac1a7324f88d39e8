"""What is in an anatomical prior: a record for programs, and a table for a person."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_hypseg.structures.length_units import unit_symbol

if TYPE_CHECKING:
    from rich.console import ConsoleRenderable

    from napari_hypseg.training.prior_file import AnatomicalPrior


def prior_record(path: Path, prior: "AnatomicalPrior") -> dict[str, Any]:
    """Plain values."""
    return {
        "path": path,
        "labels": [{"code": one.code, "name": one.name, "volume": one.volume} for one in prior.labels],
        "shape": prior.shape,
        "spacing": prior.spacing,
        "unit": prior.unit,
        "direction": prior.direction,
        "specimens": prior.specimens,
        "latent_dim": prior.latent_dim,
        "deformation": prior.deformation,
        "steps": prior.steps,
        "seconds": prior.seconds,
        "loss": prior.loss,
    }


def prior_table(prior: "AnatomicalPrior") -> "ConsoleRenderable":
    """The labels with their mean volumes, below what they were learned from."""
    from rich.table import Table

    unit = unit_symbol(prior.unit)
    grid = "×".join(map(str, prior.shape))
    table = Table(
        title=f"{len(prior.labels)} labels of {', '.join(prior.specimens)}\n"
        f"grid {grid} of {prior.spacing[0]:.3g} {unit}, {prior.steps} steps, deformation {prior.deformation:g}",
        title_justify="left",
    )
    table.add_column("code", justify="right")
    table.add_column("name")
    table.add_column(f"volume ({unit}³)", justify="right")
    for label in prior.labels:
        table.add_row(str(label.code), label.name, f"{label.volume:.4g}")
    return table
