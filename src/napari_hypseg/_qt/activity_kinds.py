"""The kinds of work the window does one at a time, and what a person reads of each."""

from dataclasses import dataclass

from napari_hypseg.jobs import Stage


@dataclass(frozen=True)
class ActivityKind:
    """One kind of work.

    Parameters
    ----------
    busy
        Why other work has to wait, while it is under way.
    idle
        Why its own controls are off, while it is not.
    closing
        What closing the panel does to it; ``{project}`` stands for the project at hand. Empty if nothing is lost.
    first_stage
        What is shown until its job reports.
    stoppable
        Stages in which stopping early still keeps something.
    late
        Why it cannot be stopped in any other stage.
    then
        What follows learning.
    holds_project
        Whether the project at hand must not be exchanged for another one meanwhile.
    """

    busy: str
    idle: str = ""
    closing: str = ""
    first_stage: Stage = Stage.START
    stoppable: frozenset[Stage] = frozenset()
    late: str = ""
    then: str = ""
    holds_project: bool = False


LEARN = ActivityKind(
    busy="learning is under way.",
    idle="nothing is being learned.",
    closing="Closing the panel ends learning. What was learned so far is kept in {project}; open that project again to "
    "make its regions or to learn on.",
    first_stage=Stage.KEEP,
    stoppable=frozenset({Stage.KEEP, Stage.START, Stage.PREPARE, Stage.LEARN}),
    late="regions are on their way.",
    then="; then the regions are made",
    holds_project=True,
)
FIRST = ActivityKind(
    busy="first regions are being made.",
    idle="no first regions are being made.",
    closing="Closing the panel ends the making of first regions; nothing of them is kept.",
    first_stage=Stage.KEEP,
    holds_project=True,
)
LOCATE = ActivityKind(
    busy="the sample is being looked for.",
    idle="the sample is not being looked for.",
    closing="Closing the panel ends the search for the sample; nothing of it is kept.",
    first_stage=Stage.KEEP,
    stoppable=frozenset({Stage.KEEP, Stage.START, Stage.READ, Stage.LEARN}),
    late="learning is over and the box is on its way.",
    then="; then the box is drawn",
)
EXPORT = ActivityKind(
    busy="an export is under way.",
    closing="Closing the panel ends the export; no half-written file is left.",
    holds_project=True,
)
CROP = ActivityKind(
    busy="a cropped volume is being written.",
    closing="Closing the panel ends the writing of the cropped volume; no half-written file is left.",
)
DRAW = ActivityKind(
    busy="what was learned is being drawn.",
    idle="nothing is being drawn.",
    closing="Closing the panel ends the drawing; nothing of it is kept.",
    holds_project=True,
)
MEASURE = ActivityKind(
    busy="structures are being measured.",
    idle="nothing is being measured.",
    closing="Closing the panel ends the measuring; nothing of it is kept.",
    holds_project=True,
)
SURFACE = ActivityKind(
    busy="surfaces are being made.",
    idle="no surface is being made.",
    closing="Closing the panel ends the making of surfaces; those that are shown stay.",
    first_stage=Stage.SURFACE,
    holds_project=True,
)
SAVE_AS = ActivityKind(
    busy="a copy of the project is being saved.",
    idle="no copy is being saved.",
    closing="Closing the panel ends the copying; no half-written project is left, and {project} stays as it is.",
    first_stage=Stage.COPY,
    holds_project=True,
)
APPLY = ActivityKind(
    busy="what was named is being carried to other volumes.",
    idle="nothing is being carried to other volumes.",
    closing="Closing the panel ends what is carried to other volumes; those that are done stay, and the same command "
    "goes on with the rest later.",
)
SEND_BACK = ActivityKind(
    busy="corrections are being sent back.",
    closing="Closing the panel ends the sending of corrections; what was sent stays, the rest can be sent later.",
    holds_project=True,
)
CLASSIFY = ActivityKind(
    busy="particles are being classified.",
    idle="no particles are being classified.",
    closing="Closing the panel ends the classifying; nothing of it is kept.",
    stoppable=frozenset({Stage.START, Stage.PREPARE, Stage.LEARN, Stage.TURN}),
    late="only learning and turning can be stopped early.",
    then="; then the classes are made",
    holds_project=True,
)
OPEN = ActivityKind(busy="a project is being opened.", holds_project=True)
