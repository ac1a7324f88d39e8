"""First regions at the head of step 4: how to get them where there are none, and what they are once they are there."""

from collections.abc import Callable

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QLabel, QVBoxLayout, QWidget

from napari_hypseg._qt.activity import Activity
from napari_hypseg._qt.activity_kinds import FIRST, LEARN
from napari_hypseg._qt.model import WindowModel
from napari_hypseg._qt.widgets.controls import button, set_enabled
from napari_hypseg._qt.widgets.job_controls import JobControls

NAME = "First regions"
EXPLANATION = (
    "Divides the picture at once, by filters alone and without learning; what is large is looked at coarsely. Train "
    "refines the regions later, and what was named is carried over."
)
NONE_YET = "There are no regions yet. Filters give first ones within seconds; learning refines them."
NOT_LEARNED = "From filters, not learned yet. Train refines these regions, and what is named is carried over."
LEARNING = "From filters, not learned yet. What you name is carried over to what is being learned."


class FirstRegionsPanel(QWidget):
    """A sentence, the button while there are no regions, and progress while first ones are made or refined.

    Parameters
    ----------
    model, activity
        The project at hand, and what is under way.
    refusal
        Why no first regions can be made now, None if they can.
    """

    requested = Signal()

    def __init__(self, model: WindowModel, activity: Activity, refusal: Callable[[], str | None]) -> None:
        super().__init__()
        self._model, self._activity, self._refusal = model, activity, refusal
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.start = button(NAME, EXPLANATION, self.requested.emit, main=True)
        self.job = JobControls(activity, FIRST, cancel="Ends the work now and leaves the picture as it is.")
        self.learning = learning_controls(activity)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for widget in (self.sentence, self.start, self.job, self.learning):
            layout.addWidget(widget)
        activity.changed.connect(self.refresh)
        model.project_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what there is to say and to do."""
        making, there = self._activity.kind is FIRST, self._model.tree is not None
        learning = self._activity.kind is LEARN
        self.sentence.setText(NONE_YET if not there else LEARNING if learning else NOT_LEARNED)
        self.sentence.setVisible(not making and (not there or self._model.from_filters))
        self.start.setVisible(not making and not there)
        self.job.setVisible(making)
        self.learning.setVisible(learning and self._model.from_filters)
        self.setVisible(making or not there or self._model.from_filters)
        set_enabled(self.start, self._refusal())


def learning_controls(activity: Activity) -> JobControls:
    """The controls of learning, here and in step 3."""
    return JobControls(
        activity,
        LEARN,
        pause="Lets learning stand still; the preview keeps what it shows until Resume goes on.",
        stop="Ends learning now and shows the regions found so far.",
        cancel="Ends the work now and leaves the picture as it is; what was learned last is kept.",
    )
