"""The agreement with each class in words and colours."""

from collections.abc import Mapping, Sequence
from html import escape

from napari_hypseg._qt.controllers.agreement import AgreementController
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.widgets.agreement_model import AgreementRow
from napari_hypseg._qt.widgets.measurement_model import display_text
from napari_hypseg.hierarchy.class_limits import ClassLimit
from napari_hypseg.structures.agreement import Agreement, ClassAgreement, ShownObject


def agreement_rows(found: Agreement, agreement: AgreementController, model: WindowModel) -> list[AgreementRow]:
    """A row for each class of `found`."""
    limits = agreement.counts.limits if agreement.counts is not None else ()
    names, several = agreement.names(), model.project is not None and len(model.project.hierarchies) > 1
    rows = []
    for one, limit in zip(found.classes, limits, strict=True):
        what, colour = _describe(one.matched, model)
        texts = (
            class_name(one.label, names),
            f"{one.dice:.2f}" if one.matched else "–",
            f"{limit.node_dice:.2f} {_at(limit, model)} {limit.n_regions}",
            f"{limit.union_dice:.2f}",
        )
        about = f"{escape(texts[0])}: {display_text(one.voxels)} voxels"
        tooltips = (about, *_tooltips(one, limit, what, several))
        rows.append(AgreementRow(texts, tooltips, agreement.colour(one.label), colour))
    return rows


def classes_text(found: Agreement) -> str:
    """How many classes there are, and whether background is one."""
    labels = [one.label for one in found.classes]
    count = f"{len(labels)} {'class' if len(labels) == 1 else 'classes'}"
    return f"{count}, background included" if 0 in labels else count


def class_name(label: int, names: Mapping[int, str]) -> str:
    """A label with its name, where it has one."""
    if label == 0 and 0 not in names:
        return "background"
    name = names.get(label, "")
    return f"{label} {name}" if name and name != str(label) else str(label)


def _at(limit: ClassLimit, model: WindowModel) -> str:
    """Where the slider shows the best node; by its name, if that is another tree than the one the slider cuts."""
    return "at" if model.tree is None or limit.tree == model.tree.name else limit.tree


def _tooltips(one: ClassAgreement, limit: ClassLimit, what: str, several_trees: bool) -> tuple[str, ...]:
    tree = f" by {escape(limit.tree)}" if several_trees else ""
    node = (
        f"Node {limit.node}{tree} has a Dice of {limit.node_dice:.3f} with this class; it is a region of its own from "
        f"{limit.n_regions} regions{tree} on. Click to select it there; Enter makes it a structure."
    )
    shown = (
        f"{escape(what)} stands for this class with a Dice of {one.dice:.3f}. Click to select it."
        if one.matched
        else "No region or structure is left for this class: move the slider to the right, or make a structure."
    )
    count = int(limit.union.sum())
    leaves = "leaf" if count == 1 else "leaves"
    union = f"The best union has {count} {leaves} and a Dice of {limit.union_dice:.3f}. Click to select it."
    return (shown, node, union)


def _describe(shown: ShownObject | None, model: WindowModel) -> tuple[str, Sequence[float] | None]:
    """Words and colour for what is shown."""
    annotation, table, tree = model.annotation, model.table, model.tree
    if shown is None or annotation is None or table is None or tree is None:
        return "", None
    if shown.structure is None:
        leaf = 1 + int(tree.leaf_order[tree.ranges[shown.node, 0]])
        return f"Region {shown.region}", table.rows[leaf].tolist()
    one = annotation.structures.get(shown.structure)
    if one is None:
        return "", None
    return (one.name if shown.whole else f"{one.name}, without what lies inside it,"), one.colour
