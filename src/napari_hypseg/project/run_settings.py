"""The settings of a run as one frozen record: saved with the project, read by the command and the panel."""

from typing import Any

from pydantic import Field, model_validator

from napari_hypseg.config_base import Config
from napari_hypseg.methods.registry import methods
from napari_hypseg.supervoxels.settings import LeafSettings
from napari_hypseg.training.settings import TrainingSettings


class RunSettings(Config):
    """Settings of learning, leaves and tree."""

    method: str = Field("hyperbolic", title="Method", description="Method that learns the features of voxels.")
    model: dict[str, Any] = Field(
        default_factory=dict,
        title="Model",
        description="The method's own settings, where they differ from its defaults.",
    )
    training: TrainingSettings = Field(default_factory=TrainingSettings)
    leaves: LeafSettings = Field(default_factory=LeafSettings)

    @model_validator(mode="before")
    @classmethod
    def _learn_as_the_method_does(cls, values: Any) -> Any:
        """Take the method's own settings of learning where none was set; a method that is not there has none."""
        if not isinstance(values, dict):
            return values
        named = values.get("method", cls.model_fields["method"].default)
        given = values.get("training", {})
        given = given.model_dump(exclude_unset=True) if isinstance(given, TrainingSettings) else given
        method = methods().get(str(named))
        if method is None or not method.training or not isinstance(given, dict):
            return values
        return {**values, "training": {**method.training, **given}}
