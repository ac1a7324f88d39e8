"""The agreement with labels as Qt's views want it: one row a class, what is shown beside what could be reached."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from qtpy.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from qtpy.QtGui import QColor, QPixmap

CLASS, SHOWN, NODE, UNION = range(4)
HEADINGS = ("Class", "Shown", "Best node", "Leaves")
EXPLANATIONS = (
    "Label in the layer, by name where it has one; the tooltip of a row says how many voxels it has, where the volume "
    "was segmented and around it.",
    "Dice, from 0 to 1, of the region or structure that stands for the class in the picture now: every class gets one "
    "of its own so that all agree best. The colour is that in the picture; a click selects it.",
    "The highest Dice of any single node of any tree, and from how many regions on the slider shows it as one, in the "
    "other tree if that is named. A click selects it, grouped by its tree, and Enter makes it a structure.",
    "The highest Dice of any union of leaves: no structure without painting can do better. A click selects them.",
)
ROLE = Qt.ItemDataRole
LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
SWATCH = 10
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
Colour = Sequence[float]


@dataclass(frozen=True)
class AgreementRow:
    """What stands in a row.

    Parameters
    ----------
    texts, tooltips
        For each column.
    class_colour, shown_colour
        RGBA in [0, 1] of the class, and of what is matched with it; None for none.
    """

    texts: tuple[str, ...]
    tooltips: tuple[str, ...]
    class_colour: Colour | None = None
    shown_colour: Colour | None = None


class AgreementModel(QAbstractTableModel):
    """Shows rows; as long as there are as many, what is selected stays so."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: tuple[AgreementRow, ...] = ()

    def show(self, rows: Sequence[AgreementRow]) -> None:
        """Show other rows."""
        if len(rows) == len(self.rows) > 0:
            self.rows = tuple(rows)
            self.dataChanged.emit(self.index(0, 0), self.index(len(rows) - 1, UNION))
        else:
            self.beginResetModel()
            self.rows = tuple(rows)
            self.endResetModel()

    def rowCount(self, parent: Index = NOWHERE) -> int:
        """One a class."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = NOWHERE) -> int:
        """Those of `HEADINGS`."""
        return 0 if parent.isValid() else len(HEADINGS)

    def data(self, index: Index, role: int = ROLE.DisplayRole) -> Any:
        """Texts, with the colours that stand for them."""
        row, column = self.rows[index.row()], index.column()
        match role:
            case ROLE.DisplayRole:
                return row.texts[column]
            case ROLE.ToolTipRole:
                return f"<p>{row.tooltips[column]}</p>"
            case ROLE.TextAlignmentRole:
                return LEFT if column == CLASS else RIGHT
            case ROLE.DecorationRole:
                colours = {CLASS: row.class_colour, SHOWN: row.shown_colour}
                return _swatch(colours.get(column))
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = ROLE.DisplayRole) -> Any:
        """Titles; the tooltip says what a number is."""
        if orientation != Qt.Orientation.Horizontal:
            return None
        shown = {
            ROLE.DisplayRole: HEADINGS[section],
            ROLE.ToolTipRole: f"<p>{EXPLANATIONS[section]}</p>",
            ROLE.TextAlignmentRole: LEFT if section == CLASS else RIGHT,
        }
        return shown.get(ROLE(role))


def _swatch(colour: Colour | None) -> QPixmap | None:
    if colour is None:
        return None
    picture = QPixmap(SWATCH, SWATCH)
    red, green, blue = (float(part) for part in list(colour)[:3])
    picture.fill(QColor.fromRgbF(red, green, blue))
    return picture
