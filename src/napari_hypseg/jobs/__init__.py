"""Long work as generators: what they yield, what can be sent to them, and how to drive one to its end."""

from napari_hypseg.jobs.job import Command, Job, Notice, Progress, drive, quietly
from napari_hypseg.jobs.stage import Stage

__all__ = ["Command", "Job", "Notice", "Progress", "Stage", "drive", "quietly"]
