"""The stages of long work, in the order in which work goes through them, and the title of each.

The window and the command show the same titles. A stage is sent and stored as its plain string.
"""

from enum import StrEnum


class Stage(StrEnum):
    """A stage of a job; its `label` is what is being done."""

    label: str

    KEEP = "keep", "Setting up"
    START = "start", "Starting"
    VERIFY = "verify", "Verifying"
    READ = "read", "Reading the volume"
    PREPARE = "prepare", "Looking at the grey values"
    FIRST = "first", "Making first regions"
    LEARN = "learn", "Learning"
    PREVIEW = "preview", "Drawing a preview"
    ALIGN = "align", "Aligning the volume with the prior"
    FIND = "find", "Looking for the sample"
    OUTLINE = "outline", "Drawing the outline"
    SAMPLE = "sample", "Looking around"
    REGIONS = "regions", "Looking for edges"
    ENCODE = "encode", "Visiting every voxel"
    TOUCH = "touch", "Looking for neighbours"
    MERGE = "merge", "Joining neighbours that are alike"
    CLUSTER = "cluster", "Finding the smallest regions"
    LEAVES = "leaves", "Drawing the smallest regions"
    LEVELS = "levels", "Drawing them at lower resolution"
    DESCRIBE = "describe", "Describing the smallest regions"
    CONTEXT = "context", "Looking at surroundings"
    TREE = "tree", "Building the tree"
    DECODE = "decode", "Drawing what was learned"
    SCORE = "score", "Scoring"
    INSTANCES = "instances", "Splitting into pieces"
    MEASURE = "measure", "Measuring"
    TURN = "turn", "Turning particles onto one another"
    AVERAGE = "average", "Averaging"
    SURFACE = "surface", "Making the surface"
    PICK = "pick", "Looking for particles"
    COUNT = "count", "Counting particles"
    EXTRACT = "extract", "Cutting out particles"
    EXPORT = "export", "Writing"
    SAVE = "save", "Writing"
    FOLLOW = "follow", "Letting other volumes follow"
    COPY = "copy", "Copying the project"

    def __new__(cls, word: str, label: str = "") -> "Stage":
        """A member that equals `word`."""
        stage = str.__new__(cls, word)
        stage._value_ = word
        stage.label = label
        return stage


TITLE_WIDTH = max(len(stage.label) for stage in Stage)
"""Letters of the longest title."""


def stage_title(word: str) -> str:
    """The title of a stage; stages of methods of other packages are shown by their name."""
    return Stage(word).label if word in set(Stage) else word[:1].upper() + word[1:]
