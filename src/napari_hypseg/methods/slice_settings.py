"""What every localizer that looks at slices can be told."""

from pydantic import Field

from napari_hypseg.config import ADVANCED, Config


class SliceSettings(Config):
    """Dropout and start of learning."""

    dropout: float = Field(
        0.1,
        gt=0,
        lt=1,
        title="Dropout",
        description="Share of features left out at a time.",
        json_schema_extra=ADVANCED,
    )
    seed: int = Field(0, ge=0, lt=2**31, title="Seed", description="Start of learning.", json_schema_extra=ADVANCED)
