"""What the settings of the localizers do, as tables."""

from collections.abc import Callable, Sequence

from benchmarks.locate.ablation import SEED, STRUCTURE, UNTRAINED, AblationPlan, AblationRow
from benchmarks.reporting.page import table
from benchmarks.reporting.table_format import number, percent

SEEN = ("AUC of the map", "AUC of the profiles")
HEADS = {
    "sorting": ("", "mean displacement, slices", "by chance", *SEEN),
    "rotation": ("", "angles told right, %", "by chance, %", *SEEN),
}
CELLS: dict[str, Callable[[float | None], str]] = {
    "sorting": lambda value: number(value, 2),
    "rotation": lambda value: percent(value, 1),
}
FIXED = {STRUCTURE: "structure of the volume, no network", UNTRAINED: "network before learning"}


def ablation_section(rows: Sequence[AblationRow], plan: AblationPlan) -> str:
    """A table for each localizer, with what needs no learning on top."""
    told = (
        f"{plan.learned} scans of {plan.edge}³ voxels learned from in {plan.steps or 'the usual number of'} steps, "
        f"{plan.unseen} others looked at. Each row was learned once, with seed {SEED}: small differences say nothing."
    )
    bare = [row for row in rows if row.method == STRUCTURE]
    tables = []
    for method, head in HEADS.items():
        own = [row for row in rows if row.method == method]
        if own:
            lines = [_cells(row, CELLS[method]) for row in (*bare, *own)]
            tables += [f"### {method.capitalize()}", table(head, lines)]
    return "\n\n".join([told, *tables])


def _cells(row: AblationRow, show: Callable[[float | None], str]) -> tuple[str, ...]:
    auc = row.auc
    seen = (number(auc.map_auc, 3), number(auc.profile_auc, 3))
    return (_name(row), show(auc.control), show(auc.chance), *seen)


def _name(row: AblationRow) -> str:
    """The setting and its value, the default in bold."""
    if row.value is None:
        return FIXED[row.setting or row.method]
    value = ("yes" if row.value else "no") if isinstance(row.value, bool) else f"{row.value}"
    apart = f" ({360 / row.value:g}° apart)" if row.setting == "angles" and isinstance(row.value, int) else ""
    return f"**{row.setting} {value}{apart}, default**" if row.default else f"{row.setting} {value}{apart}"
