"""Everything that decides a run, as one frozen record: saved with the project, read by the command and the panel."""

from typing import Any

from pydantic import Field

from napari_hypseg.config import Config
from napari_hypseg.encoding.settings import LeafSettings
from napari_hypseg.training.settings import TrainingSettings


class RunSettings(Config):
    """Settings of learning, leaves and tree."""

    method: str = Field("hyperbolic", title="Method", description="What learns to tell structures apart.")
    model: dict[str, Any] = Field(
        default_factory=dict,
        title="Model",
        description="The method's own settings, where they differ from its defaults.",
    )
    training: TrainingSettings = Field(default_factory=TrainingSettings)
    leaves: LeafSettings = Field(default_factory=LeafSettings)
