"""Which type of file napari offers first when a layer is saved."""

import logging

from npe2 import PluginManager

logger = logging.getLogger(__name__)

COMMANDS = "napari-hypseg."


def offer_writers_first() -> None:
    """Let napari offer this plugin's writers before its own, which forget voxel size and names.

    The first is the TIFF stack, as ever; what is no volume, and every ending of napari's own, is handed on to it.
    """
    try:
        PluginManager.instance()._contrib._writers.sort(key=lambda entry: not entry[3].command.startswith(COMMANDS))
    except (AttributeError, IndexError, TypeError):
        logger.debug("napari's writers are not where they were", exc_info=True)
