"""napari prefers this plugin's reader and writers for its files, where nobody else is concerned.

napari's own reader offers itself for every folder and for most endings, so that each file of them raises a dialog; its
own writers forget voxel size and names.
"""

import logging
import os
from collections.abc import Iterable
from fnmatch import fnmatch

from npe2 import PluginManager

from napari_hypseg._napari.layer_project import PROJECT_SUFFIX
from napari_hypseg.io.registry import readable_suffixes

logger = logging.getLogger(__name__)

PLUGIN = "napari-hypseg"
BUILTIN = "napari"
COMMANDS = f"{PLUGIN}."
FOLDERS = (PROJECT_SUFFIX, ".zarr")
"""Endings of what is a folder; napari knows a folder by the separator behind it."""


def prefer_reader() -> None:
    """Set this plugin as the reader of its files in napari's preferences, once, where nobody else is concerned.

    That is where the person has chosen no reader yet and no plugin but napari itself reads such files. What a person
    changes in the preferences afterwards stays.
    """
    from napari.settings import get_settings

    settings = get_settings().plugins
    chosen = settings.extension2reader
    if PLUGIN in chosen.values():
        return
    patterns = [_pattern(suffix) for suffix in (PROJECT_SUFFIX, *readable_suffixes())]
    rivals = _patterns_of_others()
    free = [pattern for pattern in patterns if not _is_taken(pattern, chosen) and not _is_taken(pattern, rivals)]
    settings.extension2reader = {**chosen, **dict.fromkeys(free, PLUGIN)}


def _pattern(suffix: str) -> str:
    return f"*{suffix}{os.sep}" if suffix.endswith(FOLDERS) else f"*{suffix}"


def _is_taken(pattern: str, others: Iterable[str]) -> bool:
    """Whether one of `others` is for files that `pattern` is for, too."""
    name = pattern.replace("*", "name")
    return any(fnmatch(name, other) or fnmatch(name.rstrip(os.sep), other) for other in others)


def _patterns_of_others() -> list[str]:
    manifests = PluginManager.instance().iter_manifests(disabled=False)
    return [
        pattern
        for manifest in manifests
        if manifest.name not in (PLUGIN, BUILTIN)
        for reader in manifest.contributions.readers or ()
        for pattern in reader.filename_patterns
    ]


def offer_writers_first() -> None:
    """Let napari offer this plugin's writers before its own, which forget voxel size and names.

    The first is the TIFF stack, as ever; what is no volume, and every ending of napari's own, is handed on to it.
    """
    try:
        PluginManager.instance()._contrib._writers.sort(key=lambda entry: not entry[3].command.startswith(COMMANDS))
    except (AttributeError, IndexError, TypeError):
        logger.debug("napari's writers are not where they were", exc_info=True)
