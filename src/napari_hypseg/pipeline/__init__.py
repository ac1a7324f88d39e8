"""The stages as jobs: learn, segment, export, score. The command iterates them, the window runs them on a worker.

Jobs write to the project's folder and leave the `Project` object alone; whoever drives one calls `Project.reload`
when it has ended.
"""

from napari_hypseg.pipeline.learn import learn
from napari_hypseg.pipeline.preview import Preview, SliceView
from napari_hypseg.pipeline.run import run
from napari_hypseg.pipeline.segment import segment

__all__ = ["Preview", "SliceView", "learn", "run", "segment"]
