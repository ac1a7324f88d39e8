"""Additions to napari's style: keyboard focus, and ticks in lists that are visible in any theme."""

from napari._qt.qt_resources import QColoredSVGIcon
from napari.utils.theme import get_theme
from qtpy.QtGui import QIcon

BUTTONS = ("QPushButton", "QToolButton", "QCheckBox")
ENTRIES = (
    "QComboBox", "QAbstractSpinBox", "QLineEdit", "QPlainTextEdit", "QSlider", "QListWidget", "QTreeWidget",
    "QTableView",
)  # fmt: skip


def style_sheet(theme: str) -> str:
    """Additions to the style of napari's theme called `theme`."""
    colours = get_theme(theme)
    focused = ", ".join(f"{name}:focus" for name in (*BUTTONS, *ENTRIES))
    return f"""
    {focused} {{ border: 1px solid {colours.text.as_hex()}; }}
    QPlainTextEdit {{ background: {colours.foreground.as_hex()}; }}
    QTableView {{ background: {colours.foreground.as_hex()}; color: {colours.text.as_hex()}; border: none; }}
    QTableView::item:selected {{ background: {colours.current.as_hex()}; }}
    QTableView QHeaderView::section {{
        background: {colours.background.as_hex()}; color: {colours.text.as_hex()};
        border: none; border-bottom: 1px solid {colours.primary.as_hex()}; padding: 3px 16px 3px 4px;
    }}
    QListWidget::indicator {{
        width: 12px; height: 12px; border-radius: 2px;
        background: {colours.background.as_hex()}; border: 1px solid {colours.icon.as_hex()};
    }}
    QListWidget::indicator:checked {{
        background: {colours.current.as_hex()}; image: url("theme_{colours.id}:/check.svg");
    }}
    QListWidget::indicator:disabled {{ border: 1px solid {colours.secondary.as_hex()}; }}
    """


def theme_icon(name: str, theme: str) -> QIcon:
    """One of napari's icons in the colour of a theme."""
    icon: QIcon = QColoredSVGIcon.from_resources(name).colored(theme=theme)
    return icon
