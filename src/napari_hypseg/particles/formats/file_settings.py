"""What a file of particles does not say by itself, or has to say."""

from typing import Literal

from pydantic import Field

from napari_hypseg.config_base import ADVANCED, Config


class FileSettings(Config):
    """How particles are read from a file, and written to one."""

    tomo_name: str = Field(
        "",
        max_length=1000,
        title="Tomogram",
        description="What the file calls the tomogram; by default as its volume is called here.",
    )
    pixel_size: float | None = Field(
        None,
        gt=0,
        le=1e6,
        title="Pixel size",
        description=(
            "Edge of the pixels that the file counts in: for RELION 4 those of the tilt series, unbinned. By default "
            "what the file says, else that of the tomogram."
        ),
        json_schema_extra={"unit": "Å"},
    )
    angles: Literal["auto", "degrees", "radians"] = Field(
        "auto",
        title="Angles",
        description="Unit of the angles in a file; auto takes degrees and refuses what looks like radians.",
        json_schema_extra=ADVANCED,
    )
    tomo_number: int = Field(
        0,
        ge=0,
        le=1_000_000_000,
        title="Tomogram number",
        description="Number of the tomogram in a Dynamo table; 0 takes the only one, and writes 1.",
        json_schema_extra=ADVANCED,
    )
    user_id: str = Field(
        "hypseg",
        pattern=r"^[A-Za-z0-9.-]+$",
        title="User",
        description="Who picked, for copick.",
        json_schema_extra=ADVANCED,
    )
    session_id: str = Field(
        "1",
        pattern=r"^[A-Za-z0-9.-]+$",
        title="Session",
        description="In which session, for copick.",
        json_schema_extra=ADVANCED,
    )
