"""Spin boxes for real numbers of any size, and for voxels along an axis."""

from qtpy.QtCore import Qt
from qtpy.QtGui import QValidator
from qtpy.QtWidgets import QDoubleSpinBox, QSpinBox, QWidget


class FloatSpinBox(QDoubleSpinBox):
    """Writes 0.0003 and 1.5 without trailing zeros, and steps by a tenth of what it shows."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setDecimals(12)
        self.setKeyboardTracking(False)

    def textFromValue(self, value: float) -> str:
        """Shortest text that says `value`."""
        return f"{value:.6g}"

    def valueFromText(self, text: str | None) -> float:
        """Value of a text with or without the unit."""
        return float(self._bare(text) or 0)

    def validate(self, text: str | None, position: int) -> tuple[QValidator.State, str, int]:
        """Let through what is a number or may become one."""
        state = QValidator.State.Acceptable
        try:
            float(self._bare(text))
        except ValueError:
            partial = set(self._bare(text)) <= set("0123456789.eE+-")
            state = QValidator.State.Intermediate if partial else QValidator.State.Invalid
        return state, text or "", position

    def stepBy(self, steps: int) -> None:
        """Move by a tenth of the value for each step."""
        self.setValue(self.value() + steps * (abs(self.value()) / 10 or 0.1))

    def _bare(self, text: str | None) -> str:
        return (text or "").removesuffix(self.suffix()).strip()


class VoxelSpinBox(QSpinBox):
    """A voxel along an axis, told once it is typed."""

    def __init__(self, prefix: str) -> None:
        super().__init__()
        self.setPrefix(prefix)
        self.setKeyboardTracking(False)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
